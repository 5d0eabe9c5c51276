"""LAMBDA_002; https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html"""

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from _values import blocks, planned, value

RULE = {
    "id": "LAMBDA_002",
    "severity": "medium",
    "title": "Function logs are kept for a stated time",
    "why": "A function whose log group is in no plan makes one at its first invocation, kept for ever: it grows, "
    "costs, survives destroy, and holds personal data longer than anybody decided.",
    "fix": """\
resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${local.name}"
  retention_in_days = 365
}
""",
    "links": ["https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html"],
}

KIND = "aws_cloudwatch_log_group"


class LogRetention(BaseResourceCheck):
    """Judges each function by the log group that it writes to, related by name.

    A function that writes to a named group which the plan does not own is not judged: its owner states the time.
    """

    def __init__(self) -> None:
        super().__init__(
            name=RULE["title"],
            id=RULE["id"],
            categories=[CheckCategories.LOGGING],
            supported_resources=["aws_lambda_function"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """PASSED when the group is planned and expires; zero days are what AWS calls for ever."""
        named = next((value(block, "log_group") for block in blocks(conf, "logging_config")), None)
        wanted = f"/aws/lambda/{conf['function_name'][0]}" if named is None else named
        groups = [group for group in planned(self.graph, KIND) if group.get("name", [None])[0] == wanted]
        if not groups:
            return CheckResult.FAILED if named is None else CheckResult.UNKNOWN
        return CheckResult.PASSED if value(groups[0], "retention_in_days") else CheckResult.FAILED


check = LogRetention()
