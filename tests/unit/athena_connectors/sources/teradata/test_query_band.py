"""How Teradata's log is told who asks."""

from hypothesis import given
from hypothesis import strategies as st

from athena_connectors.federation.source import Caller
from athena_connectors.sources.teradata.query_band import query_band


def test_the_query_of_athena_and_the_caller_are_named() -> None:
    band = query_band(Caller("1111-2222", "arn:aws:iam::123456789012:user/analyst"))
    assert band == (
        "SET QUERY_BAND = 'ApplicationName=Groundcrew;AthenaQueryId=1111-2222;"
        "Caller=arn:aws:iam::123456789012:user/analyst;' FOR SESSION"
    )


@given(st.text(), st.text())
def test_nobody_breaks_out_of_the_band(query_id: str, arn: str) -> None:
    band = query_band(Caller(query_id, arn)).removeprefix("SET QUERY_BAND = '").removesuffix("' FOR SESSION")
    assert "'" not in band
    assert "{" not in band
    pairs = [pair.split("=") for pair in band.removesuffix(";").split(";")]
    assert all(len(pair) == 2 and len(pair[1]) <= 256 for pair in pairs)
    assert pairs[0] == ["ApplicationName", "Groundcrew"]
