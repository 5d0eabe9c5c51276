"""Reads arguments as checkov hands them over, which differs between Terraform files, first plans and later plans.

Rules import this file, `_statements.py` and `_policies.py`; a file whose name begins with an underscore is no rule.
"""

import re
from collections.abc import Iterator
from typing import Any


class Later:
    """The type of `LATER`."""


LATER = Later()
"""Stands for a value that only a later step will know: a reference, a call, or what Terraform learns during apply."""

REFERENCE = re.compile(
    r"\$\{|^true_after_unknown$|^(var|local|module|data|each|aws_\w+)\.|^\w+\.(?:key|value)\b|^\w+\(|\s\?\s"
)


def value(conf: dict[str, Any], name: str) -> Any:
    """The argument `name`: None when it is absent, null or empty, LATER when it is not known yet."""
    found = conf.get(name)
    while isinstance(found, list) and len(found) == 1:
        found = found[0]
    # Of `var.x.y` checkov makes the default of the whole `var.x`, mostly {}.
    if isinstance(found, dict) or (isinstance(found, str) and REFERENCE.search(found)):
        return LATER
    return None if found in (None, "", []) else found


def number(conf: dict[str, Any], name: str) -> int | None:
    """The argument `name` when it is a known whole number, else None."""
    found = value(conf, name)
    return int(found) if isinstance(found, int | float | str) and str(found).lstrip("-").isdigit() else None


def blocks(conf: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The blocks called `name`; none of them is empty, which is how a plan writes that there is none."""
    found = conf.get(name) or []
    return [item for item in (found if isinstance(found, list) else [found]) if isinstance(item, dict) and item]


def strings(found: Any) -> Iterator[str]:
    """The strings in `found`, which checkov wraps in lists to a depth that depends on where it comes from."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, list):
        for item in found:
            yield from strings(item)


def planned(graph: Any, kind: str) -> list[dict[str, Any]]:
    """The arguments of every resource of type `kind` in checkov's `graph`."""
    nodes = [node for _, node in graph.nodes() if node.get("resource_type") == kind]
    return [conf for node in nodes for conf in node["config_"][kind].values()]
