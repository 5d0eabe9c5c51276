"""LAMBDA_002; https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html"""

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

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
        logging = (conf.get("logging_config") or [{}])[0]
        named = logging.get("log_group", [None])[0] if isinstance(logging, dict) else None
        group = self._group(named or f"/aws/lambda/{conf['function_name'][0]}")
        if group is None:
            return CheckResult.UNKNOWN if named else CheckResult.FAILED
        days = (group.get("retention_in_days") or [None])[0]
        return CheckResult.PASSED if days else CheckResult.FAILED

    def _group(self, name: str) -> dict[str, Any] | None:
        kind = "aws_cloudwatch_log_group"
        nodes = [node for _, node in self.graph.nodes() if node.get("resource_type") == kind]
        groups = [conf for node in nodes for conf in node["config_"][kind].values()]
        return next((conf for conf in groups if conf.get("name", [None])[0] == name), None)


check = LogRetention()
