"""Compare two builds of the zips, made by unlike machines of the same commit: the same bytes, or where they part."""

import argparse
import sys
import zipfile
from itertools import zip_longest
from pathlib import Path


def main(argv: list[str]) -> int:
    """Return 0 when both hold the same zips; 1 with a sentence for each that differs, 2 when there is none."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=Path, help="a directory of zips, as `make package` leaves it")
    parser.add_argument("second", type=Path, help="another")
    arguments = parser.parse_args(argv)
    names = [{path.name for path in side.glob("*.zip")} for side in (arguments.first, arguments.second)]
    if not all(names):
        empty = arguments.first if not names[0] else arguments.second
        print(f"No zip in {empty}: run `make package` there first.", file=sys.stderr)
        return 2
    differences = [f"{name} is in one build only" for name in sorted(names[0] ^ names[1])]
    for name in sorted(names[0] & names[1]):
        if said := difference(arguments.first / name, arguments.second / name):
            differences.append(f"{name}: {said}")
    for line in differences:
        print(line, file=sys.stderr)
    if not differences:
        print(f"{len(names[0])} zips are the same in both builds")
    return 1 if differences else 0


def difference(first: Path, second: Path) -> str | None:
    """Where two zips part, or None when their bytes are the same.

    The entry tells a build that took something of its machine along from one that only compressed otherwise.
    """
    if first.read_bytes() == second.read_bytes():
        return None
    with zipfile.ZipFile(first) as one, zipfile.ZipFile(second) as other:
        for mine, theirs in zip_longest(one.infolist(), other.infolist()):
            if mine is None or theirs is None or mine.filename != theirs.filename:
                only = min(item.filename for item in (mine, theirs) if item is not None)
                return f"{only} is in one of them only"
            if one.read(mine) != other.read(theirs):
                return f"{mine.filename} has other content"
            if (mine.date_time, mine.external_attr) != (theirs.date_time, theirs.external_attr):
                return f"{mine.filename} has another date or mode"
    return "every entry is the same, and was compressed otherwise: the two machines have unlike versions of zlib"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
