"""What is no plan, or one that no verdict could stand on, is refused with the way out."""

import json
from pathlib import Path
from typing import Any

import pytest

import gate_plan
from benches.gate import plan

ADDRESS = "aws_sqs_queue.number_0"


def refused(tmp_path: Path, content: Any) -> str:
    path = tmp_path / "plan.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    with pytest.raises(gate_plan.GateError) as caught:
        gate_plan.read_plan(path, "any")
    return str(caught.value)


def unknown(changed: dict[str, Any], names: list[str]) -> None:
    """Let the arguments `names` of a planned change wait for apply."""
    for name in names:
        del changed["change"]["after"][name]
        changed["change"]["after_unknown"][name] = True


def test_a_plan_is_read(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(json.dumps(plan(4)))
    assert gate_plan.read_plan(tmp_path / "plan.json", "any") == plan(4)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"format_version": "0.2", "terraform_version": "1.0.11"},
            "of format 0.2, by Terraform 1.0.11; the gate reads",
        ),
        ({"format_version": "2.0"}, "the gate reads format 1"),
        ({"format_version": 1.2}, "it has no format_version"),
        ({"planned_values": {"root_module": None}}, "planned_values has no root_module"),
        ({"configuration": {"provider_config": {}}}, "configuration has no root_module"),
        ({"resource_changes": {}}, "resource_changes is no list"),
        ({"resource_changes": [{"address": "a.b"}]}, r"resource_changes[0] has no address or no actions"),
        ({"errored": True}, "was planned before an error ended it"),
        ({"deferred_changes": [{}, {}]}, "leaves 2 changes for a later plan"),
    ],
)
def test_a_plan_of_another_shape_or_half_made_is_refused(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    assert said in refused(tmp_path, {**plan(4), **change})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04", "is a saved plan: print it with `terraform show -json plan.json > plan.json`"),
        (b"\xff\xfe", "is not JSON"),
        ({"format_version": "1.0", "values": {"root_module": {}}}, "is a state, not a plan"),
    ],
    ids=["saved plan", "bytes", "state"],
)
def test_what_terraform_makes_besides_is_named(tmp_path: Path, content: Any, said: str) -> None:
    assert said in refused(tmp_path, content)


def test_a_plan_that_knows_nothing_before_apply_is_refused(tmp_path: Path) -> None:
    made = plan(4)
    for changed in made["resource_changes"]:
        changed["change"]["after"] = dict(changed["change"]["after"])
        unknown(changed, list(changed["change"]["after"]))
    assert "knows no argument of its 4 resources before apply" in refused(tmp_path, made)


def test_resources_of_which_nothing_is_known_are_counted() -> None:
    made = plan(4)
    [queue, group, *_] = made["resource_changes"]
    for changed in (queue, group):
        changed["change"]["after"] = dict(changed["change"]["after"])
    unknown(queue, list(queue["change"]["after"]))
    unknown(group, ["retention_in_days"])
    assert gate_plan.opaque(made) == [ADDRESS]
