"""The wildcards of policies: `*` is any text, `?` one character, everything else stands for itself."""

import re
from functools import cache

ARN_PARTS = 6


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text fits the pattern; case counts."""
    return _compiled(pattern).fullmatch(text) is not None


def matches_arn(pattern: str, arn: str) -> bool:
    """Whether an ARN fits a pattern, part by part: no wildcard reaches over the colon at its part's end.

    What lies behind the fifth colon is one part, colons or not.
    """
    expected, given = pattern.split(":", ARN_PARTS - 1), arn.split(":", ARN_PARTS - 1)
    if len(expected) != ARN_PARTS or len(given) != ARN_PARTS:
        return False
    return all(matches(part, text) for part, text in zip(expected, given, strict=True))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    wildcards = {"*": ".*", "?": "."}
    return re.compile("".join(wildcards.get(character, re.escape(character)) for character in pattern), re.DOTALL)
