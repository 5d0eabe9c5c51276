"""LAMBDA_001; https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html"""

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from _values import blocks, planned, value

RULE = {
    "id": "LAMBDA_001",
    "severity": "high",
    "title": "Asynchronously invoked functions have a failure destination",
    "why": "Lambda tries an asynchronous event three times and then drops it. Without a failure destination or a dead- "
    "letter queue nobody can say which events were lost, or repeat them.",
    "fix": """\
resource "aws_lambda_function_event_invoke_config" "this" {
  function_name = aws_lambda_function.this.function_name

  destination_config {
    on_failure {
      destination = aws_sqs_queue.failures.arn
    }
  }
}
""",
    "links": ["https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html"],
}

# Services that hand the event over and do not wait, as they appear in a function's resource policy.
ASYNCHRONOUS = {
    "cloudformation.amazonaws.com",
    "codecommit.amazonaws.com",
    "config.amazonaws.com",
    "events.amazonaws.com",
    "iot.amazonaws.com",
    "lambda.alarms.cloudwatch.amazonaws.com",
    "logs.amazonaws.com",
    "s3.amazonaws.com",
    "ses.amazonaws.com",
    "sns.amazonaws.com",
}


class FailureDestination(BaseResourceCheck):
    """Judges each function that the same plan lets such a service invoke, or configures for asynchronous invocation.

    Resources are related by the function's name, which is known before apply, also across modules.
    """

    def __init__(self) -> None:
        super().__init__(
            name=RULE["title"],
            id=RULE["id"],
            categories=[CheckCategories.BACKUP_AND_RECOVERY],
            supported_resources=["aws_lambda_function"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """FAILED when events can be lost, UNKNOWN when nothing invokes the function asynchronously."""
        if any(value(block, "target_arn") for block in blocks(conf, "dead_letter_config")):
            return CheckResult.PASSED
        name = conf["function_name"][0]
        configurations = self._of_function("aws_lambda_function_event_invoke_config", name)
        destinations = [block for item in configurations for block in blocks(item, "destination_config")]
        kept = [block for destination in destinations for block in blocks(destination, "on_failure")]
        if any(value(block, "destination") for block in kept):
            return CheckResult.PASSED
        permissions = self._of_function("aws_lambda_permission", name)
        invoked = any(permission["principal"][0] in ASYNCHRONOUS for permission in permissions)
        return CheckResult.FAILED if invoked or configurations else CheckResult.UNKNOWN

    def _of_function(self, kind: str, name: str) -> list[dict[str, Any]]:
        return [conf for conf in planned(self.graph, kind) if _function_named(conf["function_name"][0]) == name]


def _function_named(reference: str) -> str:
    """The function's name out of what names it: the name itself, or an ARN with or without a qualifier."""
    return reference.split(":function:")[-1].split(":")[0]


check = FailureDestination()
