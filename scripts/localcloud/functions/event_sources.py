"""Event source mappings from SQS queues to functions: what AWS accepts, and how they are described.

Sources: API_CreateEventSourceMapping, API_UpdateEventSourceMapping, and "Using Lambda with Amazon SQS" in the Lambda
Developer Guide. The other sources of events are moto's.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from moto.awslambda.exceptions import UnknownAliasException, UnknownFunctionException
from moto.awslambda.models import LambdaBackend
from moto.awslambda.responses import LambdaResponse
from moto.awslambda.utils import get_backend
from moto.sqs.models import sqs_backends

from localcloud import ACCOUNT_ID
from localcloud.extensions import AwsError, corrects

Answer = tuple[int, dict[str, Any], str]

RANGES = {"BatchSize": (1, 10_000), "MaximumBatchingWindowInSeconds": (0, 300)}
CONCURRENCY = (2, 1000)
LARGEST_UNWAITED_BATCH = 10
REPORTED = "ReportBatchItemFailures"
NOT_EMULATED = ("KMSKeyArn", "MetricsConfig", "ProvisionedPollerConfig", "LoggingConfig")
OF_QUEUES = {
    *RANGES,
    *NOT_EMULATED,
    "Enabled",
    "EventSourceArn",
    "FilterCriteria",
    "FunctionName",
    "FunctionResponseTypes",
    "ScalingConfig",
    "Tags",
}

moto_create_mapping = LambdaBackend.create_event_source_mapping
moto_create = LambdaResponse.create_event_source_mapping
moto_update = LambdaResponse.update_event_source_mapping


def install() -> None:
    """Take queues out of moto's hands, which delivers each message by itself as it is sent; harmless when repeated."""
    LambdaBackend.create_event_source_mapping = _create_mapping


def of_queues(region: str) -> Iterator[tuple[Any, Any]]:
    """Every mapping of `region` from a queue that exists, with moto's queue."""
    for mapping in list(get_backend(ACCOUNT_ID, region)._event_source_mappings.values()):
        if _is_queue(mapping.event_source_arn) and (queue := _queue(mapping.event_source_arn)):
            yield mapping, queue


def reports_failures(mapping: Any) -> bool:
    """Whether the function says by itself which messages of a batch failed."""
    return REPORTED in (mapping.function_response_types or [])


def concurrency(mapping: Any) -> int | None:
    """How many batches are handled at once at most, None where nobody said so."""
    limit: int | None = (mapping.scaling_config or {}).get("MaximumConcurrency")
    return limit


@corrects(LambdaResponse, "CreateEventSourceMapping")
def create_event_source_mapping(self: Any) -> Answer:
    """CreateEventSourceMapping: from a queue, as AWS accepts it; the rest is moto's."""
    spec = self.json_body
    source, name = spec.get("EventSourceArn") or "", spec.get("FunctionName") or ""
    if not _is_queue(source):
        answer: Answer = moto_create(self)
        return answer
    _require_valid(spec)
    arn = _function_arn(self, name)
    queue = _queue(source)
    if queue is None:
        raise _invalid(f"Error occurred while ReceiveMessage. The queue {source} does not exist.")
    _require_time(queue, self.backend.get_function(arn))
    for mapping, _ in of_queues(self.region):
        if (mapping.event_source_arn, mapping.function_arn) == (source, arn):
            message = (
                f'An event source mapping with SQS arn (" {source} ") and function (" {name} ") already exists. '
                f"Please update or delete the existing mapping with UUID {mapping.uuid}"
            )
            raise AwsError("ResourceConflictException", message)
    mapping = self.backend.create_event_source_mapping(dict(spec))
    mapping.function_arn = arn
    return 202, {"status": 202}, _described(mapping, "Creating")


@corrects(LambdaResponse, "UpdateEventSourceMapping")
def update_event_source_mapping(self: Any) -> Answer:
    """UpdateEventSourceMapping: of a queue, as AWS accepts it; the rest is moto's."""
    mapping, spec = _existing(self), self.json_body
    if not _is_queue(mapping.event_source_arn):
        answer: Answer = moto_update(self)
        return answer
    present = {"BatchSize": mapping.batch_size, "MaximumBatchingWindowInSeconds": mapping.max_batch_window}
    _require_valid({**present, **spec})
    arn = _function_arn(self, spec["FunctionName"]) if spec.get("FunctionName") else mapping.function_arn
    if queue := _queue(mapping.event_source_arn):
        _require_time(queue, self.backend.get_function(arn))
    self.backend.update_event_source_mapping(mapping.uuid, dict(spec))
    mapping.function_arn = arn
    return 202, {"status": 202}, _described(mapping, "Updating")


