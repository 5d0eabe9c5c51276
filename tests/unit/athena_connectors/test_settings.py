"""The environment of a connector, and what is refused of it."""

import pytest

from athena_connectors.federation.model import Identity, Inexact
from athena_connectors.settings import Kind, Settings, SpillSettings, read
from common.errors import ConfigurationError

LEAST = {
    "SOURCE": "snowflake",
    "DEFAULT_CONNECTION": "snowflake://jdbc:snowflake://acct.snowflakecomputing.com/?db=D&${secret}",
    "SPILL_BUCKET": "spills",
    "SPILL_BUCKET_OWNER": "123456789012",
}


def test_the_least_that_is_needed() -> None:
    settings = read(LEAST)
    assert settings == Settings(
        source=Kind.SNOWFLAKE,
        spill=SpillSettings("spills", "123456789012"),
        default_connection=LEAST["DEFAULT_CONNECTION"],
    )
    assert settings.spill.encryption
    assert settings.access_map() is None
    assert settings.schemas.admit("ANY")


def test_all_that_may_be_set() -> None:
    settings = read(
        {
            "SOURCE": "oracle",
            "CATALOGS_PARAMETER": "/groundcrew/catalogs",
            "SPILL_BUCKET": "spills",
            "SPILL_BUCKET_OWNER": "123456789012",
            "SPILL_PREFIX": "/athena/spill/",
            "SPILL_KMS_KEY_ID": "key",
            "SPILL_ENCRYPTION": "true",
            "INEXACT_VALUES": "round",
            "INCLUDE_SCHEMAS": "SALES_*, HR",
            "EXCLUDE_SCHEMAS": "*_OLD",
            "MAXIMUM_ROWS": "5",
            "MAXIMUM_BYTES": "6",
            "WATCH_QUERY": "false",
            "METADATA_SECONDS": "0",
            "SPLIT_ROWS": "7",
            "ADVISE_ROWS": "8",
            "ACCESS": '{"rules": [{"callers": ["*"], "allow": [{"schemas": ["*"]}]}]}',
            "POWERTOOLS_SERVICE_NAME": "of no concern here",
        }
    )
    assert settings.spill == SpillSettings("spills", "123456789012", "athena/spill", "key", encryption=True)
    assert (settings.inexact_values, settings.maximum_rows, settings.maximum_bytes) == (Inexact.ROUND, 5, 6)
    assert (settings.split_rows, settings.advise_rows, settings.metadata_seconds) == (7, 8, 0)
    assert not settings.watch_query
    assert [settings.schemas.admit(name) for name in ("SALES_EU", "hr", "AUDIT", "SALES_OLD")] == [
        True,
        True,
        False,
        False,
    ]
    access = settings.access_map()
    assert access is not None
    assert access.rules[0].callers == ("*",)


def test_the_access_map_is_read_as_the_module_writes_it() -> None:
    """The document is that of its modules/athena_connectors/tests/contract.tftest.hcl, run three_kinds."""
    written = (
        '{"rules":[{"allow":[{"columns":["ID"],"schemas":["PUBLIC"],"tables":["*"]}],'
        '"callers":["arn:aws:iam::123456789012:role/analyst-*"],"passthrough":false}]}'
    )
    access = read(LEAST | {"ACCESS": written}).access_map()
    assert access is not None
    grant = access.grant(Identity(arn="arn:aws:iam::123456789012:role/analyst-eu"))
    assert (grant.admits_schema("PUBLIC"), grant.admits_schema("HR"), grant.passthrough) == (True, False, False)
    assert not access.grant(Identity(arn="arn:aws:iam::123456789012:role/intern")).admits_schema("PUBLIC")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"SOURCE": "mysql"}, "one of snowflake, oracle, teradata is accepted"),
        ({"SPILL_PREFIX": "/"}, "SPILL_PREFIX is '/', a prefix of keys"),
        ({"INCLUDE_SCHEMAS": "A,,B"}, "names separated by commas"),
        ({"MAXIMUM_ROWS": "0"}, "MAXIMUM_ROWS is '0'"),
        ({"CATALOGS_SECRET": "a", "CATALOGS_PARAMETER": "b"}, "are both there: keep one"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read(LEAST | change)


def test_no_database_at_all_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no database to connect to: set DEFAULT_CONNECTION"):
        read({name: value for name, value in LEAST.items() if name != "DEFAULT_CONNECTION"})


@pytest.mark.parametrize(
    ("access", "message"), [("{", "ACCESS is no JSON"), ('{"rules": [{}]}', r"rules\[0\]\.callers is missing")]
)
def test_an_access_map_that_cannot_be_read_is_refused(access: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read(LEAST | {"ACCESS": access}).access_map()
