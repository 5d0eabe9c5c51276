"""CLOUDWATCH_002; https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from _values import blocks, number

RULE = {
    "id": "CLOUDWATCH_002",
    "severity": "high",
    "title": "Alarms ask for no more than CloudWatch looks back over",
    "why": "CloudWatch looks back over a day, or over seven when the period is an hour or more, and never sees more "
    "bad periods than it looks at. It refuses other alarms, during apply, when half of the plan is done.",
    "fix": """\
resource "aws_cloudwatch_metric_alarm" "silent" {
  period              = 3600
  evaluation_periods  = 48 # period x evaluation_periods: at most 604800, or 86400 with a period below 3600
  datapoints_to_alarm = 48 # at most evaluation_periods
}
""",
    "links": ["https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"],
}

HOUR, DAY = 3600, 86400


class AlarmsWithinLimits(BaseResourceCheck):
    """Judges alarms by the numbers that are known."""

    def __init__(self) -> None:
        super().__init__(
            name=RULE["title"],
            id=RULE["id"],
            categories=[CheckCategories.LOGGING],
            supported_resources=["aws_cloudwatch_metric_alarm"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """UNKNOWN when there is no number to judge by."""
        evaluated = number(conf, "evaluation_periods")
        if evaluated is None:
            return CheckResult.UNKNOWN
        if (number(conf, "datapoints_to_alarm") or 0) > evaluated:
            return CheckResult.FAILED
        queries = blocks(conf, "metric_query")
        periodic = [conf, *queries, *(metric for query in queries for metric in blocks(query, "metric"))]
        period = max((number(item, "period") or 0 for item in periodic), default=0)
        longest = 7 * DAY if period >= HOUR else DAY
        return CheckResult.PASSED if period * evaluated <= longest else CheckResult.FAILED


check = AlarmsWithinLimits()
