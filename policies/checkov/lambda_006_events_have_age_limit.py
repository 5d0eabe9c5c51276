"""LAMBDA_006; https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html"""

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from _values import LATER, number, value

RULE = {
    "id": "LAMBDA_006",
    "severity": "medium",
    "title": "Asynchronous events are not acted upon hours later",
    "why": "Lambda keeps an asynchronous event for six hours by default and tries it again when the function is free. "
    "What was right at noon, a tick or an alarm, is then done in the evening to something that has moved on.",
    "fix": """\
resource "aws_lambda_function_event_invoke_config" "this" {
  function_name                = aws_lambda_function.this.function_name
  maximum_event_age_in_seconds = 3600
}
""",
    "links": ["https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html"],
}

AGE = "maximum_event_age_in_seconds"
DEFAULT_SECONDS = 21_600


class EventsHaveAgeLimit(BaseResourceCheck):
    """Judges by an age that is known."""

    def __init__(self) -> None:
        super().__init__(
            name=RULE["title"],
            id=RULE["id"],
            categories=[CheckCategories.BACKUP_AND_RECOVERY],
            supported_resources=["aws_lambda_function_event_invoke_config"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """UNKNOWN for an age that only a later step will know."""
        if value(conf, AGE) is LATER:
            return CheckResult.UNKNOWN
        seconds = number(conf, AGE)
        return CheckResult.PASSED if seconds is not None and 0 < seconds < DEFAULT_SECONDS else CheckResult.FAILED


check = EventsHaveAgeLimit()
