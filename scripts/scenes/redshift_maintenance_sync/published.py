"""The published rule in an account of its own: the same zip and the same settings, but for the alignment."""

import base64
import hashlib
import json
from pathlib import Path

from localcloud.client import LocalCloud
from scenes import SceneError


def deploy_beside(ours: LocalCloud, function: str, rule: str, payload: Path, theirs: LocalCloud) -> None:
    """Put `function` and its schedule `rule` into the account `theirs` as they are in `ours`, with ALIGNMENT=seed.

    Raises SceneError when `payload` is not the zip that was deployed in `ours`.
    """
    deployed = ours.client("lambda").get_function_configuration(FunctionName=function)
    code = payload.read_bytes()
    if base64.b64encode(hashlib.sha256(code).digest()).decode() != deployed["CodeSha256"]:
        raise SceneError(f"{function} was not deployed from {payload}: its bytes are others.")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = theirs.client("iam").create_role(RoleName=function, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    functions, events = theirs.client("lambda"), theirs.client("events")
    arn = functions.create_function(
        FunctionName=function,
        Role=role,
        Code={"ZipFile": code},
        Environment={"Variables": {**deployed["Environment"]["Variables"], "ALIGNMENT": "seed"}},
        **{name: deployed[name] for name in ("Architectures", "Handler", "MemorySize", "Runtime", "Timeout")},
    )["FunctionArn"]
    schedule = ours.client("events").describe_rule(Name=rule)["ScheduleExpression"]
    source = events.put_rule(Name=rule, ScheduleExpression=schedule)["RuleArn"]
    functions.add_permission(
        FunctionName=function,
        StatementId="ScheduleInvokes",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=source,
    )
    events.put_targets(Rule=rule, Targets=[{"Id": "function", "Arn": arn}])
