"""CLOUDWATCH_001; https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html"""

import re
from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from _values import planned, strings, value

RULE = {
    "id": "CLOUDWATCH_001",
    "severity": "medium",
    "title": "Alarms tell somebody",
    "why": "An alarm without an action turns red on a page that nobody has open. The failure it watches for goes on as "
    "if nothing watched at all.",
    "fix": """\
resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_actions = [aws_sns_topic.alarms.arn]
  ok_actions    = [aws_sns_topic.alarms.arn]
}
""",
    "links": ["https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html"],
}


class AlarmsTell(BaseResourceCheck):
    """Judges alarms; one that a composite alarm of the same plan names is that alarm's to tell."""

    def __init__(self) -> None:
        super().__init__(
            name=RULE["title"],
            id=RULE["id"],
            categories=[CheckCategories.LOGGING],
            supported_resources=["aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """An action counts when it is taken on ALARM; actions that are switched off are none."""
        if value(conf, "alarm_actions") and value(conf, "actions_enabled") not in (False, "false"):
            return CheckResult.PASSED
        composites = planned(self.graph, "aws_cloudwatch_composite_alarm")
        ways = [rule for composite in composites for rule in strings(composite.get("alarm_rule"))]
        named = re.compile(rf"(?<![\w-]){re.escape(conf['alarm_name'][0])}(?![\w-])")
        return CheckResult.PASSED if any(named.search(rule) for rule in ways) else CheckResult.FAILED


check = AlarmsTell()
