"""Pages as the query APIs hand them out: `MaxRecords` and an opaque `Marker`."""

import base64
import binascii
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from localcloud.extensions import AwsError

MINIMUM_RECORDS, MAXIMUM_RECORDS = 20, 100
Item = TypeVar("Item")


def page(
    items: Iterable[Item], key: Callable[[Item], str], name: str, maximum: int | None, marker: str | None
) -> dict[str, Any]:
    """One page of `items`, ordered by `key`, as `{name: [...], "Marker": ...}`; the last one has no Marker.

    A marker names the last item handed out, so items that come and go between two pages are neither repeated nor
    lost. Raises AwsError InvalidParameterValue for a page size outside 20..100 or a marker that is not ours.
    """
    size = MAXIMUM_RECORDS if maximum is None else maximum
    if not MINIMUM_RECORDS <= size <= MAXIMUM_RECORDS:
        limits = f"between {MINIMUM_RECORDS} and {MAXIMUM_RECORDS}"
        raise AwsError("InvalidParameterValue", f"Invalid value {size} for MaxRecords. Must be {limits}.")
    last = _decode(name, marker) if marker else ""
    rest = sorted((item for item in items if key(item) > last), key=key)
    answer: dict[str, Any] = {name: rest[:size]}
    if len(rest) > size:
        answer["Marker"] = _encode(name, key(rest[size - 1]))
    return answer


def _encode(name: str, key: str) -> str:
    return base64.urlsafe_b64encode(f"{name}:{key}".encode()).decode()


def _decode(name: str, marker: str) -> str:
    try:
        owner, _, key = base64.b64decode(marker, altchars=b"-_", validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        owner = key = ""
    if owner != name:
        raise AwsError("InvalidParameterValue", "Invalid Marker.")
    return key
