"""Traces: what a file has to be, and what is made of it."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from simulation.trace import TraceError, read_trace


def written(folder: Path, *lines: str) -> Path:
    path = folder / "clicks.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_values_between_two_rows_change_evenly(tmp_path: Path) -> None:
    rows = ["2026-11-02T06:00:30,1000.5", "2026-11-02T06:05:30,2000.5", "2026-11-02T06:10:30,2000.5"]
    trace = read_trace(written(tmp_path, "timestamp,value", *rows))
    assert (trace.name, trace.start) == ("clicks", datetime(2026, 11, 2, 6, tzinfo=UTC))
    assert trace.demand.tolist() == [1000.5, 1200.5, 1400.5, 1600.5, 1800.5, *[2000.5] * 6]


def test_small_counts_are_averaged_over_three(tmp_path: Path) -> None:
    rows = [f"2026-11-02 06:0{minute}:00,{value}" for minute, value in enumerate([3, 0, 6, 3])]
    assert read_trace(written(tmp_path, "timestamp,value", *rows)).demand.tolist() == [2, 3, 3, 4]


def test_a_thousandth_of_the_minutes_is_above_the_peak(tmp_path: Path) -> None:
    rows = [f"2026-11-02T{minute // 60:02}:{minute % 60:02}:00,{minute + 0.5}" for minute in range(1000)]
    scaled = read_trace(written(tmp_path, "timestamp,value", *rows)).scaled(32)
    assert (scaled.demand > 32).sum() == 1
    assert np.isclose(scaled.demand[1] / scaled.demand[0], 3)


GOOD = ["timestamp,value", "2026-11-02T06:00:00,1", "2026-11-02T06:05:00,2", "2026-11-02T06:10:00,3"]


@pytest.mark.parametrize(
    ("line", "text", "place", "expected"),
    [
        (0, "time,value", 1, "expected the header 'timestamp,value'"),
        (2, "2026-11-02T06:05:00,-2", 3, "expected a number of 0 or more, not '-2'"),
        (2, "2026-11-02T06:05:00,many", 3, "expected a number of 0 or more, not 'many'"),
        (2, "2026-11-02T06:05:00,nan", 3, "expected a number of 0 or more, not 'nan'"),
        (2, "2026-11-02T06:05:00,", 3, "expected a number of 0 or more, not ''"),
        (2, "yesterday,2", 3, "expected a time such as 2026-11-24T06:00:00, not 'yesterday'"),
        (2, "2026-11-02T06:05:00", 3, "expected two columns, timestamp and value, not 1"),
        (3, "2026-11-02T06:15:00,3", 4, "expected 2026-11-02 06:10:00, one step on"),
        (3, "2026-11-02T06:05:00,3", 4, "expected a time after 2026-11-02 06:05:00"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: int, text: str, place: int, expected: str) -> None:
    path = written(tmp_path, *GOOD[:line], text, *GOOD[line + 1 :])
    with pytest.raises(TraceError) as raised:
        read_trace(path)
    assert str(raised.value).startswith(f"{path}:{place}: ")
    assert expected in str(raised.value)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "expected the header"),
        ("timestamp,value\n", "at least two rows"),
        ("timestamp,value\n2026-11-02T06:00:00,1\n", "at least two rows"),
        ("timestamp,value\n2026-11-02T06:00:00,0\n2026-11-02T06:01:00,0\n", "a value above 0"),
    ],
)
def test_an_empty_trace_is_refused(tmp_path: Path, content: str, expected: str) -> None:
    path = tmp_path / "clicks.csv"
    path.write_text(content)
    with pytest.raises(TraceError, match=expected):
        read_trace(path)


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "clicks.csv"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(TraceError, match="UTF-8"):
        read_trace(path)
