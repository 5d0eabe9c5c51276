"""CLOUDWATCH_003; https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html"""

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from _values import value

RULE = {
    "id": "CLOUDWATCH_003",
    "severity": "high",
    "title": "Alarms on what must happen go off when nothing happens",
    "why": "A count of what does not happen is not zero: it is missing. Unless missing data count as breaching, an "
    "alarm that waits for fewer runs than expected never goes off when the runs have ended altogether.",
    "fix": """\
resource "aws_cloudwatch_metric_alarm" "silent" {
  metric_name         = "ManagedClusters"
  statistic           = "SampleCount"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
}
""",
    "links": ["https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html"],
}


class SilenceIsHeard(BaseResourceCheck):
    """Judges alarms that fire when a count, a sum or a number of samples is too small."""

    def __init__(self) -> None:
        super().__init__(
            name=RULE["title"],
            id=RULE["id"],
            categories=[CheckCategories.LOGGING],
            supported_resources=["aws_cloudwatch_metric_alarm"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """UNKNOWN for any other alarm; what an average says of silence is for its author to decide."""
        too_small = str(value(conf, "comparison_operator")).startswith("LessThan")
        if not too_small or value(conf, "statistic") not in ("SampleCount", "Sum"):
            return CheckResult.UNKNOWN
        return CheckResult.PASSED if value(conf, "treat_missing_data") == "breaching" else CheckResult.FAILED


check = SilenceIsHeard()
