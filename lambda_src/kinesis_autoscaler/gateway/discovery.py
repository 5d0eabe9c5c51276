"""Streams that carry the tag by which they are discovered."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from kinesis_autoscaler.gateway.calls import Calls

if TYPE_CHECKING:
    from mypy_boto3_resourcegroupstaggingapi import ResourceGroupsTaggingAPIClient


class Tagged:
    """See Calls.one for what it raises. `client` makes the client, or returns the one it has made."""

    def __init__(self, client: "Callable[[], ResourceGroupsTaggingAPIClient]", calls: Calls) -> None:
        self._client = client
        self._calls = calls

    def streams(self, tag: str) -> dict[str, dict[str, str]]:
        """The tags of every stream that carries `tag`, whatever its value, by its name."""
        pages = (
            self._client()
            .get_paginator("get_resources")
            .paginate(ResourceTypeFilters=["kinesis:stream"], TagFilters=[{"Key": tag}])
        )
        return {
            found["ResourceARN"].split("/", 1)[1]: {tag["Key"]: tag["Value"] for tag in found["Tags"]}
            for page in self._calls.each("GetResources", pages)
            for found in page["ResourceTagMappingList"]
            if found["ResourceARN"].count("/") == 1  # not a consumer of a stream
        }
