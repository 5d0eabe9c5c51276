"""WAF_001; https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-forwarded-ip-address.html"""

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from _values import blocks, value
from _web_acls import acts, statements

RULE = {
    "id": "WAF_001",
    "severity": "critical",
    "title": "Web ACLs that judge forwarded addresses admit nobody without one",
    "why": "WAF leaves out a rule whose header is missing, with its action and its fallback. Where everybody is "
    "admitted whom no rule blocks, leaving the header out is the way in; so is an address that is none, where the "
    "fallback admits it.",
    "fix": """\
resource "aws_wafv2_web_acl" "fence" {
  default_action {
    block {}
  }

  rule {
    action {
      allow {}
    }

    statement {
      geo_match_statement {
        country_codes = ["AT", "CH"]

        forwarded_ip_config {
          header_name       = "X-Client-Ip"
          fallback_behavior = "NO_MATCH" # under a not_statement: MATCH
        }
      }
    }
  }
}
""",
    "links": [
        "https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-forwarded-ip-address.html",
        "https://docs.aws.amazon.com/waf/latest/APIReference/API_ForwardedIPConfig.html",
    ],
}

CONFIGS = ("forwarded_ip_config", "ip_set_forwarded_ip_config")


class ClaimsProveNothing(BaseResourceCheck):
    """Judges web ACLs that decide by an address in a header."""

    def __init__(self) -> None:
        super().__init__(
            name=RULE["title"],
            id=RULE["id"],
            categories=[CheckCategories.NETWORKING],
            supported_resources=["aws_wafv2_web_acl"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """UNKNOWN when no rule reads a header; a rate limit by header alone is no admission."""
        rules = [(rule, list(_configs(rule))) for rule in blocks(conf, "rule")]
        if not any(configs for _, configs in rules):
            return CheckResult.UNKNOWN
        blocked = any(acts(default, "block") for default in blocks(conf, "default_action"))
        admitting = [
            config
            for rule, configs in rules
            if any(acts(action, "allow") for action in blocks(rule, "action"))
            for config in configs
        ]
        proven = all(value(config, "fallback_behavior") in _closed(negated) for config, negated in admitting)
        return CheckResult.PASSED if blocked and proven else CheckResult.FAILED


def _configs(rule: dict[str, Any]) -> list[tuple[dict[str, Any], bool]]:
    of_rates = [config for block, _ in statements(rule, "rate_based_statement") for config in blocks(block, CONFIGS[0])]
    found = [pair for name in CONFIGS for pair in statements(rule.get("statement"), name)]
    return [(config, negated) for config, negated in found if config not in of_rates]


def _closed(negated: bool) -> tuple[Any, ...]:
    """The fallbacks that admit nobody."""
    return ("MATCH",) if negated else ("NO_MATCH",)


check = ClaimsProveNothing()
