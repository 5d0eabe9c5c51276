"""LAMBDA_004; https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html"""

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from _values import LATER, blocks, number, strings, value

RULE = {
    "id": "LAMBDA_004",
    "severity": "medium",
    "title": "One bad record holds up no others",
    "why": "Without a report of what failed in a batch, a queue delivers the whole batch again and good messages are "
    "handled twice. A stream repeats the batch until its records expire, a day or more, and its shard stands "
    "still.",
    "fix": """\
resource "aws_lambda_event_source_mapping" "orders" {
  event_source_arn       = aws_kinesis_stream.orders.arn
  function_name          = aws_lambda_function.this.arn
  starting_position      = "LATEST"
  function_response_types = ["ReportBatchItemFailures"]
  maximum_retry_attempts = 5 # streams only, like what follows

  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.failures.arn
    }
  }
}
""",
    "links": [
        "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html",
    ],
}
BROKERS = ("amazon_managed_kafka_event_source_config", "self_managed_event_source", "document_db_event_source_config")


class BatchFailures(BaseResourceCheck):
    """Judges mappings of queues and of streams, which have a starting position; message brokers are not judged."""

    def __init__(self) -> None:
        super().__init__(
            name=RULE["title"],
            id=RULE["id"],
            categories=[CheckCategories.BACKUP_AND_RECOVERY],
            supported_resources=["aws_lambda_event_source_mapping"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """A queue that hands over one message at a time needs no report."""
        if value(conf, "topics") or value(conf, "queues") or any(blocks(conf, name) for name in BROKERS):
            return CheckResult.UNKNOWN
        stream = value(conf, "starting_position") is not None
        answers = conf.get("function_response_types")
        reported = value(conf, "function_response_types") is LATER or "ReportBatchItemFailures" in strings(answers)
        if not stream:
            return CheckResult.PASSED if reported or number(conf, "batch_size") == 1 else CheckResult.FAILED
        return CheckResult.PASSED if reported and _bounded(conf) and _kept(conf) else CheckResult.FAILED


def _bounded(conf: dict[str, Any]) -> bool:
    """Whether a stream gives up a batch before its records expire; -1 stands for never."""
    limits = [value(conf, name) for name in ("maximum_retry_attempts", "maximum_record_age_in_seconds")]
    return any(limit is not None and str(limit) != "-1" for limit in limits)


def _kept(conf: dict[str, Any]) -> bool:
    destinations = [block for item in blocks(conf, "destination_config") for block in blocks(item, "on_failure")]
    return any(value(block, "destination_arn") for block in destinations)


check = BatchFailures()