@corrects(LambdaResponse, "DeleteEventSourceMapping")
def delete_event_source_mapping(self: Any) -> Answer:
    """DeleteEventSourceMapping: an error that can be read for one that does not exist."""
    mapping = _existing(self)
    self.backend.delete_event_source_mapping(mapping.uuid)
    return 202, {"status": 202}, _described(mapping, "Deleting")


@corrects(LambdaResponse, "ListEventSourceMappings")
def list_event_source_mappings(self: Any) -> str:
    """ListEventSourceMappings: of a function however it is named, by pages of 100."""
    source, name = (self.querystring.get(key, [None])[0] for key in ("EventSourceArn", "FunctionName"))
    size = min(int(self.querystring.get("MaxItems", [100])[0]), 100)
    after = self.querystring.get("Marker", [""])[0]
    arn = _function_arn(self, name) if name else None
    rest = [
        mapping
        for uuid, mapping in sorted(self.backend._event_source_mappings.items())
        if uuid > after and source in (None, mapping.event_source_arn) and arn in (None, mapping.function_arn)
    ]
    answer: dict[str, Any] = {"EventSourceMappings": [mapping.get_configuration() for mapping in rest[:size]]}
    if len(rest) > size:
        answer["NextMarker"] = rest[size - 1].uuid
    return json.dumps(answer)


def _create_mapping(self: Any, spec: dict[str, Any]) -> Any:
    """A mapping, from a request or a template."""
    mapping = moto_create_mapping(self, spec)
    if _is_queue(mapping.event_source_arn):
        _queue(mapping.event_source_arn).lambda_event_source_mappings.clear()
        mapping.max_batch_window = mapping.max_batch_window or 0
    return mapping


def _existing(self: Any) -> Any:
    mapping = self.backend.get_event_source_mapping(self.path.rstrip("/").split("/")[-1])
    if mapping is None:
        raise AwsError("ResourceNotFoundException", "The resource you requested does not exist.")
    return mapping


def _described(mapping: Any, state: str) -> str:
    return json.dumps({**mapping.get_configuration(), "State": state})


def _require_valid(spec: Mapping[str, Any]) -> None:
    if spec.get("FilterCriteria", {}).get("Filters"):
        raise NotImplementedError("FilterCriteria of a queue")
    for name in NOT_EMULATED:
        if spec.get(name):
            raise NotImplementedError(f"{name} of a queue")
    if str(spec.get("EventSourceArn", "")).endswith(".fifo"):
        raise NotImplementedError("a FIFO queue as the source of events")
    if others := sorted(name for name in set(spec) - OF_QUEUES if spec[name] is not None):
        raise _invalid(f"Unsupported parameters for event source type SQS: {', '.join(others)}.")
    for name, (least, most) in RANGES.items():
        value = spec.get(name)
        if value is not None and not least <= value <= most:
            raise _invalid(f"{name} must be between {least} and {most}, not {value}.")
    if (spec.get("BatchSize") or 0) > LARGEST_UNWAITED_BATCH and not spec.get("MaximumBatchingWindowInSeconds"):
        raise _invalid(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than "
            f"{LARGEST_UNWAITED_BATCH}"
        )
    limit = (spec.get("ScalingConfig") or {}).get("MaximumConcurrency")
    if limit is not None and not CONCURRENCY[0] <= limit <= CONCURRENCY[1]:
        raise _invalid(f"MaximumConcurrency must be between {CONCURRENCY[0]} and {CONCURRENCY[1]}, not {limit}.")
    if unknown := set(spec.get("FunctionResponseTypes") or []) - {REPORTED}:
        raise _invalid(f"FunctionResponseTypes must be {REPORTED}, not {', '.join(sorted(unknown))}.")


def _require_time(queue: Any, function: Any) -> None:
    if queue.visibility_timeout < int(function.timeout):
        raise _invalid(
            f"Queue visibility timeout: {queue.visibility_timeout} seconds is less than "
            f"Function timeout: {function.timeout} seconds"
        )


def _function_arn(self: Any, name: str) -> str:
    """The ARN of the function, version or alias `name`, which may be part of one. Raises AwsError if there is none."""
    arn = name
    if not name.startswith("arn:"):
        known = name.split(":function:")[-1]
        arn = f"arn:aws:lambda:{self.region}:{ACCOUNT_ID}:function:{known}"
    try:
        self.backend.get_function(arn)
    except (UnknownFunctionException, UnknownAliasException) as error:
        raise AwsError("ResourceNotFoundException", f"Function not found: {arn}") from error
    return arn


def _is_queue(arn: str) -> bool:
    return arn.split(":")[2:3] == ["sqs"]


def _queue(arn: str) -> Any:
    """moto's queue of that ARN, None if there is none."""
    _, _, _, region, account, name = arn.split(":")
    return sqs_backends[account][region].queues.get(name) if account == ACCOUNT_ID else None


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValueException", message)
