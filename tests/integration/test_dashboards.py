"""PutDashboard judges what it is given, over the wire."""

import json
from collections.abc import Callable

from localcloud.client import LocalCloud

Refusal = Callable[..., tuple[str, str]]


def test_a_body_that_aws_refuses_is_refused_with_every_path(cloud: LocalCloud, name: str, refusal: Refusal) -> None:
    widgets = [{"type": "alarm", "properties": {"alarms": []}}, {"type": "metric", "properties": {"metrics": []}}]
    put = cloud.client("cloudwatch").put_dashboard
    code, message = refusal(put, DashboardName=name, DashboardBody=json.dumps({"widgets": widgets}))
    assert code == "InvalidParameterInput"
    assert message.startswith("The dashboard body is invalid, there are 3 validation errors:")
    assert "/widgets/0/properties/alarms" in message
    assert "/widgets/1/properties" in message
    code, message = refusal(put, DashboardName=name, DashboardBody="{")
    assert (code, message) == ("InvalidParameterInput", "The field DashboardBody must be a valid JSON object")


def test_a_dashboard_is_kept_as_it_was_put(cloud: LocalCloud, name: str) -> None:
    cloudwatch = cloud.client("cloudwatch")
    body = {"widgets": [{"type": "text", "properties": {"markdown": "# Ünïcode"}}]}
    cloudwatch.put_dashboard(DashboardName=name, DashboardBody=json.dumps(body))
    assert json.loads(cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"]) == body
    cloudwatch.delete_dashboards(DashboardNames=[name])
    assert name not in {entry["DashboardName"] for entry in cloudwatch.list_dashboards()["DashboardEntries"]}
