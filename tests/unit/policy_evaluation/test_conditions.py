"""Condition operators, and above all what an absent key means to each."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_evaluation.conditions import NEGATED, POSITIVE, hold
from policy_evaluation.errors import PolicyError, UnsupportedError
from policy_evaluation.request import Request

USER = "arn:aws:iam::111122223333:user/ann"
VALUES = {
    "String": "a",
    "Arn": USER,
    "IpAddress": "192.0.2.0/24",
    "NotIpAddress": "192.0.2.0/24",
    "Bool": "true",
    "Numeric": "7",
    "Date": "2026-11-24T06:00:00+00:00",
}


def holds(operator: str, expected: Any, given: Any = None) -> bool:
    context = {} if given is None else {"the:Key": given}
    return hold({operator: {"the:key": expected}}, Request(USER, "s3:ListBucket", context=context))


@pytest.mark.parametrize(
    ("operator", "expected", "given", "outcome"),
    [
        ("StringEquals", ["a", "b"], "b", True),
        ("StringEquals", "a", "A", False),
        ("StringEqualsIgnoreCase", "a", "A", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("StringLike", "role/*", "role/x/y", True),
        ("StringLike", "a[b]?", "a[b]c", True),
        ("StringNotLike", "role/*", "user/x", True),
        ("ArnLike", "arn:aws:iam::*:role/ops/*", "arn:aws:iam::1:role/ops/a", True),
        ("ArnEquals", "arn:aws:iam::*:role/a", "arn:aws:iam::1:role/a", True),
        ("ArnLike", "arn:aws:*:role/a", "arn:aws:iam::1:role/a", False),
        ("ArnNotLike", "arn:aws:iam::*:role/a", "arn:aws:iam::1:role/b", True),
        ("ArnLike", "*", "not an arn", False),
        ("IpAddress", "192.0.2.7", "192.0.2.7", True),
        ("IpAddress", ["10.0.0.0/8", "192.0.2.0/24"], "192.0.2.9", True),
        ("IpAddress", "192.0.2.0/24", "2001:db8::1", False),
        ("IpAddress", "2001:db8::/32", "2001:db8::1", True),
        ("NotIpAddress", "192.0.2.0/24", "192.0.2.9", False),
        ("NotIpAddress", "192.0.2.0/24", "2001:db8::1", True),
        ("Bool", "false", "False", True),
        ("Bool", False, "true", False),
        ("NumericLessThan", "10", "9", True),
        ("DateGreaterThan", "2026-01-01T00:00:00+00:00", "2026-11-24T06:00:00+00:00", True),
        ("Null", "true", None, True),
        ("Null", "false", None, False),
        ("Null", "false", "x", True),
        ("ForAnyValue:StringEquals", ["a", "b"], ["c", "b"], True),
        ("ForAnyValue:StringNotEquals", "a", ["a"], False),
        ("ForAnyValue:StringNotEquals", "a", ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
        ("ForAnyValue:StringEquals", "a", [], False),
        ("ForAllValues:StringEquals", "a", [], True),
    ],
)
def test_an_operator(operator: str, expected: Any, given: Any, outcome: bool) -> None:
    assert holds(operator, expected, given) is outcome


@pytest.mark.parametrize("operator", sorted({*POSITIVE, *NEGATED}))
def test_an_absent_key_fails_a_positive_operator_and_satisfies_a_negated_one(operator: str) -> None:
    expected = next(value for kind, value in VALUES.items() if operator.startswith(kind))
    assert holds(operator, expected) is (operator in NEGATED)
    assert holds(f"{operator}IfExists", expected)
    assert not holds(f"ForAnyValue:{operator}", expected)
    assert holds(f"ForAllValues:{operator}", expected)


@given(st.lists(st.sampled_from("abc"), min_size=1), st.sampled_from("abcd"))
def test_a_negated_operator_is_the_opposite_where_the_key_is_present(expected: list[str], value: str) -> None:
    assert holds("StringNotEquals", expected, value) is not holds("StringEquals", expected, value)
    assert holds("StringEqualsIfExists", expected, value) is holds("StringEquals", expected, value)


@given(st.ip_addresses())
def test_an_address_is_in_exactly_its_own_network(address: Any) -> None:
    assert holds("IpAddress", str(address), str(address))
    assert not holds("NotIpAddress", [str(address), "10.0.0.0/8"], str(address))


def test_every_key_and_every_operator_of_a_block_must_hold() -> None:
    request = Request(USER, "s3:ListBucket", context={"a": "1", "b": "2"})
    assert hold({"StringEquals": {"a": "1", "b": "2"}, "StringLike": {"a": "?"}}, request)
    assert not hold({"StringEquals": {"a": "1", "b": "1"}}, request)
    assert not hold({"StringEquals": {"a": "1"}, "StringLike": {"b": "x*"}}, request)


@pytest.mark.parametrize(
    ("operator", "expected", "given", "error", "named"),
    [
        ("BinaryEquals", "a", "a", UnsupportedError, "BinaryEquals"),
        ("Every:StringEquals", "a", "a", PolicyError, "Every:StringEquals"),
        ("StringEquals", "${aws:username}", "a", UnsupportedError, "aws:username"),
        ("StringEquals", "a", ["a", "b"], UnsupportedError, "ForAnyValue"),
        ("IpAddress", "192.0.2.0/33", "192.0.2.1", PolicyError, "192.0.2.0/33"),
    ],
)
def test_what_cannot_be_judged_is_named(
    operator: str, expected: Any, given: Any, error: type[Exception], named: str
) -> None:
    with pytest.raises(error, match=named):
        holds(operator, expected, given)
