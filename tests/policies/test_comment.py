"""The comment says what would change, what that costs, and which rule says no; it is as short as code hosts ask."""

from typing import Any

import pytest

from costs import prices
from gate_changes import Change, Cost, changes, cost
from gate_comment import comment
from gate_report import Acceptance, Finding, Report
from rules import Rule

RULE = Rule(
    "X_001", "high", "Doors <are> shut", "Whoever finds one open walks in.", "door {\n}\n", ("https://x.org",), "x.py"
)


def report(**said: Any) -> Report:
    return Report("alpha", "plan.json", **{"rules": 1, "ran": 1, "judged": 1, "resources": {"X_001": 3}, **said})


def planned(kind: str, *actions: str, **values: Any) -> dict[str, Any]:
    change = {"actions": list(actions), "before": values, "after": None if actions == ("delete",) else values}
    return {"address": f"{kind}.{'_'.join(actions)}", "mode": "managed", "type": kind, "change": change}


def test_changes_are_listed_the_hardest_to_undo_first() -> None:
    kind = "aws_sqs_queue"
    ways = [("no-op",), ("create",), ("update",), ("create", "delete"), ("delete", "create"), ("delete",), ("forget",)]
    found = changes({"resource_changes": [planned(kind, *actions) for actions in ways]})
    assert [change.kind for change in found] == ["destroy", "replace", "replace", "update", "create", "forget"]


def test_an_import_is_a_change_though_nothing_is_done() -> None:
    imported = planned("aws_sqs_queue", "no-op")
    imported["change"]["importing"] = {"id": "x"}
    assert [change.kind for change in changes({"resource_changes": [imported]})] == ["import"]


def test_what_is_always_charged_is_added_up_and_the_rest_named() -> None:
    metric = {"metric": [{"namespace": "AWS/SQS", "metric_name": "Age"}]}
    found = changes(
        {
            "resource_changes": [
                planned("aws_nat_gateway", "create"),
                planned("aws_kms_key", "delete"),
                planned("aws_cloudwatch_metric_alarm", "create", metric_query=[metric, metric]),
                planned("aws_sqs_queue", "create"),
                planned("aws_vpc", "create"),
                planned("aws_eks_cluster", "create"),
                planned("aws_eip", "update"),
            ]
        }
    )
    expected = 32.40 - 1.00 + 2 * 0.10
    assert cost(found, prices()) == Cost(pytest.approx(expected), 1, ("aws_eks_cluster",))
    told = "+31.60 US dollars a month; 1 charged by use; unknown for aws_eks_cluster"
    assert str(cost(found, prices())) == told


def test_a_finding_has_its_place_its_reason_and_its_remedy() -> None:
    shut = Finding(RULE, 'aws_x.y["a|b`c"]', "main.tf", 7)
    borne = Finding(RULE, "aws_x.z", "main.tf", 9, Acceptance("Walled up <soon>."))
    text = comment(report(findings=[shut, borne], changes=[Change("create", 'aws_x.y["a|b`c"]', "aws_x")]))
    assert text.startswith("<!-- groundcrew-gate: alpha -->\n### The gate fails <code>alpha</code>\n")
    assert "#### high: X_001, Doors &lt;are&gt; shut" in text
    assert "- <code>aws_x.y[&quot;a&#124;b`c&quot;]</code>, <code>main.tf:7</code>" in text
    assert "```hcl\ndoor {\n}\n```" in text
    assert "X_001 at <code>aws_x.z</code>: Walled up &lt;soon&gt;." in text
    assert "| X_001 | 3 |" in text


@pytest.mark.parametrize(
    ("said", "heading"),
    [({}, "passes"), ({"refused": ["x"]}, "fails"), ({"errors": ["x"]}, "gives no verdict on")],
)
def test_the_heading_is_the_verdict(said: dict[str, Any], heading: str) -> None:
    assert f"### The gate {heading} <code>alpha</code>" in comment(report(**said))


def test_a_comment_is_never_longer_than_code_hosts_take() -> None:
    many = [
        Finding(Rule(f"X_{i}", "high", "t", "w", "f" * 200, (), "x.py"), "a" * 300, "main.tf", 1) for i in range(400)
    ]
    text = comment(report(findings=many))
    assert len(text) < 65_536
    assert text.endswith("This is not all: see the JSON report.\n")
