import json
import resource
import subprocess
import sys
from math import nan
from pathlib import Path

import pytest

import bench
from benches import athena, geofence, imports, invoke_many, invoke_once, passing_time, sync
from benches.figure import BenchError, Figure
from benches.geofence import Attempt

PAGES = {"DescribeClusters": 10, "DescribeEvents": 20, "Query": 1}
CHANGES = {"ModifyCluster": 1000, "ModifyClusterMaintenance": 1000, "PutItem": 1000}


def run(calls: dict[str, int], *, seconds: float = 50.0, peak_mb: float = 60.0, outcome: str = "changed") -> sync.Run:
    return sync.Run(calls, {outcome: 1000}, seconds, 0.0, 4.5, peak_mb)


def beyond(first: sync.Run, second: sync.Run) -> list[str]:
    return [figure.name for figure in sync.figures(first, second, 1000) if not figure.within]


@pytest.mark.parametrize(("value", "within"), [(1.2, True), (1.25, True), (1.26, False), (nan, False)])
def test_a_figure_is_within_its_limit_up_to_the_limit(value: float, within: bool) -> None:
    assert Figure("import", value, 1.25, "x").within is within


def test_what_is_written_is_the_figures_and_the_machine(tmp_path: Path) -> None:
    path = tmp_path / "build" / "bench.json"
    bench.write(path, [Figure("import", 1.23456, 1.25, "x", {"repetitions": 15})], "3.13")
    content = json.loads(path.read_text())
    assert content["machine"].keys() == {"cpus", "architecture", "python"}
    expected = {"value": 1.235, "limit": 1.25, "unit": "x", "within": True, "detail": {"repetitions": 15}}
    assert content["figures"] == {"import": expected}


def test_a_figure_beyond_its_limit_is_named_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    kept, broken = Figure("import", 1.1, 1.25, "x"), Figure("sync_memory", 300, 256, "MB")
    assert bench.verdict([kept]) == 0
    assert capsys.readouterr().err == ""
    assert bench.verdict([kept, broken]) == 1
    assert capsys.readouterr().err == "bench: sync_memory is 300.00 MB; at most 256 is promised.\n"


def test_a_measurement_that_did_not_come_about_fails_and_leaves_no_figures(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> list[Figure]:
        raise BenchError("nothing ran")

    (tmp_path / "bench.json").write_text("of an earlier run")
    monkeypatch.setattr(bench, "BUILD", tmp_path)
    monkeypatch.setattr(bench, "build_payloads", lambda *_: None)
    monkeypatch.setitem(bench.BENCHES, "sync", fail)
    assert bench.main(["--quiet", "--only", "sync"]) == 1
    assert capsys.readouterr().err == "bench: nothing ran\n"
    assert not (tmp_path / "bench.json").exists()


def test_an_import_is_compared_by_the_lowest_times() -> None:
    assert imports.ratio([0.3, 0.2, 0.9], [0.1, 0.4, 0.2]) == 2.0


def test_a_thousand_clusters_are_31_pages_and_three_changes_each() -> None:
    assert beyond(run(PAGES | CHANGES), run(PAGES)) == []


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (run(PAGES | CHANGES | {"DescribeTags": 1}), run(PAGES), "sync_reads"),
        (run(PAGES | CHANGES), run(PAGES | {"Query": 2}), "sync_reads"),
        (run(PAGES | CHANGES | {"TagResource": 1}), run(PAGES), "sync_first_writes"),
        (run(PAGES | CHANGES), run(PAGES | {"PutItem": 1}), "sync_second_writes"),
        (run(PAGES | CHANGES, seconds=61), run(PAGES), "sync_first_run"),
        (run(PAGES | CHANGES), run(PAGES, seconds=61), "sync_second_run"),
        (run(PAGES | CHANGES), run(PAGES, peak_mb=257), "sync_memory"),
    ],
)
def test_whatever_a_run_does_too_much_is_beyond_a_limit(first: sync.Run, second: sync.Run, expected: str) -> None:
    assert beyond(first, second) == [expected]


def test_a_run_that_did_nothing_is_no_measurement() -> None:
    sync.require("first run", run({}), "changed")
    with pytest.raises(BenchError, match="should find 1000 clusters changed"):
        sync.require("first run", run({}, outcome="failed"), "changed")


def test_the_speed_up_is_over_the_same_calls_in_turn() -> None:
    assert run(PAGES | CHANGES, seconds=60.62).as_dict()["speed_up"] == 5.0


def test_a_year_is_scaled_from_the_days_that_were_measured() -> None:
    figure = passing_time.figure(2.0, 73)
    assert (figure.value, figure.detail) == (
        10.0,
        {"days": 73, "ticks_per_second": 36.5, "times_real_time": 36.5 * 86400},
    )


