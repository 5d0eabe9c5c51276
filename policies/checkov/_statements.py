"""The statements of IAM policies, from their JSON and from `aws_iam_policy_document`.

The grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from _values import blocks, strings


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement. `principals` are pairs of type and identifier, `tests` of operator and key, both in lower case."""

    allows: bool
    sid: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: tuple[tuple[str, str], ...] = ()
    tests: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    @property
    def conditions(self) -> frozenset[str]:
        """The keys that are asked for."""
        return frozenset(key for _, key in self.tests)

    def permits(self, action: str) -> bool:
        """Whether `action`, in lower case, is among those that the statement speaks of."""
        if self.actions:
            return matches(action, self.actions)
        return bool(self.not_actions) and not matches(action, self.not_actions)


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether one of IAM's patterns covers `name`, which is in lower case."""
    return any(fnmatchcase(name, pattern.lower()) for pattern in patterns)


def may_be_of(resource: str, service: str) -> bool:
    """Whether a pattern of resources covers some of `service`; a reference to a resource, which names one, does not."""
    parts = without_references(resource).split(":")
    return fnmatchcase(service, parts[2] if len(parts) > 2 else parts[-1])


def without_references(resource: str) -> str:
    """`resource` with a letter for each reference: what stands in one is Terraform's, not IAM's."""
    return re.sub(r"\$\{[^}]*\}", "x", resource)


def of_text(found: Any) -> list[Statement] | None:
    """The statements of a policy's text; None when the text is not known yet."""
    texts = list(_texts(found))
    return [statement for text in texts for statement in _of_json(text)] if texts else None


def of_document(conf: dict[str, Any]) -> list[Statement]:
    """The statements of an `aws_iam_policy_document`, with those of the texts that it includes."""
    statements = [
        Statement(
            # A statement's effect is Allow unless it says otherwise.
            "Deny" not in strings(item.get("effect")),
            next(strings(item.get("sid")), ""),
            *(tuple(strings(item.get(name))) for name in ("actions", "not_actions", "resources", "not_resources")),
            tuple(
                (kind, name)
                for principal in blocks(item, "principals")
                for kind in strings(principal.get("type"))
                for name in strings(principal.get("identifiers"))
            ),
            frozenset(
                (test.lower(), key.lower())
                for condition in blocks(item, "condition")
                for test in strings(condition.get("test"))
                for key in strings(condition.get("variable"))
            ),
        )
        for item in blocks(conf, "statement")
    ]
    for name in ("source_policy_documents", "override_policy_documents"):
        statements += of_text(conf.get(name)) or []
    return statements


def _texts(found: Any) -> Iterator[dict[str, Any]]:
    """The policy texts in `found`: JSON, or what checkov has made of it; references to others are left out."""
    if isinstance(found, dict):
        if found:
            yield found
    elif isinstance(found, str) and found.lstrip().startswith("{"):
        yield json.loads(found)
    elif isinstance(found, list):
        for item in found:
            yield from _texts(item)


def _of_json(text: dict[str, Any]) -> Iterator[Statement]:
    statements = text.get("Statement", [])
    for item in statements if isinstance(statements, list) else [statements]:
        principal = item.get("Principal", {})
        named = principal if isinstance(principal, dict) else {"*": principal}
        condition = item.get("Condition", {})
        yield Statement(
            item.get("Effect") == "Allow",
            item.get("Sid") or "",
            *(tuple(strings(item.get(name))) for name in ("Action", "NotAction", "Resource", "NotResource")),
            tuple((kind, name) for kind, names in named.items() for name in strings(names)),
            frozenset((test.lower(), key.lower()) for test, keys in condition.items() for key in keys),
        )
