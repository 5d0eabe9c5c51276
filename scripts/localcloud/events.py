"""EventBridge rules on a schedule: what a schedule may say, and a tick of one on request.

Sources: "Creating a rule that runs on a schedule" in the EventBridge User Guide, API_PutRule, and "Using
resource-based policies for EventBridge" for the permission that a function must grant.
"""

import fnmatch
import json
import re
import uuid
from collections.abc import Mapping
from typing import Any

from moto.awslambda.exceptions import UnknownAliasException, UnknownFunctionException
from moto.awslambda.utils import get_backend as lambda_backend
from moto.events.exceptions import ValidationException
from moto.events.models import events_backends
from moto.events.responses import EventsHandler

from localcloud import ACCOUNT_ID, clock, functions
from localcloud.extensions import AwsError, corrects
from localcloud.refusal import RefusalError

MAXIMUM_TARGETS = 5
_RATE = re.compile(r"rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\)")
_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")

moto_put_rule = EventsHandler.put_rule
moto_put_targets = EventsHandler.put_targets


@corrects(EventsHandler, "PutRule")
def put_rule(self: Any) -> Any:
    """PutRule: refuses `rate(1 hours)`, `rate(6 hour)`, `rate(0 days)` and a cron expression that AWS cannot read."""
    schedule = self._get_param("ScheduleExpression")
    if schedule and not (_RATE.fullmatch(schedule) or _is_cron(schedule)):
        raise ValidationException("Parameter ScheduleExpression is not valid.")
    return moto_put_rule(self)


@corrects(EventsHandler, "PutTargets")
def put_targets(self: Any) -> Any:
    """PutTargets: a rule has at most five targets."""
    rule = _rules(self.events_backend, self._get_param("EventBusName")).get(self._get_param("Rule"))
    present = {target["Id"] for target in rule.targets} if rule else set()
    if len(present | {target["Id"] for target in self._get_param("Targets")}) > MAXIMUM_TARGETS:
        raise AwsError("LimitExceededException", f"A rule has at most {MAXIMUM_TARGETS} targets.")
    return moto_put_targets(self)


def tick(name: str, *, region: str) -> Mapping[str, Any]:
    """Fire the scheduled rule `name` once, as its schedule would; returns event_id, time and the number of targets.

    Every target is an asynchronous invocation. Raises RefusalError: 404 for an unknown rule, 409 for one that would not
    fire or whose function would not run, 501 for a target that is not emulated. Nothing is invoked then.
    """
    rule = events_backends[ACCOUNT_ID][region].event_buses["default"].rules.get(name) if _exists(region) else None
    if rule is None:
        raise RefusalError(404, f"There is no rule {name!r} on the default event bus in {region}.")
    if not rule.scheduled_expression:
        raise RefusalError(409, f"The rule {name} has no schedule.")
    if rule.state != "ENABLED":
        raise RefusalError(409, f"The rule {name} is {rule.state}: its schedule does not fire.")
    event = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT_ID,
        "time": f"{clock.now():%Y-%m-%dT%H:%M:%SZ}",
        "region": region,
        "resources": [rule.arn],
        "detail": {},
    }
    for target in rule.targets:
        _require_deliverable(target, rule.arn, region)
    for target in rule.targets:
        payload = (target.get("Input") or json.dumps(event)).encode()
        functions.invoke_async(target["Arn"], payload, region=region, account_id=ACCOUNT_ID)
    return {"event_id": event["id"], "time": event["time"], "targets": len(rule.targets)}


def _require_deliverable(target: Mapping[str, Any], rule_arn: str, region: str) -> None:
    arn = target["Arn"]
    unsupported = [key for key in ("InputPath", "InputTransformer") if target.get(key)]
    if not re.match(r"arn:[\w-]+:lambda:", arn) or unsupported:
        raise RefusalError(
            501, f"The local cloud does not emulate the target {arn} {' '.join(unsupported)}".rstrip() + "."
        )
    backend = lambda_backend(ACCOUNT_ID, region)
    try:
        backend.get_function(arn)
    except (UnknownFunctionException, UnknownAliasException) as error:
        raise RefusalError(409, f"The target {arn} does not exist: AWS would invoke nothing.") from error
    # Permissions belong to the function, and each names the alias or version that it admits to.
    statements = backend.get_function(":".join(arn.split(":")[:7])).policy.statements
    if not any(_admits(statement, arn, rule_arn) for statement in statements):
        raise RefusalError(409, f"{arn} does not permit events.amazonaws.com for {rule_arn}: AWS would not invoke it.")


def _admits(statement: Mapping[str, Any], function_arn: str, rule_arn: str) -> bool:
    """Whether a statement of a function's policy lets `rule_arn` invoke `function_arn`.

    An unknown kind of condition does not.
    """
    if statement["Effect"] != "Allow" or statement["Resource"] != function_arn:
        return False
    if statement["Action"] not in ("lambda:InvokeFunction", "lambda:*"):
        return False
    if statement["Principal"] not in ({"Service": "events.amazonaws.com"}, "*"):
        return False
    conditions = statement.get("Condition", {}).items()
    return all(_holds(operator, operands, rule_arn) for operator, operands in conditions)


def _holds(operator: str, operands: Mapping[str, str], rule_arn: str) -> bool:
    match operator, operands:
        case "ArnLike", {"AWS:SourceArn": pattern, **others} if not others:
            return fnmatch.fnmatchcase(rule_arn, pattern)
        case "StringEquals", {"AWS:SourceAccount": account, **others} if not others:
            return account == ACCOUNT_ID
        case _:
            return False


def _is_cron(schedule: str) -> bool:
    """Six fields; exactly one of day-of-month and day-of-week is `?`."""
    match = _CRON.fullmatch(schedule)
    return match is not None and (match[3] == "?") is not (match[5] == "?")


def _exists(region: str) -> bool:
    return region in events_backends[ACCOUNT_ID]


def _rules(backend: Any, event_bus: str | None) -> Mapping[str, Any]:
    bus = backend.event_buses.get((event_bus or "default").split("/")[-1])
    rules: Mapping[str, Any] = bus.rules if bus else {}
    return rules
