"""What a plan costs: what is counted, and what is refused rather than left out."""

import json
from typing import Any

import pytest

import costs

PRICES: dict[str, Any] = {
    "region": "us-east-1",
    "monthly": {"aws_cloudwatch_metric_alarm": {"name": "alarm", "usd": 0.1}, "aws_kms_key": {"name": "key", "usd": 1}},
    "custom_metric": {"usd": 0.3},
    "function": {"usd_per_million_requests": 0.2, "usd_per_gb_second": {"arm64": 0.00001}},
    "waiting_environment": {"usd_per_gb_second": {"arm64": 0.000001}},
    "by_use": {"aws_sqs_queue": {"name": "queue", "per": "0.40 per million requests"}},
    "free": ["aws_cloudwatch_event_rule", "aws_cloudwatch_event_target", "aws_cloudwatch_dashboard"],
}
METRIC = ["Groundcrew/x", "Drift", "service", "blue"]


def plan(*resources: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """A plan whose root calls a module with these resources."""
    planned = [{"mode": "managed", "type": kind, "values": values} for kind, values in resources]
    data = {"mode": "data", "type": "aws_region", "values": {}}
    return {"planned_values": {"root_module": {"child_modules": [{"resources": [data, *planned]}]}}}


def alarm(namespace: str, metric: str, **dimensions: str) -> tuple[str, dict[str, Any]]:
    return "aws_cloudwatch_metric_alarm", {"namespace": namespace, "metric_name": metric, "dimensions": dimensions}


def test_what_costs_by_the_month_comes_first_and_what_costs_by_use_last() -> None:
    lines = costs.estimate(plan(("aws_sqs_queue", {}), alarm("AWS/SQS", "Depth"), ("aws_kms_key", {})), PRICES)
    assert [(line.what, line.count, line.usd) for line in lines] == [
        ("key", 1, 1),
        ("alarm", 1, 0.1),
        ("queue", 1, None),
    ]
    assert costs.total(lines) == pytest.approx(1.1)
    assert "| queue | 1 | 0.40 per million requests | by use |" in costs.table(lines, PRICES)
    assert costs.table(lines, PRICES).endswith("**1.10** |")


def test_an_alarm_on_metric_math_is_paid_for_by_its_metrics() -> None:
    queries: list[dict[str, Any]] = [
        {"expression": "a / b", "metric": []},
        {"metric": [{"namespace": "AWS/Kinesis", "metric_name": "IncomingBytes", "dimensions": {"StreamName": "s"}}]},
        {"metric": [{"namespace": "Groundcrew/x", "metric_name": "Drift", "dimensions": None}]},
    ]
    math = ("aws_cloudwatch_metric_alarm", {"namespace": None, "metric_name": None, "metric_query": queries})
    lines = costs.estimate(plan(math), PRICES)
    assert [(line.what, line.count) for line in lines] == [("metric of its own", 1), ("alarm", 2)]


def test_a_metric_is_paid_for_once_wherever_it_is_shown() -> None:
    widgets = [
        {"type": "text", "properties": {"markdown": "x"}},
        {
            "type": "metric",
            "properties": {
                "metrics": [METRIC, [*METRIC[:1], "Age", *METRIC[2:], {"stat": "Sum"}], [{"expression": "a / b"}]]
            },
        },
    ]
    board = ("aws_cloudwatch_dashboard", {"dashboard_body": json.dumps({"widgets": widgets})})
    lines = costs.estimate(plan(alarm("Groundcrew/x", "Drift", service="blue"), board, alarm("AWS/X", "Y")), PRICES)
    assert ("metric of its own", 2) in [(line.what, line.count) for line in lines]


def test_runs_by_a_schedule_cost_at_most_their_timeout() -> None:
    function = {"arn": "f", "function_name": "f", "timeout": 60, "memory_size": 512, "architectures": ["arm64"]}
    lines = costs.estimate(
        plan(
            ("aws_lambda_function", function),
            ("aws_cloudwatch_event_rule", {"name": "r", "schedule_expression": "rate(12 hours)"}),
            ("aws_cloudwatch_event_target", {"rule": "r", "arn": "f"}),
        ),
        PRICES,
    )
    (line,) = lines
    assert (line.count, line.usd) == (60, pytest.approx(60 * 60 * 0.5 * 0.00001 + 60 * 0.2 / 1e6))


def test_environments_that_wait_cost_all_month() -> None:
    function = {"arn": "f", "function_name": "f", "memory_size": 512, "architectures": ["arm64"]}
    waiting = {"function_name": "f", "provisioned_concurrent_executions": 2}
    lines = costs.estimate(
        plan(("aws_lambda_function", function), ("aws_lambda_provisioned_concurrency_config", waiting)), PRICES
    )
    (line,) = lines
    assert (line.count, line.usd) == (2, pytest.approx(2 * 0.5 * 30 * 86400 * 0.000001))


def test_what_has_no_price_is_refused_by_name() -> None:
    with pytest.raises(costs.PriceError, match=r"aws_nat_gateway has no price: add it to docs/prices.yaml"):
        costs.estimate(plan(("aws_nat_gateway", {})), PRICES)


def test_every_price_says_where_it_is_from_and_whether_it_was_checked() -> None:
    read = costs.prices()
    priced = [*read["monthly"].values(), *read["by_use"].values()]
    priced += [read[part] for part in ("custom_metric", "function", "waiting_environment")]
    assert all(price["source"].startswith("https://aws.amazon.com/") for price in priced)
    assert all(isinstance(price["checked"], bool) for price in priced)
