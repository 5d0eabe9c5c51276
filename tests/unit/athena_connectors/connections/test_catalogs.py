"""The document of catalogs, and the typed form of a connection."""

import json

import pytest

from athena_connectors.connections.catalogs import parse_catalogs, parse_connection, read_connection
from athena_connectors.connections.model import Oracle, Snowflake, Teradata
from common.errors import ConfigurationError


def test_catalogs_are_found_in_lower_case_whichever_form_they_have() -> None:
    document = {
        "Sales": "snowflake://jdbc:snowflake://acct.snowflakecomputing.com/?db=D&${s}",
        "erp": {"kind": "oracle", "host": "db", "service": "erp", "tls": True, "secret": "o"},
        "dwh": {"kind": "teradata", "host": "td", "port": 1026, "secret": "t"},
    }
    assert parse_catalogs(json.dumps(document)) == {
        "sales": Snowflake(host="acct.snowflakecomputing.com", database="D", secret="s"),
        "erp": Oracle(host="db", service="erp", tls=True, secret="o"),
        "dwh": Teradata(host="td", port=1026, secret="t"),
    }


@pytest.mark.parametrize(
    ("text", "connection"),
    [
        ("snowflake://jdbc:snowflake://acme/?db=SALES&${s}", Snowflake("acme", "SALES", "s")),
        (
            '{"kind":"snowflake","host":"acme","database":"SALES","port":8443,"secret":"s"}',
            Snowflake("acme", "SALES", "s", 8443),
        ),
        (
            '{"kind":"oracle","host":"db","service":"ORCL","tls":"true","secret":"s"}',
            Oracle("db", "s", "ORCL", tls=True),
        ),
    ],
)
def test_one_connection_is_a_string_or_an_object_as_terraform_writes_it(text: str, connection: object) -> None:
    assert read_connection(text) == connection


@pytest.mark.parametrize(
    ("text", "message"), [('{"kind":', "no JSON object"), ('{"kind": "mysql"}', '"kind" is one of')]
)
def test_an_object_that_is_no_connection_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read_connection(text)


def test_every_catalog_that_is_wrong_is_named() -> None:
    document = {"a": "nonsense", "b": {"kind": "oracle", "host": "h:1", "secret": "s", "service": "x"}, "c": 1}
    with pytest.raises(ConfigurationError) as refused:
        parse_catalogs(json.dumps(document))
    assert "a: A connection string begins" in str(refused.value)
    assert "b: The settings are wrong: host is 'h:1'" in str(refused.value)
    assert "c: A connection is a string, or an object" in str(refused.value)


@pytest.mark.parametrize("document", ["", "[]", "{}", '{"a": '])
def test_a_document_that_holds_no_catalog_is_refused(document: str) -> None:
    with pytest.raises(ConfigurationError, match="The catalogs are"):
        parse_catalogs(document)


def test_catalogs_that_differ_in_case_alone_are_refused() -> None:
    connection = {"kind": "teradata", "host": "td", "secret": "t"}
    with pytest.raises(ConfigurationError, match="by case"):
        parse_catalogs(json.dumps({"dwh": connection, "DWH": connection}))


@pytest.mark.parametrize("name", ["password", "token", "private_key"])
def test_a_credential_in_the_typed_form_is_refused_and_not_repeated(name: str) -> None:
    given = {"kind": "snowflake", "host": "h", "database": "D", "secret": "s", name: "hunter2"}
    with pytest.raises(ConfigurationError, match="put it in the secret") as refused:
        parse_connection(given)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"service": "x", "sid": "y"}, "name one of them"),
        ({}, "service is missing"),
        ({"service": "x", "wallet": "/opt/w"}, "are for tls"),
        ({"service": "x", "pool": 3}, "pool is not known"),
    ],
)
def test_fields_that_do_not_fit_together_are_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        parse_connection({"kind": "oracle", "host": "h", "secret": "s", **fields})
