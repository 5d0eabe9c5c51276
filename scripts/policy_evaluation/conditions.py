"""Condition blocks: "IAM JSON policy elements: Condition operators" and "... multivalued context keys".

What an absent key means is what decides over a fence, so it is spelled out: a positive operator fails, a negated one
holds, `...IfExists` holds, `ForAllValues:` holds, `ForAnyValue:` fails.
"""

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from policy_evaluation.errors import PolicyError, UnsupportedError
from policy_evaluation.patterns import matches, matches_arn
from policy_evaluation.request import Request

Compare = Callable[[str, str], bool]
"""Whether one value of the policy (first) and one of the request (second) fit together."""


def _in_network(network: str, address: str) -> bool:
    try:
        wanted = ipaddress.ip_network(network, strict=False)
    except ValueError:
        raise PolicyError(f"{network!r} is neither an address nor a CIDR.") from None
    try:
        return ipaddress.ip_address(address) in wanted
    except ValueError:
        return False


def _number(compare: Callable[[float, float], bool]) -> Compare:
    return lambda expected, given: compare(float(given), float(expected))


def _moment(compare: Callable[[datetime, datetime], bool]) -> Compare:
    return lambda expected, given: compare(datetime.fromisoformat(given), datetime.fromisoformat(expected))


POSITIVE: Mapping[str, Compare] = {
    "StringEquals": lambda expected, given: expected == given,
    "StringEqualsIgnoreCase": lambda expected, given: expected.casefold() == given.casefold(),
    "StringLike": matches,
    "ArnEquals": matches_arn,
    "ArnLike": matches_arn,
    "IpAddress": _in_network,
    "Bool": lambda expected, given: expected.lower() == given.lower(),
    "NumericEquals": _number(lambda given, expected: given == expected),
    "NumericLessThan": _number(lambda given, expected: given < expected),
    "NumericLessThanEquals": _number(lambda given, expected: given <= expected),
    "NumericGreaterThan": _number(lambda given, expected: given > expected),
    "NumericGreaterThanEquals": _number(lambda given, expected: given >= expected),
    "DateEquals": _moment(lambda given, expected: given == expected),
    "DateLessThan": _moment(lambda given, expected: given < expected),
    "DateLessThanEquals": _moment(lambda given, expected: given <= expected),
    "DateGreaterThan": _moment(lambda given, expected: given > expected),
    "DateGreaterThanEquals": _moment(lambda given, expected: given >= expected),
}
NEGATED: Mapping[str, str] = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}
"""Each of these holds when none of the policy's values fits."""


def hold(block: Mapping[str, Mapping[str, Any]], request: Request) -> bool:
    """Whether every operator and every key of a Condition block holds for the request.

    Raises PolicyError for what AWS would refuse, UnsupportedError for an operator that is not evaluated here.
    """
    return all(
        _holds(operator, key, texts(expected), request)
        for operator, operands in block.items()
        for key, expected in operands.items()
    )


def texts(value: Any) -> list[str]:
    """The values of a policy element, which may be one or a list; numbers and booleans as JSON spells them."""
    given = value if isinstance(value, list) else [value]
    spelled = [str(item).lower() if isinstance(item, bool) else str(item) for item in given]
    if variable := next((item for item in spelled if "${" in item), None):
        raise UnsupportedError(f"the policy variable in {variable!r}")
    return spelled


def _holds(name: str, key: str, expected: list[str], request: Request) -> bool:
    prefix, _, rest = name.rpartition(":")
    operator = rest.removesuffix("IfExists")
    if prefix not in ("", "ForAnyValue", "ForAllValues"):
        raise PolicyError(f"{name!r} is no condition operator.")
    given = request.values(key)
    if operator == "Null":
        return (given is None) == (expected[0].lower() == "true")
    if operator not in POSITIVE and operator not in NEGATED:
        raise UnsupportedError(f"the condition operator {name}")
    fits = _test(operator, expected)
    if given is None or (prefix and not isinstance(given, str) and not given):
        return rest.endswith("IfExists") or (prefix != "ForAnyValue" if prefix else operator in NEGATED)
    values: Sequence[str] = [given] if isinstance(given, str) else given
    if prefix == "ForAllValues":
        return all(fits(value) for value in values)
    if prefix == "ForAnyValue":
        return any(fits(value) for value in values)
    if len(values) != 1:
        raise UnsupportedError(f"{name} on the several values of {key}: use ForAnyValue or ForAllValues")
    return fits(values[0])


def _test(operator: str, expected: list[str]) -> Callable[[str], bool]:
    compare = POSITIVE[NEGATED.get(operator, operator)]
    wanted = operator not in NEGATED
    return lambda value: any(compare(item, value) for item in expected) is wanted
