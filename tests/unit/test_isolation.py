"""The promises of tests/conftest.py."""

import os
import socket

import boto3
import pytest


@pytest.mark.parametrize("address", [("192.0.2.1", 443), ("aws.amazon.com", 443)])
def test_a_test_cannot_leave_this_machine(address: tuple[str, int]) -> None:
    with socket.socket() as outward:
        outward.settimeout(1)
        with pytest.raises(AssertionError, match="stay on this machine"):
            outward.connect(address)


def test_a_test_has_dummy_credentials() -> None:
    credentials = boto3.Session().get_credentials()
    assert credentials is not None
    assert credentials.access_key == "test"
    assert "AWS_PROFILE" not in os.environ
