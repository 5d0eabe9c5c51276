"""Which schemas are there."""

import pytest

from athena_connectors.federation.patterns import Patterns


@pytest.mark.parametrize(
    ("include", "exclude", "name", "admitted"),
    [
        ((), (), "ANY", True),
        (("sales*",), (), "SALES_EU", True),
        (("SALES*",), (), "sales_eu", True),
        (("sales",), (), "SALES_EU", False),
        ((), ("tmp_?",), "TMP_1", False),
        ((), ("tmp_?",), "TMP_12", True),
        (("s*",), ("sys",), "SYS", False),
        (("s*", "hr"), ("sys",), "HR", True),
        (("[a]",), (), "[a]", True),
        (("[a]",), (), "a", False),
    ],
)
def test_patterns_include_and_exclude_in_any_case(
    include: tuple[str, ...], exclude: tuple[str, ...], name: str, admitted: bool
) -> None:
    assert Patterns(include, exclude).admit(name) is admitted