def test_the_memory_of_a_run_is_its_own(tmp_path: Path) -> None:
    """Linux counts what the starting process held into the ru_maxrss of what it starts."""
    ballast = bytearray(b"x") * 150_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 > len(ballast)
    (tmp_path / "echo.py").write_text("def handler(event, context):\n    return [event, context.function_version]\n")
    (tmp_path / "event.json").write_text('{"a": 1}')
    command = [sys.executable, invoke_once.__file__, "echo", tmp_path / "event.json", tmp_path / "result.json"]
    subprocess.run(command, env={"PYTHONPATH": str(tmp_path)}, check=True)
    measured = json.loads((tmp_path / "result.json").read_text())
    assert measured["answer"] == [{"a": 1}, "$LATEST"]
    assert 1 < measured["peak_mb"] < 100
    assert 0 <= measured["seconds"] < 5


def geofence_run(requests: int = 22, cpu: float = 0.001, given: str = "country") -> geofence.Run:
    """Ten attempts of each of two environments, which each ask the control as well."""
    attempts = [Attempt("8.8.8.8", "permitted")] * 19 + [Attempt("5.8.0.1", "country")]
    reasons = ["permitted"] * 19 + [given]
    return geofence.Run(attempts, reasons, [[9.0, *[cpu] * 9]] * 2, requests, connections=2, seconds=2.0)


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (geofence_run(), []),
        (geofence_run(requests=23), ["geofence_requests"]),
        (geofence_run(cpu=0.0051), ["geofence_cpu"]),
        (geofence_run(given="permitted"), ["geofence_wrong"]),
    ],
)
def test_a_decision_of_the_geofence_is_right_and_takes_one_request(run: geofence.Run, expected: list[str]) -> None:
    assert [figure.name for figure in geofence.figures(run) if not figure.within] == expected
    assert geofence.figures(run)[0].detail["decisions_per_second"] == 10


def test_malformed_addresses_are_not_asked_about() -> None:
    attempts = [Attempt("8.8.8.8", "permitted"), Attempt("nowhere", "address")]
    run = geofence.Run(attempts, ["permitted", "address"], [[0.1, 0.1]], requests=2, connections=1, seconds=1.0)
    assert run.requests_per_decision == 1


@pytest.mark.parametrize(
    ("allow", "statuses", "reason"),
    [
        (True, ["compliant"], "permitted"),
        (False, ["denied", "reason:country"], "country"),
        (True, ["denied", "reason:country"], "invalid"),
        (False, ["compliant"], "invalid"),
    ],
)
def test_a_response_is_believed_only_when_it_agrees_with_itself(allow: bool, statuses: list[str], reason: str) -> None:
    assert geofence.reason_of({"allow": allow, "posture-compliance-statuses": statuses}) == reason


def test_many_events_have_an_answer_and_a_figure_each(tmp_path: Path) -> None:
    (tmp_path / "echo.py").write_text("def handler(event, context):\n    return [event, context.function_name]\n")
    (tmp_path / "events.json").write_text("[1, 2]")
    command = [sys.executable, invoke_many.__file__, "echo", tmp_path / "events.json", tmp_path / "result.json"]
    subprocess.run(command, env={"PYTHONPATH": str(tmp_path)}, check=True)
    measured = json.loads((tmp_path / "result.json").read_text())
    assert measured["answers"] == [[1, "bench"], [2, "bench"]]
    assert len(measured["cpu_seconds"]) == 2
    assert measured["began"] <= measured["ended"]


def split(**more: float) -> list[str]:
    """The figures beyond their limit of a split that is read just within all of them, but for what is given."""
    steps = {"read": 1.0, "oracle": 1.1, "serialise": 0.6, "encrypt": 0.5, "convert": 4.0}
    steps |= {"convert_dear": 1.4, "convert_whole": 1.0}
    measured = steps | {"few_mb": 364.0, "many_mb": 400.0} | more
    speed = {step: [measured[step] * 3, measured[step]] for step in steps}
    made = athena.figures(speed, {"peak_mb": measured["few_mb"]}, {"peak_mb": measured["many_mb"]})
    return [figure.name for figure in made if not figure.within]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, []),
        ({"serialise": 0.4, "encrypt": 0.6}, []),
        ({"serialise": 0.59}, ["athena_read"]),
        ({"oracle": 1.11}, ["athena_read_oracle"]),
        ({"convert": 3.9}, ["athena_read_by_row"]),
        ({"convert_whole": 1.01}, ["athena_rows"]),
        ({"few_mb": 365.0, "many_mb": 401.0}, ["athena_memory"]),
        ({"few_mb": 363.0}, ["athena_memory_growth"]),
    ],
)
def test_a_split_is_read_as_fast_and_in_as_little_memory_as_is_promised(
    more: dict[str, float], expected: list[str]
) -> None:
    assert split(**more) == expected
