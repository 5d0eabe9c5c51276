"""S3 where moto is kinder than AWS: a checksum is compared with the bytes, and a bucket's owner with who was expected.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
"""

import base64
import binascii
import hashlib
from collections.abc import Callable
from typing import Any

from moto.s3.exceptions import S3ClientError
from moto.s3.models import s3_backends
from moto.s3.responses import S3Response
from werkzeug.datastructures import Headers

from localcloud.extensions import corrects

PREFIX = "x-amz-checksum-"
DIGESTS: dict[str, Callable[[bytes], bytes]] = {
    "crc32": lambda body: binascii.crc32(body).to_bytes(4, "big"),
    "sha1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "sha256": lambda body: hashlib.sha256(body).digest(),
}
"""What Python itself computes; values of other algorithms are kept as they are given."""

moto_put_object = S3Response.put_object
moto_answer_bucket = S3Response._bucket_response
moto_answer_key = S3Response._key_response


def install() -> None:
    """Put what no single action is about in place of moto's; harmless when repeated."""
    S3Response._bucket_response = _answer_bucket
    S3Response._key_response = _answer_key


@corrects(S3Response, "PutObject")
def put_object(self: Any) -> Any:
    """PutObject: compares the checksum that was sent with the bytes, and keeps it."""
    given = {
        name.lower().removeprefix(PREFIX): value
        for name, value in self.headers.items()
        if name.lower().startswith(PREFIX) and not name.lower().endswith(("-algorithm", "-mode", "-type"))
    }
    if len(given) > 1:
        message = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
        raise S3ClientError("InvalidRequest", message)
    for algorithm, value in given.items():
        _compare(algorithm, value, self.body or b"")
        # Without the SDK's own header moto would forget which algorithm it was.
        named = {"x-amz-sdk-checksum-algorithm": algorithm.upper(), f"{PREFIX}{algorithm}": value}
        self.headers = Headers({**dict(self.headers), **named})
    return moto_put_object(self)


def _compare(algorithm: str, value: str, body: bytes) -> None:
    if algorithm not in DIGESTS:
        return
    digest = DIGESTS[algorithm](body)
    try:
        length = len(base64.b64decode(value, validate=True))
    except binascii.Error:
        length = 0
    if length != len(digest):
        raise S3ClientError("InvalidRequest", f"Value for {PREFIX}{algorithm} header is invalid.")
    if base64.b64encode(digest).decode() != value:
        message = f"The {algorithm.upper()} you specified did not match the calculated checksum."
        raise S3ClientError("BadDigest", message)


def _answer_bucket(self: Any, request: Any, full_url: str) -> Any:
    return _forbidden(self, request, full_url) or moto_answer_bucket(self, request, full_url)


def _answer_key(self: Any, request: Any, full_url: str) -> Any:
    return _forbidden(self, request, full_url) or moto_answer_key(self, request, full_url)


def _forbidden(self: Any, request: Any, full_url: str) -> Any:
    """403 for a bucket of another account than the request expects; None when there is nothing against it."""
    expected = request.headers.get("x-amz-expected-bucket-owner")
    _, owner = s3_backends.bucket_accounts.get(self.parse_bucket_name_from_url(request, full_url), ("", expected))
    if expected in (None, owner):
        return None
    error = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    body = "" if request.method == "HEAD" else error
    return 403, {"content-type": "application/xml"}, body
