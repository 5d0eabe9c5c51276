"""Where a plan holds what an identity may do: the texts of policies, and the documents that such texts are made of.

A rule derives a class of its own from each, for the gate finds a rule by the file of its class.
"""

from collections.abc import Callable
from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.data.base_check import BaseDataCheck
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from _statements import Statement, of_document, of_text

Judge = Callable[[list[Statement]], CheckResult]
TEXTS = ["aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy"]


class PolicyTextCheck(BaseResourceCheck):
    """Judges policies whose text the plan knows; a text that waits for apply is judged in its document."""

    def __init__(self, rule: dict[str, Any], judge: Judge, kinds: list[str] = TEXTS) -> None:
        self._judge = judge
        super().__init__(name=rule["title"], id=rule["id"], categories=[CheckCategories.IAM], supported_resources=kinds)

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """UNKNOWN when the text is not known yet."""
        statements = of_text(conf.get("policy"))
        return CheckResult.UNKNOWN if statements is None else self._judge(statements)


class PolicyDocumentCheck(BaseDataCheck):
    """Judges policy documents in source, and in plans those that are read during apply, with the texts they include."""

    def __init__(self, rule: dict[str, Any], judge: Judge) -> None:
        self._judge = judge
        kinds = ["aws_iam_policy_document"]
        super().__init__(name=rule["title"], id=rule["id"], categories=[CheckCategories.IAM], supported_data=kinds)

    def scan_data_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """What the rule makes of the document's statements."""
        return self._judge(of_document(conf))
