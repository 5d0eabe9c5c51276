"""Whether the policy of a function, queue, topic or key lets a service of AWS in. IAM itself is not emulated.

"Policy evaluation logic" and "AWS global condition context keys" in the IAM User Guide.
"""

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
    """Whether some statement of a resource's policy allows `call` and none denies it.

    A statement with an unknown kind of condition does neither.
    """
    return {statement["Effect"] for statement in statements if _applies(statement, call)} == {"Allow"}


def _applies(statement: Mapping[str, Any], call: ServiceCall) -> bool:
    return (
        _is_principal(statement.get("Principal"), call.service)
        and _matches(call.action.lower(), [action.lower() for action in several(statement.get("Action", []))])
        and _matches(call.resource_arn, several(statement.get("Resource", [])))
        and all(
            _holds(operator, key.lower(), several(expected), call.source_arn)
            for operator, operands in statement.get("Condition", {}).items()
            for key, expected in operands.items()
        )
    )


def _is_principal(principal: Any, service: str) -> bool:
    match principal:
        case "*" | {"AWS": "*"}:
            return True
        case {"Service": named}:
            return service in several(named)
        case _:
            return False


def _holds(operator: str, key: str, expected: list[str], source_arn: str) -> bool:
    match operator, key:
        case "ArnLike" | "ArnEquals" | "StringLike", "aws:sourcearn":
            return _matches(source_arn, expected)
        case "StringEquals", "aws:sourcearn":
            return source_arn in expected
        case "StringEquals" | "StringLike", "aws:sourceaccount" | "aws:sourceowner":
            return _matches(ACCOUNT_ID, expected)
        case "Bool", "aws:securetransport":  # services of AWS always come by TLS
            return [str(value).lower() for value in expected] == ["true"]
        case _:
            return False


def _matches(value: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatchcase(value, pattern) for pattern in patterns)


def several(value: Any) -> list[Any]:
    """The elements of what a policy may give as one or as a list."""
    return value if isinstance(value, list) else [value]
