"""NETWORK_001; https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html"""

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from _values import blocks, strings, value

RULE = {
    "id": "NETWORK_001",
    "severity": "critical",
    "title": "Security groups let in no one from everywhere",
    "why": "Functions, endpoints and databases answer known networks. A port that is open to every address is scanned "
    "within minutes, whichever it is; rules that look at a few well-known ports miss the others.",
    "fix": """\
resource "aws_vpc_security_group_ingress_rule" "database" {
  security_group_id            = aws_security_group.database.id
  referenced_security_group_id = aws_security_group.connector.id # or cidr_ipv4 of a network of yours
  ip_protocol                  = "tcp"
  from_port                    = 1521
  to_port                      = 1521
}
""",
    "links": ["https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html"],
}

EVERYWHERE = {"0.0.0.0/0", "::/0"}
RANGES = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6")


class NoOpenIngress(BaseResourceCheck):
    """Judges what lets in, in each of the three forms that the provider has for it."""

    def __init__(self) -> None:
        super().__init__(
            name=RULE["title"],
            id=RULE["id"],
            categories=[CheckCategories.NETWORKING],
            supported_resources=[
                "aws_security_group",
                "aws_security_group_rule",
                "aws_vpc_security_group_ingress_rule",
            ],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """UNKNOWN for a rule that lets out."""
        if value(conf, "type") == "egress":
            return CheckResult.UNKNOWN
        rules = [conf, *blocks(conf, "ingress")]
        open_to = {text for rule in rules for name in RANGES for text in strings(rule.get(name))}
        return CheckResult.FAILED if open_to & EVERYWHERE else CheckResult.PASSED


check = NoOpenIngress()
