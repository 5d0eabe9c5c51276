"""The fields of a source's server are those that its function reads, kind by kind."""

import re
from dataclasses import fields
from pathlib import Path

from athena_connectors.connections.model import KINDS

VARIABLES = Path(__file__).resolve().parents[2] / "modules/athena_connectors/variables.tf"
NOT_TAKEN = {
    "snowflake": {"secret", "tls"},  # without TLS it is a stand-in on loopback
    "oracle": {"secret"},
    "teradata": {"secret"},
}
"""`secret` is the one in secret_arns."""


def test_a_server_takes_what_the_function_reads() -> None:
    taken = {
        kind: set(re.findall(r'"(\w+)"', names))
        for kind, names in re.findall(r"(\w+) += toset\(\[(.+?)\]\)$", VARIABLES.read_text(), re.MULTILINE)
        if kind in KINDS
    }
    read = {kind: {field.name for field in fields(model)} - NOT_TAKEN[kind] for kind, model in KINDS.items()}
    assert taken == read
