"""Tags of streams, by name, by ARN and across services.

Sources: API_AddTagsToStream, API_ListTagsForStream, API_TagResource, and "Tag restrictions" in the Kinesis Data Streams
Developer Guide. A stream's tags cannot be changed unless it is active, as ResourceInUseException is documented.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from moto.core.resource_tagging import TaggableResourcesMixin, TaggedResource
from moto.core.responses import ActionResult, EmptyResult
from moto.kinesis.models import KinesisBackend
from moto.kinesis.responses import KinesisResponse

from localcloud.extensions import AwsError, adds, corrects
from localcloud.kinesis import lifecycle
from localcloud.kinesis.resharding import Refusal

MOST_TAGS = 50
LONGEST_KEY, LONGEST_VALUE = 128, 256


def install() -> None:
    """Let the Resource Groups Tagging API find streams; harmless when repeated."""
    if not issubclass(KinesisBackend, TaggableResourcesMixin):
        KinesisBackend.SERVICE_NAMESPACE = "kinesis"
        KinesisBackend.iter_tagged_resources = _tagged_streams
        KinesisBackend.tag_resource = _tag_stream
        KinesisBackend.untag_resource = _untag_stream
        KinesisBackend.__bases__ += (TaggableResourcesMixin,)


def require_valid(tags: Mapping[str, str]) -> Mapping[str, str]:
    """The same tags. Raises AwsError for a key or value that AWS refuses."""
    for key, value in tags.items():
        if not 1 <= len(key) <= LONGEST_KEY or len(value) > LONGEST_VALUE or key.lower().startswith("aws:"):
            limits = f"1 to {LONGEST_KEY} characters, not beginning with aws:, and a value of at most {LONGEST_VALUE}"
            raise AwsError("InvalidArgumentException", f"The tag {key} must have a key of {limits}.")
    if len(tags) > MOST_TAGS:
        raise AwsError("InvalidArgumentException", f"A stream has at most {MOST_TAGS} tags.")
    return tags


@corrects(KinesisResponse, "AddTagsToStream")
def add_tags_to_stream(self: Any) -> EmptyResult:
    """AddTagsToStream: at most 50, to an active stream."""
    arn, name = self._get_param("StreamARN"), self._get_param("StreamName")
    _add(self.kinesis_backend, arn, name, self._get_param("Tags"))
    return EmptyResult()


@corrects(KinesisResponse, "RemoveTagsFromStream")
def remove_tags_from_stream(self: Any) -> EmptyResult:
    """RemoveTagsFromStream: from an active stream."""
    arn, name = self._get_param("StreamARN"), self._get_param("StreamName")
    _remove(self.kinesis_backend, arn, name, self._get_param("TagKeys"))
    return EmptyResult()


@corrects(KinesisResponse, "ListTagsForStream")
def list_tags_for_stream(self: Any) -> ActionResult:
    """ListTagsForStream: by key, the first one after ExclusiveStartTagKey."""
    stream = self.kinesis_backend.describe_stream(self._get_param("StreamARN"), self._get_param("StreamName"))
    after = self._get_param("ExclusiveStartTagKey") or ""
    rest = [tag for tag in _listed(stream) if tag["Key"] > after]
    size = self._get_param("Limit") or MOST_TAGS
    return ActionResult({"Tags": rest[:size], "HasMoreTags": len(rest) > size})


@adds(KinesisResponse, "TagResource")
def tag_resource(self: Any) -> EmptyResult:
    """TagResource, of streams."""
    self.kinesis_backend.tag_resource(self._get_param("ResourceARN"), self._get_param("Tags"))
    return EmptyResult()


@adds(KinesisResponse, "UntagResource")
def untag_resource(self: Any) -> EmptyResult:
    """UntagResource, of streams."""
    self.kinesis_backend.untag_resource(self._get_param("ResourceARN"), self._get_param("TagKeys"))
    return EmptyResult()


@adds(KinesisResponse, "ListTagsForResource")
def list_tags_for_resource(self: Any) -> ActionResult:
    """ListTagsForResource, of streams."""
    stream = self.kinesis_backend.describe_stream(_stream_arn(self._get_param("ResourceARN")), None)
    return ActionResult({"Tags": list(_listed(stream))})


def _listed(stream: Any) -> Iterator[dict[str, str]]:
    yield from ({"Key": key, "Value": value} for key, value in sorted(stream.tags.items()))


def _add(backend: Any, arn: str | None, name: str | None, tags: Mapping[str, str]) -> None:
    require_valid(tags)
    with lifecycle.held(backend):
        stream = backend.describe_stream(arn, name)
        lifecycle.require_active(stream)
        if len(stream.tags.keys() | tags.keys()) > MOST_TAGS:
            message = f"Failed to add tags to stream {stream.stream_name} under account {stream.account_id}: "
            raise Refusal("InvalidArgumentException", f"{message}a stream has at most {MOST_TAGS} tags.")
        stream.tags.update(tags)


def _remove(backend: Any, arn: str | None, name: str | None, keys: Iterable[str]) -> None:
    with lifecycle.held(backend):
        stream = backend.describe_stream(arn, name)
        lifecycle.require_active(stream)
        for key in keys:
            stream.tags.pop(key, None)


def _stream_arn(arn: str) -> str:
    if arn.count("/") > 1 or ":stream/" not in arn:
        raise NotImplementedError(f"only streams have tags, not {arn}")
    return arn


def _tagged_streams(self: Any) -> Iterator[TaggedResource]:
    for stream in self.list_streams():
        yield TaggedResource(stream.arn, dict(stream.tags), "kinesis:stream")


def _tag_stream(self: Any, arn: str, tags: Mapping[str, str]) -> None:
    _add(self, _stream_arn(arn), None, tags)


def _untag_stream(self: Any, arn: str, keys: Iterable[str]) -> None:
    _remove(self, _stream_arn(arn), None, keys)
