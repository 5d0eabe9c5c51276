"""LAMBDA_005; https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html"""

import re
from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from _values import LATER, value

RULE = {
    "id": "LAMBDA_005",
    "severity": "high",
    "title": "Functions are pinned to their zip by its hash",
    "why": "Without a hash a new zip of the same name is never deployed, and the plan says that nothing changes. With "
    "a hash in hexadecimal, where Lambda compares base64, every plan deploys the function anew and none is ever "
    "empty.",
    "fix": """\
resource "aws_lambda_function" "this" {
  filename         = "build/lambda/report-arm64.zip"
  source_code_hash = filebase64sha256("build/lambda/report-arm64.zip")
}
""",
    "links": ["https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lambda_function"],
}

SHA256_BASE64 = re.compile(r"[A-Za-z0-9+/]{43}=")
IN_HEXADECIMAL = re.compile(r"(?<!base64)sha256\(")


class ZipPinned(BaseResourceCheck):
    """Judges functions that run from a zip; an object of S3 may be pinned by its version instead."""

    def __init__(self) -> None:
        super().__init__(
            name=RULE["title"],
            id=RULE["id"],
            categories=[CheckCategories.SUPPLY_CHAIN],
            supported_resources=["aws_lambda_function"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """UNKNOWN for an image, whose reference names its digest or not."""
        if value(conf, "image_uri") or value(conf, "package_type") == "Image":
            return CheckResult.UNKNOWN
        pinned = value(conf, "source_code_hash")
        if pinned is None:
            return CheckResult.PASSED if value(conf, "s3_object_version") else CheckResult.FAILED
        if pinned is LATER:
            in_hexadecimal = IN_HEXADECIMAL.search(str(conf["source_code_hash"]))
            return CheckResult.FAILED if in_hexadecimal else CheckResult.PASSED
        return CheckResult.PASSED if SHA256_BASE64.fullmatch(pinned) else CheckResult.FAILED


check = ZipPinned()
