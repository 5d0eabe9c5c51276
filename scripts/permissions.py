"""The permissions that applying a root takes, as an IAM policy: from the calls that Terraform was seen to make.

The local cloud enforces no IAM: what it sees are names of API actions. IAM's own names, and the actions that AWS checks
besides the one that is called, are those of the Service Authorization Reference:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from collections.abc import Iterable
from typing import Any

NAMES = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:DeleteBucketOwnershipControls": "s3:PutBucketOwnershipControls",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:GetBucketAccelerateConfiguration": "s3:GetAccelerateConfiguration",
    "s3:GetBucketCors": "s3:GetBucketCORS",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
}
"""API actions that IAM spells otherwise."""

API_GATEWAY_VERBS = {"Create": "POST", "Delete": "DELETE", "Get": "GET", "Put": "PUT", "Update": "PATCH"}
"""How each action of API Gateway begins, and the method by which IAM knows it; tags are PUT and DELETE."""

LOCAL_ONLY = {"iam:GetUser"}
"""By which the provider finds the account where it is told not to validate credentials, as on the local cloud."""

CHECKED_TOO = {
    "apigateway:PATCH": {"apigateway:UpdateRestApiPolicy"},
    "athena:CreateDataCatalog": {"athena:TagResource"},
    "cloudwatch:PutMetricAlarm": {"cloudwatch:TagResource"},
    "dynamodb:CreateTable": {"dynamodb:TagResource"},
    "ec2:AllocateAddress": {"ec2:CreateTags"},
    "ec2:CreateClientVpnEndpoint": {"ec2:CreateTags", "iam:CreateServiceLinkedRole"},
    "ec2:CreateVpc": {"ec2:CreateTags"},
    "events:PutRule": {"events:TagResource"},
    "iam:CreatePolicy": {"iam:TagPolicy"},
    "iam:CreateRole": {"iam:TagRole"},
    "kms:CreateKey": {"kms:PutKeyPolicy", "kms:TagResource"},
    "lambda:CreateFunction": {"iam:PassRole", "lambda:TagResource"},
    "logs:CreateLogGroup": {"logs:TagResource"},
    "sns:CreateTopic": {"sns:TagResource"},
    "sqs:CreateQueue": {"sqs:TagQueue"},
    "wafv2:AssociateWebACL": {"apigateway:SetWebACL"},
    "wafv2:CreateWebACL": {"wafv2:TagResource"},
    "wafv2:DisassociateWebACL": {"apigateway:SetWebACL"},
    # So that WAF may write to the log group, its policy is changed in the caller's name.
    "wafv2:PutLoggingConfiguration": {
        "iam:CreateServiceLinkedRole",
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:PutResourcePolicy",
    },
}
"""What AWS checks besides the action itself: the tags that come with it, and the role that a function is given."""

CHANGES = {
    "athena:CreateDataCatalog": {"athena:UntagResource", "athena:UpdateDataCatalog"},
    "cloudwatch:PutMetricAlarm": {"cloudwatch:UntagResource"},
    "dynamodb:CreateTable": {"dynamodb:UntagResource", "dynamodb:UpdateTable"},
    "ec2:CreateClientVpnEndpoint": {
        "ec2:AuthorizeClientVpnIngress",
        "ec2:DeleteTags",
        "ec2:ModifyClientVpnEndpoint",
        "ec2:RevokeClientVpnIngress",
    },
    "ec2:CreateVpc": {"ec2:DeleteTags", "ec2:ModifyVpcAttribute"},
    "events:PutRule": {"events:UntagResource"},
    "iam:CreatePolicy": {
        "iam:AttachRolePolicy",
        "iam:CreatePolicyVersion",
        "iam:DeletePolicyVersion",
        "iam:DetachRolePolicy",
        "iam:UntagPolicy",
    },
    "iam:CreateRole": {"iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole"},
    "kms:CreateKey": {"kms:PutKeyPolicy", "kms:UntagResource", "kms:UpdateKeyDescription"},
    "lambda:CreateAlias": {"lambda:PublishVersion", "lambda:UpdateAlias"},
    "lambda:CreateFunction": {
        "lambda:PutFunctionConcurrency",
        "lambda:UntagResource",
        "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
    },
    "logs:CreateLogGroup": {"logs:PutRetentionPolicy", "logs:UntagResource"},
    # A bucket that is destroyed with what is in it.
    "s3:CreateBucket": {"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucketVersions"},
    "sns:CreateTopic": {"sns:SetTopicAttributes", "sns:UntagResource"},
    "sqs:CreateQueue": {"sqs:SetQueueAttributes", "sqs:UntagQueue"},
    "wafv2:CreateIPSet": {"wafv2:UntagResource", "wafv2:UpdateIPSet"},
    "wafv2:CreateWebACL": {"wafv2:UntagResource", "wafv2:UpdateWebACL"},
}
"""What changing such a resource calls, which neither creating nor destroying it does."""


def policy(called: Iterable[str]) -> dict[str, Any]:
    """The policy for whoever makes these calls (`iam:CreateRole`) and later changes what they created.

    Its statements say where each action comes from; none is listed twice. Resources are for the reader to narrow.
    """
    recorded = {name_in_iam(action) for action in called} - LOCAL_ONLY
    checked = {action for made in recorded for action in CHECKED_TOO.get(made, ())} - recorded
    changes = {action for made in recorded for action in CHANGES.get(made, ())} - recorded - checked
    found = {"CalledByApplyPlanAndDestroy": recorded, "CheckedWithThem": checked, "ToChangeWhatExists": changes}
    statements = [
        {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), "Resource": "*"}
        for sid, actions in found.items()
        if actions
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def name_in_iam(action: str) -> str:
    """What IAM calls an API action. Raises ValueError for one of API Gateway that begins with no known verb."""
    service, name = action.split(":")
    if service != "apigateway":
        return NAMES.get(action, action)
    if name in ("TagResource", "UntagResource"):
        return "apigateway:PUT" if name == "TagResource" else "apigateway:DELETE"
    for verb, method in API_GATEWAY_VERBS.items():
        if name.startswith(verb):
            return f"apigateway:{method}"
    raise ValueError(f"{action} begins with none of {', '.join(API_GATEWAY_VERBS)}: add its verb to API_GATEWAY_VERBS.")
