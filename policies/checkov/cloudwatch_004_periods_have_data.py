"""CLOUDWATCH_004; https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""

from collections.abc import Iterator
from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from _values import blocks, number, value

RULE = {
    "id": "CLOUDWATCH_004",
    "severity": "high",
    "title": "Alarms look at periods in which their metric has data",
    "why": "AWS measures most things by the minute, and the size of a bucket once a day. An alarm that looks more "
    "often finds nothing in most of its periods, and never has as many bad ones in a row as it waits for.",
    "fix": """\
resource "aws_cloudwatch_metric_alarm" "bucket" {
  namespace   = "AWS/S3"
  metric_name = "BucketSizeBytes"
  period      = 86400 # of AWS's other metrics 60 and more; 10, 20 and 30 are for high resolution of your own
}
""",
    "links": [
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html",
    ],
}

MINUTE, DAY = 60, 86400
DAILY = {("AWS/S3", "BucketSizeBytes"), ("AWS/S3", "NumberOfObjects")}


class PeriodsHaveData(BaseResourceCheck):
    """Judges alarms on AWS's own metrics, also those of an expression."""

    def __init__(self) -> None:
        super().__init__(
            name=RULE["title"],
            id=RULE["id"],
            categories=[CheckCategories.LOGGING],
            supported_resources=["aws_cloudwatch_metric_alarm"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """UNKNOWN when no such metric has a known period."""
        found = list(_measured(conf))
        if not found:
            return CheckResult.UNKNOWN
        return CheckResult.PASSED if all(period >= least for period, least in found) else CheckResult.FAILED


def _measured(conf: dict[str, Any]) -> Iterator[tuple[int, int]]:
    """The period of each metric of AWS's, and how often that is measured, in seconds."""
    queries = blocks(conf, "metric_query")
    for metric in [conf, *(metric for query in queries for metric in blocks(query, "metric"))]:
        namespace, period = value(metric, "namespace"), number(metric, "period")
        if isinstance(namespace, str) and namespace.startswith("AWS/") and period:
            yield period, DAY if (namespace, value(metric, "metric_name")) in DAILY else MINUTE


check = PeriodsHaveData()
