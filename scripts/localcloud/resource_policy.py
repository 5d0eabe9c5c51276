"""Whether the policy of a function, a queue or a topic lets a service of AWS in. IAM itself is not emulated."""

import fnmatch
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud import ACCOUNT_ID


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """`service` (`events.amazonaws.com`) does `action` to `resource_arn` on behalf of `source_arn`, a rule perhaps."""

    service: str
    action: str
    resource_arn: str
    source_arn: str


def admits(statements: Iterable[Mapping[str, Any]], call: ServiceCall) -> bool:
    """Whether some statement of a resource's policy allows `call`.

    An unknown kind of condition does not. What a statement denies is not looked at.
    """
    return any(_allows(statement, call) for statement in statements)


def _allows(statement: Mapping[str, Any], call: ServiceCall) -> bool:
    any_action = f"{call.action.split(':')[0]}:*"
    return (
        statement["Effect"] == "Allow"
        and call.resource_arn in _several(statement["Resource"])
        and not {call.action, any_action}.isdisjoint(_several(statement["Action"]))
        and _is_principal(statement["Principal"], call.service)
        and all(_holds(test, values, call.source_arn) for test, values in statement.get("Condition", {}).items())
    )


def _is_principal(principal: Any, service: str) -> bool:
    return principal == "*" or (isinstance(principal, Mapping) and service in _several(principal.get("Service", [])))


def _holds(operator: str, operands: Mapping[str, Any], source_arn: str) -> bool:
    match operator, {key.lower(): _several(value) for key, value in operands.items()}:
        case "ArnLike" | "ArnEquals", {"aws:sourcearn": patterns, **others} if not others:
            return any(fnmatch.fnmatchcase(source_arn, pattern) for pattern in patterns)
        case "StringEquals", {"aws:sourceaccount": accounts, **others} if not others:
            return ACCOUNT_ID in accounts
        case _:
            return False


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
