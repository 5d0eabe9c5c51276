"""Two builds of the zips: the same, or where they part."""

import zipfile
from pathlib import Path

import pytest

import compare

DATE = (1980, 1, 1, 0, 0, 0)
Date = tuple[int, int, int, int, int, int]
PLAIN = {"a.py": b"a" * 1000, "b.py": b"b"}


def build(directory: Path, files: dict[str, bytes], *, level: int = 6, date: Date = DATE) -> Path:
    directory.mkdir()
    with zipfile.ZipFile(directory / "greeter-arm64.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, date), content, zipfile.ZIP_DEFLATED, level)
    return directory


def test_equal_builds_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare.main([str(build(tmp_path / side, PLAIN)) for side in ("first", "second")]) == 0
    assert capsys.readouterr().out == "1 zips are the same in both builds\n"


@pytest.mark.parametrize(
    ("files", "level", "date", "said"),
    [
        ({**PLAIN, "b.py": b"c"}, 6, DATE, "b.py has other content"),
        ({"a.py": b"a" * 1000}, 6, DATE, "b.py is in one of them only"),
        ({**PLAIN, "a.pyc": b""}, 6, DATE, "a.pyc is in one of them only"),
        (PLAIN, 6, (2026, 1, 1, 0, 0, 0), "a.py has another date or mode"),
        (PLAIN, 0, DATE, "unlike versions of zlib"),
    ],
    ids=["content", "missing", "added", "date", "compression"],
)
def test_a_difference_is_named(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    files: dict[str, bytes],
    level: int,
    date: Date,
    said: str,
) -> None:
    first, second = build(tmp_path / "first", PLAIN), build(tmp_path / "second", files, level=level, date=date)
    assert compare.main([str(first), str(second)]) == 1
    assert said in capsys.readouterr().err


def test_a_zip_that_only_one_has_is_a_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = build(tmp_path / "first", PLAIN), build(tmp_path / "second", PLAIN)
    (second / "greeter-x86_64.zip").write_bytes(b"")
    assert compare.main([str(first), str(second)]) == 1
    assert "greeter-x86_64.zip is in one build only" in capsys.readouterr().err


def test_nothing_to_compare_is_no_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare.main([str(build(tmp_path / "first", PLAIN)), str(tmp_path / "absent")]) == 2
    assert "run `make package`" in capsys.readouterr().err
