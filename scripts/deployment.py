"""Put functions, schedules and permissions into a local cloud by boto3: for what needs them and no root."""

import io
import json
import zipfile
from typing import Any

from localcloud.client import LocalCloud
from toolchain import FUNCTION_PYTHON

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}},
    ],
}


def zipped(source: str) -> bytes:
    """A zip that holds `source` as payload.py."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("payload.py", source)
    return code.getvalue()


def create_function(cloud: LocalCloud, name: str, code: bytes, handler: str, **settings: Any) -> str:
    """Create the function `name` with a role of its own from the zip `code`; returns its ARN.

    `settings` are more parameters of CreateFunction.
    """
    role = cloud.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    defaults = {"Runtime": f"python{FUNCTION_PYTHON}"}
    created = cloud.client("lambda").create_function(
        FunctionName=name, Role=role, Handler=handler, Code={"ZipFile": code}, **defaults | settings
    )
    return str(created["FunctionArn"])


def permit(cloud: LocalCloud, function: str, service: str, source_arn: str) -> None:
    """Let `service` (`events.amazonaws.com`) invoke `function` on behalf of `source_arn`."""
    cloud.client("lambda").add_permission(
        FunctionName=function,
        StatementId="SourceInvokes",
        Action="lambda:InvokeFunction",
        Principal=service,
        SourceArn=source_arn,
    )


def admit(cloud: LocalCloud, queue_url: str, service: str, source_arn: str) -> str:
    """Let `service` alone put messages into the queue on behalf of `source_arn`; returns the queue's ARN."""
    sqs = cloud.client("sqs")
    arn = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": source_arn}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={"Policy": policy})
    return str(arn)


def schedule(cloud: LocalCloud, rule: str, expression: str, function_arn: str) -> None:
    """Put the rule `rule`, which invokes the function by the schedule `expression`."""
    events = cloud.client("events")
    source = events.put_rule(Name=rule, ScheduleExpression=expression)["RuleArn"]
    permit(cloud, function_arn, "events.amazonaws.com", source)
    events.put_targets(Rule=rule, Targets=[{"Id": "function", "Arn": function_arn}])
