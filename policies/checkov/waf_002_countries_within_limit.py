"""WAF_002; https://docs.aws.amazon.com/waf/latest/APIReference/API_GeoMatchStatement.html"""

import re
from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from _values import REFERENCE, strings
from _web_acls import statements

RULE = {
    "id": "WAF_002",
    "severity": "high",
    "title": "Geo statements name at most 50 countries, by their codes",
    "why": "WAF takes 50 codes of two letters in one statement. Neither `validate` nor `plan` knows: the list that "
    "grew to 51, or that says UK for GB, is refused during apply, when half of the plan is done.",
    "fix": """\
locals {
  chunks = chunklist(var.countries, 50) # one geo_match_statement for each, in an or_statement
}
""",
    "links": ["https://docs.aws.amazon.com/waf/latest/APIReference/API_GeoMatchStatement.html"],
}

LONGEST = 50
CODE = re.compile(r"[A-Z]{2}")
NOT_CODES = {"UK", "EU", "EN"}
"""Two letters that are often taken for a country's: GB is the United Kingdom's, and the others are nobody's."""


class CountriesWithinLimit(BaseResourceCheck):
    """Judges web ACLs and rule groups by the lists that are known."""

    def __init__(self) -> None:
        super().__init__(
            name=RULE["title"],
            id=RULE["id"],
            categories=[CheckCategories.NETWORKING],
            supported_resources=["aws_wafv2_web_acl", "aws_wafv2_rule_group"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """UNKNOWN when no list of countries is known."""
        lists = [list(strings(block.get("country_codes"))) for block, _ in statements(conf, "geo_match_statement")]
        known = [codes for codes in lists if codes and not any(REFERENCE.search(code) for code in codes)]
        if not known:
            return CheckResult.UNKNOWN
        taken = all(len(codes) <= LONGEST and all(map(_is_code, codes)) for codes in known)
        return CheckResult.PASSED if taken else CheckResult.FAILED


def _is_code(text: str) -> bool:
    return bool(CODE.fullmatch(text)) and text not in NOT_CODES


check = CountriesWithinLimit()
