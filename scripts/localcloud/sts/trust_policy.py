"""Whether the trust policy of a role admits who wants to assume it.

"AWS JSON policy elements: Principal", "Policy evaluation logic" and "Available keys for AWS STS" in the IAM User Guide.
What the local cloud cannot judge it refuses by name.
"""

import fnmatch
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.resource_policy import several

ACTION = "sts:AssumeRole"


@dataclass(frozen=True, slots=True)
class Assumption:
    """Somebody wants to assume a role: `arn` is the principal, `role_arn` the role whose session that is, if any."""

    account: str
    arn: str
    role_arn: str | None
    session_name: str
    external_id: str | None

    def value(self, key: str) -> str | None:
        """The value of a condition key in this request, None where it has none.

        Raises NotImplementedError for a key that the local cloud knows nothing of.
        """
        values = {
            "sts:externalid": self.external_id,
            "sts:rolesessionname": self.session_name,
            "aws:principalaccount": self.account,
            "aws:principalarn": self.role_arn or self.arn,
        }
        if key.lower() not in values:
            raise NotImplementedError(f"the condition key {key} in a trust policy")
        return values[key.lower()]


def admits(statements: Iterable[Mapping[str, Any]], assumption: Assumption) -> bool:
    """Whether some statement of a trust policy allows the assumption and none denies it."""
    effects = {statement["Effect"] for statement in statements if _applies(statement, assumption)}
    return effects == {"Allow"}


def _applies(statement: Mapping[str, Any], assumption: Assumption) -> bool:
    if unknown := {"NotPrincipal", "NotAction"} & statement.keys():
        raise NotImplementedError(f"{unknown.pop()} in a trust policy")
    return (
        _is_principal(statement.get("Principal"), assumption)
        and any(_like(ACTION.lower(), action.lower()) for action in several(statement.get("Action", [])))
        and all(
            _holds(operator, [str(value) for value in several(expected)], assumption.value(key))
            for operator, operands in statement.get("Condition", {}).items()
            for key, expected in operands.items()
        )
    )


def _is_principal(principal: Any, assumption: Assumption) -> bool:
    """An account stands for everybody in it; `*` alone is a wildcard, a part of an ARN never is."""
    admitted = {
        "*",
        assumption.account,
        f"arn:aws:iam::{assumption.account}:root",
        assumption.arn,
        assumption.role_arn,
    }
    match principal:
        case "*":
            return True
        case {"AWS": named}:
            return not admitted.isdisjoint(several(named))
        case _:
            return False


def _holds(operator: str, expected: list[str], value: str | None) -> bool:
    match operator:
        case "StringEquals":
            return value in expected
        case "StringNotEquals":
            return value not in expected
        case "StringLike" | "ArnLike" | "ArnEquals":
            return value is not None and any(_like(value, pattern) for pattern in expected)
        case "StringNotLike" | "ArnNotLike" | "ArnNotEquals":
            return value is None or not any(_like(value, pattern) for pattern in expected)
        case "Null":
            return [text.lower() for text in expected] == [str(value is None).lower()]
        case _:
            raise NotImplementedError(f"the condition operator {operator} in a trust policy")


def _like(value: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(value, pattern.replace("[", "[[]"))
