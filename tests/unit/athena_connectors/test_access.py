"""What a caller may read, by the access map."""

import pyarrow as pa
import pytest

from athena_connectors.access import EVERYTHING, Access
from athena_connectors.federation.errors import AccessDenied
from athena_connectors.federation.model import Identity, TableName
from common.errors import ConfigurationError
from common.settings import from_document

ORDERS = TableName("SALES", "ORDERS")
COLUMNS = pa.schema([("ID", pa.int64()), ("CARD", pa.string()), ("PLACED_AT", pa.date64())])
ANALYST = "arn:aws:sts::123456789012:assumed-role/analyst/ann"
MAP = from_document(
    Access,
    {
        "rules": [
            {
                "callers": ["arn:aws:sts::123456789012:assumed-role/analyst/*"],
                "allow": [{"schemas": ["sales"], "tables": ["orders"], "columns": ["id", "placed_*"]}],
            },
            {"callers": ["*/ann"], "allow": [{"schemas": ["hr"]}]},
            {"callers": ["*:role/admin"], "allow": [{"schemas": ["*"]}], "passthrough": True},
        ]
    },
)


def test_rules_add_up_for_a_caller() -> None:
    grant = MAP.grant(Identity(arn=ANALYST))
    assert [grant.admits_schema(schema) for schema in ("SALES", "HR", "AUDIT")] == [True, True, False]
    assert [grant.admits_table(TableName("SALES", table)) for table in ("ORDERS", "REFUNDS")] == [True, False]
    assert grant.visible(ORDERS, COLUMNS).names == ["ID", "PLACED_AT"]
    assert grant.visible(TableName("HR", "PEOPLE"), COLUMNS) == COLUMNS


def test_a_column_that_is_not_allowed_is_refused_by_name() -> None:
    grant = MAP.grant(Identity(arn=ANALYST))
    grant.check(ORDERS, COLUMNS, ["id", "PLACED_AT"])
    with pytest.raises(AccessDenied, match=r"ACCESS_DENIED_EXCEPTION: .*/ann may not read card of SALES\.ORDERS"):
        grant.check(ORDERS, COLUMNS, ["id", "CARD"])


@pytest.mark.parametrize("arn", ["", "arn:aws:iam::210987654321:role/analyst", ANALYST.upper()])
def test_a_caller_whom_no_rule_names_has_nothing(arn: str) -> None:
    grant = MAP.grant(Identity(arn=arn))
    assert not grant.admits_schema("SALES")
    with pytest.raises(AccessDenied, match=r"may not read SALES\.ORDERS"):
        grant.visible(ORDERS, COLUMNS)
    with pytest.raises(AccessDenied, match="may not pass queries through"):
        grant.check_passthrough()


def test_a_query_is_passed_through_only_for_whom_a_rule_says_so() -> None:
    MAP.grant(Identity(arn="arn:aws:iam::123456789012:role/admin")).check_passthrough()
    with pytest.raises(AccessDenied, match="may not pass queries through"):
        MAP.grant(Identity(arn=ANALYST)).check_passthrough()


def test_without_a_map_everybody_has_everything() -> None:
    EVERYTHING.check(ORDERS, COLUMNS, COLUMNS.names)
    EVERYTHING.check_passthrough()
    assert EVERYTHING.admits_schema("SALES")


def test_a_map_that_says_what_nobody_knows_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"rules\[0\].deny is not known"):
        from_document(Access, {"rules": [{"callers": ["*"], "deny": []}]})
