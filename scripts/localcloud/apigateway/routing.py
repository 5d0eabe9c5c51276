"""Which resource and method of a deployment a path belongs to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote


@dataclass(frozen=True, slots=True)
class Route:
    """The method that answers: `resource` in the shape of GetResource, `path` the values of its path parameters."""

    resource: Mapping[str, Any]
    method: Mapping[str, Any]
    path: Mapping[str, str]


def route(resources: list[Mapping[str, Any]], method: str, path: str) -> Route | None:
    """The route of a path within the stage; None where no resource or no method fits.

    A fixed part of a path is preferred to `{name}`, and that to `{name+}`, which takes the rest of the path.
    """
    found = [(resource, values) for resource in resources if (values := _values(resource["path"], path)) is not None]
    if not found:
        return None
    resource, values = min(found, key=lambda item: _generality(item[0]["path"]))
    methods = resource.get("resourceMethods") or {}
    chosen = methods.get(method) or methods.get("ANY")
    return Route(resource, chosen, values) if chosen else None


def _values(template: str, path: str) -> Mapping[str, str] | None:
    pattern = "".join(
        re.escape(part) if not part.startswith("{") else "(.+)" if part.endswith("+}") else "([^/]+)"
        for part in re.split(r"(\{[^}]+\})", template)
    )
    match = re.fullmatch(pattern, path or "/")
    names = [name.rstrip("+") for name in re.findall(r"\{([^}]+)\}", template)]
    return dict(zip(names, map(unquote, match.groups()), strict=True)) if match else None


def _generality(template: str) -> list[int]:
    return [2 if part.endswith("+}") else int(part.startswith("{")) for part in template.split("/")]
