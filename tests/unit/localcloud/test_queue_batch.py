"""What a function's answer to a batch of messages says of each of them."""

import pytest

from localcloud.functions.queue_batch import failed_in

SENT = {"a", "b"}


@pytest.mark.parametrize(
    "answer",
    [b"null", b"{}", b'{"statusCode": 200}', b'""', b'{"batchItemFailures": []}', b'{"batchItemFailures": null}'],
)
def test_nothing_reported_is_success(answer: bytes) -> None:
    assert failed_in(answer, SENT) == set()


def test_what_is_reported_has_failed() -> None:
    assert failed_in(b'{"batchItemFailures": [{"itemIdentifier": "b"}]}', SENT) == {"b"}


@pytest.mark.parametrize(
    "answer",
    [
        b"not json",
        b'"a"',
        b'{"batchItemFailures": [{"id": "a"}]}',
        b'{"batchItemFailures": [{"itemIdentifier": ""}]}',
        b'{"batchItemFailures": [{"itemIdentifier": null}]}',
        b'{"batchItemFailures": [{"itemIdentifier": ["a"]}]}',
        b'{"batchItemFailures": ["a"]}',
        b'{"batchItemFailures": [{"itemIdentifier": "other"}]}',
    ],
)
def test_a_report_that_cannot_be_read_fails_the_batch(answer: bytes) -> None:
    assert failed_in(answer, SENT) == SENT
