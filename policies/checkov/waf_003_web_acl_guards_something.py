"""WAF_003; https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-associating-aws-resource.html"""

import re
from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from _values import LATER, planned, strings, value

RULE = {
    "id": "WAF_003",
    "severity": "high",
    "title": "Regional web ACLs guard something",
    "why": "A web ACL that is associated with nothing looks at no request. It costs what others cost, its rules read "
    "well in review, and what it was made for is open.",
    "fix": """\
resource "aws_wafv2_web_acl_association" "api" {
  resource_arn = aws_api_gateway_stage.live.arn
  web_acl_arn  = aws_wafv2_web_acl.this.arn
}
""",
    "links": ["https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-associating-aws-resource.html"],
}


class WebAclGuardsSomething(BaseResourceCheck):
    """Judges web ACLs of the scope REGIONAL; those of CloudFront are named by its distributions."""

    def __init__(self) -> None:
        super().__init__(
            name=RULE["title"],
            id=RULE["id"],
            categories=[CheckCategories.NETWORKING],
            supported_resources=["aws_wafv2_web_acl"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """UNKNOWN when what is associated may be this web ACL, and only apply will know."""
        if value(conf, "scope") != "REGIONAL":
            return CheckResult.UNKNOWN
        own = re.search(r"aws_wafv2_web_acl[.:]([\w-]+)(?!.*aws_wafv2_web_acl)", self.entity_path)
        open_ends = False
        for association in planned(self.graph, "aws_wafv2_web_acl_association"):
            arn = value(association, "web_acl_arn")
            # A plan holds the reference beside the unknown value, a file in its place.
            texts = [*strings(association.get("web_acl_arn")), *strings(association.get("references_"))]
            named = {name for text in texts for name in re.findall(r"aws_wafv2_web_acl\.([\w-]+)", text)}
            if (own and own[1] in named) or (arn is not LATER and arn == value(conf, "arn")):
                return CheckResult.PASSED
            open_ends |= arn is LATER and not named
        return CheckResult.UNKNOWN if open_ends else CheckResult.FAILED


check = WebAclGuardsSomething()
