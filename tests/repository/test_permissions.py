"""The policy that follows from recorded calls."""

from typing import Any

import pytest

import permissions


def actions(policy: dict[str, Any]) -> dict[str, list[str]]:
    return {statement["Sid"]: statement["Action"] for statement in policy["Statement"]}


def test_calls_get_the_names_that_iam_has_for_them() -> None:
    found = actions(permissions.policy(["sts:GetCallerIdentity", "s3:ListObjectsV2", "s3:HeadBucket", "iam:GetUser"]))
    assert found == {"CalledByApplyPlanAndDestroy": ["s3:ListBucket", "sts:GetCallerIdentity"]}


def test_iam_knows_api_gateway_by_methods() -> None:
    called = ["apigateway:CreateRestApi", "apigateway:GetStage", "apigateway:PutIntegration", "apigateway:TagResource"]
    assert actions(permissions.policy(called)) == {
        "CalledByApplyPlanAndDestroy": ["apigateway:GET", "apigateway:POST", "apigateway:PUT"]
    }
    with pytest.raises(ValueError, match="apigateway:TestInvokeMethod begins with none of Create, Delete"):
        permissions.policy(["apigateway:TestInvokeMethod"])


def test_what_aws_checks_besides_and_what_changes_need_is_listed_once() -> None:
    found = actions(permissions.policy(["lambda:CreateFunction", "iam:PassRole", "lambda:UntagResource"]))
    assert found["CalledByApplyPlanAndDestroy"] == ["iam:PassRole", "lambda:CreateFunction", "lambda:UntagResource"]
    assert found["CheckedWithThem"] == ["lambda:TagResource"]
    assert found["ToChangeWhatExists"] == [
        "lambda:PutFunctionConcurrency",
        "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
    ]
