"""What may be passed through."""

import pytest

from athena_connectors.federation.errors import InvalidInput
from athena_connectors.sources.teradata.passthrough import one_query


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT 1 AS one", "SELECT 1 AS one"),
        (" SELECT 1 AS one ; ", "SELECT 1 AS one "),
        ("SELECT ';' AS \"a;\" /* ; */ FROM t -- ; )", "SELECT ';' AS \"a;\" /* ; */ FROM t -- ; )"),
        ("SELECT '{' AS brace", "SELECT '{' AS brace"),
        ("SELECT a FROM teradata_x", "SELECT a FROM teradata_x"),
    ],
)
def test_one_query_is_taken(query: str, expected: str) -> None:
    assert one_query(query) == expected


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1 AS a; DELETE FROM t",
        "SELECT 1 AS a) q; DELETE FROM t; SELECT * FROM (SELECT 1 AS a",
        "SELECT 1 AS a) q WHERE (1 = 1",
        "SELECT 'it''s' AS a; DELETE FROM t",
    ],
)
def test_more_than_one_is_refused(query: str) -> None:
    with pytest.raises(InvalidInput, match="more than one"):
        one_query(query)


@pytest.mark.parametrize(
    "query",
    ["{fn teradata_write_csv(/tmp/x)}SELECT * FROM t", "{FN\nTERADATA_WEB_SERVICE(GET,http://169.254.169.254/)}"],
)
def test_the_drivers_own_functions_are_refused(query: str) -> None:
    """They write files, and reach addresses, where the connector runs."""
    with pytest.raises(InvalidInput, match="Teradata's driver"):
        one_query(query)
