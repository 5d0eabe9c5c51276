"""An AWS account on loopback: moto, completed where it is missing something and corrected where it is wrong."""

ACCOUNT_ID = "123456789012"
DEFAULT_REGION = "us-east-1"
