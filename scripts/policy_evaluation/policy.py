"""A policy document and its statements: which of them apply to a request."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from policy_evaluation import conditions
from policy_evaluation.errors import PolicyError, UnsupportedError
from policy_evaluation.patterns import ARN_PARTS, matches, matches_arn
from policy_evaluation.request import Request

ELEMENTS = {
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}


class Effect(Enum):
    """What a statement does to a request to which it applies."""

    ALLOW = "Allow"
    DENY = "Deny"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; `elements` are those of the document."""

    effect: Effect
    sid: str
    elements: Mapping[str, Any]

    @classmethod
    def parse(cls, elements: Mapping[str, Any]) -> "Statement":
        """Raises PolicyError for what AWS would refuse."""
        if unknown := elements.keys() - ELEMENTS:
            raise PolicyError(f"A statement has no element {sorted(unknown)[0]!r}.")
        if ("Action" in elements) == ("NotAction" in elements):
            raise PolicyError("A statement has either Action or NotAction.")
        if "Resource" in elements and "NotResource" in elements:
            raise PolicyError("A statement has either Resource or NotResource.")
        if elements.get("Effect") not in ("Allow", "Deny"):
            raise PolicyError(f"A statement's Effect is Allow or Deny, not {elements.get('Effect')!r}.")
        return cls(Effect(elements["Effect"]), elements.get("Sid", ""), elements)

    def applies(self, request: Request) -> bool:
        """Whether the statement is about this request; whom a Principal names is looked at by `names`."""
        return (
            self._is_about("Action", request.action, _is_action)
            and self._is_about("Resource", request.resource, _is_resource)
            and conditions.hold(self.elements.get("Condition", {}), request)
        )

    def names(self, request: Request) -> bool:
        """Whether the Principal of a resource's policy includes who asks: everybody, an account, a role or a user.

        Raises UnsupportedError for NotPrincipal.
        """
        if "NotPrincipal" in self.elements:
            raise UnsupportedError("NotPrincipal")
        match self.elements.get("Principal"):
            case "*":
                return True
            case {"AWS": named}:
                admitted = {"*"}
                if request.principal is not None:
                    account = request.principal.split(":")[4]
                    admitted |= {request.principal, account, f"arn:aws:iam::{account}:root"}
                return not admitted.isdisjoint(conditions.texts(named))
            case _:
                return False

    def _is_about(self, element: str, given: str, fits: Any) -> bool:
        if f"Not{element}" in self.elements:
            return not any(fits(item, given) for item in conditions.texts(self.elements[f"Not{element}"]))
        # A trust policy has no Resource: it is about the role that carries it.
        return any(fits(item, given) for item in conditions.texts(self.elements.get(element, "*")))


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document: an identity's, a resource's or a service control policy."""

    statements: tuple[Statement, ...]

    @classmethod
    def parse(cls, document: str | Mapping[str, Any]) -> "Policy":
        """Read a document, as JSON or parsed. Raises PolicyError for what AWS would refuse."""
        try:
            parsed = json.loads(document) if isinstance(document, str) else document
        except ValueError as error:
            raise PolicyError(f"A policy is JSON: {error}.") from None
        given = parsed.get("Statement") if isinstance(parsed, Mapping) else None
        if not given:
            raise PolicyError("A policy has at least one Statement.")
        return cls(tuple(Statement.parse(item) for item in (given if isinstance(given, list) else [given])))

    def applying(self, request: Request, effect: Effect) -> Iterator[Statement]:
        """The statements of that effect that apply to the request, in the document's order."""
        return (item for item in self.statements if item.effect is effect and item.applies(request))


def _is_action(pattern: str, action: str) -> bool:
    return matches(pattern.lower(), action.lower())


def _is_resource(pattern: str, resource: str) -> bool:
    if pattern == "*":
        return True
    if len(pattern.split(":", ARN_PARTS - 1)) != ARN_PARTS:
        raise PolicyError(f"The resource {pattern!r} is neither an ARN nor *.")
    return matches_arn(pattern, resource)
