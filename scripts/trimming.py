"""Leave out of installed wheels what a function never loads; requirements/trimming.toml says what that is, and why.

Entries there are `[[<wheel>]]` with `files` (patterns of names, where `*` also spans directories), `reason`, and
`architecture` where they count for one only.
"""

import re
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from wheels import installed

FIELDS = frozenset({"files", "reason", "architecture"})


class TrimmingError(Exception):
    """Trimming does not fit what there is to trim; the message says where and what to do."""


@dataclass(frozen=True, slots=True)
class Trim:
    """Files of `wheel` (normalised name) that are left out, for every architecture unless it names one."""

    wheel: str
    files: tuple[str, ...]
    reason: str
    architecture: str | None = None


def read_trims(path: Path) -> tuple[Trim, ...]:
    """The entries of the file; none when there is no file. Raises TrimmingError for an entry that says too little."""
    if not path.is_file():
        return ()
    trims = []
    for wheel, entries in tomllib.loads(path.read_text()).items():
        for entry in entries:
            if not entry.get("files") or not entry.get("reason") or entry.keys() - FIELDS:
                expected = "files and a reason, and may have an architecture"
                raise TrimmingError(f"{path.name}: an entry of {wheel} needs {expected}; got {sorted(entry)}.")
            trims.append(Trim(wheel, tuple(entry["files"]), entry["reason"], entry.get("architecture")))
    return tuple(trims)


def trim(site: Path, trims: tuple[Trim, ...], architecture: str, python: str) -> None:
    """Delete from `site` what `trims` says of the wheels in it, and extension modules of another CPython than `python`.

    Raises TrimmingError for a pattern that finds nothing: its wheel is not the one that was looked at.
    """
    versions = {wheel.name: str(wheel) for wheel in installed(site)}
    names = sorted(path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file())
    left_out = {name for name in names if _is_of_another_python(name, python)}
    for entry in trims:
        if entry.wheel not in versions or entry.architecture not in (None, architecture):
            continue
        for pattern in entry.files:
            found = [name for name in names if fnmatchcase(name, pattern)]
            if not found:
                remedy = "look where its files are now, and correct requirements/trimming.toml"
                raise TrimmingError(f"{versions[entry.wheel]} has no file {pattern}: {remedy}.")
            left_out.update(found)
    for name in left_out:
        (site / name).unlink()
    _remove_empty_directories(site)


def _is_of_another_python(name: str, python: str) -> bool:
    tag = re.search(r"\.cpython-(\d+)-[^/]*\.so$", name)
    return tag is not None and tag[1] != python.replace(".", "")


def _remove_empty_directories(site: Path) -> None:
    """Also those of metadata: an empty one would pass for a wheel that has no name."""
    for directory in sorted((path for path in site.rglob("*") if path.is_dir()), reverse=True):
        if not any(directory.iterdir()):
            directory.rmdir()
