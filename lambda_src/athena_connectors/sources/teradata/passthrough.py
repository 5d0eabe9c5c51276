"""A query that is passed through is one query, and the database's business alone."""

import re

from athena_connectors.federation.errors import InvalidInput

QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.S)
DRIVER = re.compile(r"\{.*teradata_", re.S | re.I)


def one_query(query: str) -> str:
    """The query without the semicolon at its end. Raises InvalidInput for more than one, or for calls of the driver.

    The driver reads `{fn teradata_…}` in a request wherever it stands, and such functions write files and reach
    addresses from where the connector runs.
    """
    if DRIVER.search(query):
        raise InvalidInput("The query to pass through calls functions of Teradata's driver: take { and teradata_ out.")
    bare = QUOTED.sub(" ", query).rstrip()
    depth = 0
    for character in bare.removesuffix(";"):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth < 0 or character == ";":
            raise InvalidInput("The query to pass through is more than one: pass one SELECT through.")
    return query.strip().removesuffix(";")
