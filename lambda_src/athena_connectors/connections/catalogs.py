"""Many databases behind one function: the document that says which catalog is which."""

import json
from collections.abc import Mapping

from athena_connectors.connections.model import KINDS, Connection
from athena_connectors.connections.published import build, parse_connection_string
from common.errors import ConfigurationError


def parse_catalogs(document: str) -> Mapping[str, Connection]:
    """Read `{"<catalog>": <connection>, …}`; keys of what is returned are in lower case, as Athena sends them.

    A connection is a published string, or typed: `{"kind": "snowflake", "host": …, "secret": …}`, the fields of
    `model.py`. Raises ConfigurationError that names every catalog that is wrong.
    """
    try:
        found = json.loads(document)
    except ValueError as error:
        raise ConfigurationError(f"The catalogs are no JSON document: {error}.") from None
    if not isinstance(found, dict) or not found:
        raise ConfigurationError(
            'The catalogs are not an object of connections by catalog: {"sales": "snowflake://…"}.'
        )
    connections: dict[str, Connection] = {}
    problems: list[str] = []
    for name, given in found.items():
        try:
            connection = parse_connection(given)
        except ConfigurationError as error:
            problems.append(f"{name}: {error}")
            continue
        if name.lower() in connections:
            problems.append(f"{name}: Athena does not tell catalogs apart by case, and there is another of that name.")
        connections[name.lower()] = connection
    if problems:
        raise ConfigurationError(" ".join(problems))
    return connections


def read_connection(text: str) -> Connection:
    """Read a connection of either form that came as text. Raises ConfigurationError."""
    if not text.lstrip().startswith("{"):
        return parse_connection(text)
    try:
        return parse_connection(json.loads(text))
    except ValueError as error:
        raise ConfigurationError(f"The connection is no JSON object: {error}.") from None


def parse_connection(given: object) -> Connection:
    """Read a connection in either form: a string as published, or a JSON object. Raises ConfigurationError."""
    if isinstance(given, str):
        return parse_connection_string(given)
    if not isinstance(given, dict) or given.get("kind") not in KINDS:
        raise ConfigurationError(f'A connection is a string, or an object whose "kind" is one of {", ".join(KINDS)}.')
    return build(given["kind"], {name: value for name, value in given.items() if name != "kind"})
