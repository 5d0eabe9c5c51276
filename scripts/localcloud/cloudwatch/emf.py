"""CloudWatch's embedded metric format: log lines that carry metrics.

"Specification: Embedded metric format" in the CloudWatch User Guide. A line that breaks it gives no metric and no
error: on AWS nobody hears of it either, except through the metric EMFValidationErrors.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.cloudwatch.metrics import Metric, Point

MOST_METRICS, MOST_DIMENSIONS, MOST_VALUES = 100, 30, 100
LONGEST_NAME, LONGEST_DIMENSION_VALUE = 1024, 1024
OLDEST_SECONDS, NEWEST_SECONDS = 14 * 86400, 2 * 3600
RESOLUTIONS = (1, 60)
_BYTES = ("Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes")
_BITS = ("Bits", "Kilobits", "Megabits", "Gigabits", "Terabits")
_RATES = tuple(f"{unit}/Second" for unit in (*_BYTES, *_BITS, "Count"))
UNITS = {"Seconds", "Microseconds", "Milliseconds", "Percent", "Count", "None", *_BYTES, *_BITS, *_RATES}


class _InvalidError(Exception):
    """The document breaks the specification."""


@dataclass(frozen=True, slots=True)
class _Definition:
    name: str
    unit: str | None
    values: tuple[float, ...]


def datapoints(line: str, now: float) -> list[tuple[Metric, Point]]:
    """What `line` publishes, at its own timestamp; nothing when it is no such document or is not a valid one.

    `now` in seconds since 1970: a timestamp more than 14 days ago or 2 hours ahead is not accepted.
    """
    if '"_aws"' not in line:
        return []
    try:
        document = json.loads(line)
    except ValueError:
        return []
    try:
        return list(_published(document, now))
    except _InvalidError:
        return []


def _published(document: Any, now: float) -> Iterator[tuple[Metric, Point]]:
    match document:
        case {"_aws": {"Timestamp": int() | float() as milliseconds, "CloudWatchMetrics": [*directives]}}:
            time = milliseconds / 1000
        case _:
            raise _InvalidError
    if not now - OLDEST_SECONDS <= time <= now + NEWEST_SECONDS:
        raise _InvalidError
    # The whole document is read before anything of it counts.
    for namespace, dimension_sets, definitions in [_directive(document, directive) for directive in directives]:
        for dimensions in dimension_sets:
            for definition in definitions:
                metric = Metric.of(namespace, definition.name, dimensions)
                for value in definition.values:
                    yield metric, Point.single(time, value, definition.unit)


def _directive(
    document: Mapping[str, Any], directive: Any
) -> tuple[str, list[list[tuple[str, str]]], list[_Definition]]:
    match directive:
        case {"Namespace": str(namespace), "Dimensions": [*sets], "Metrics": [*metrics]} if namespace:
            if len(namespace) > LONGEST_NAME or len(metrics) > MOST_METRICS:
                raise _InvalidError
            return namespace, [_dimensions(document, keys) for keys in sets], [_metric(document, m) for m in metrics]
        case _:
            raise _InvalidError


def _dimensions(document: Mapping[str, Any], keys: Any) -> list[tuple[str, str]]:
    if not isinstance(keys, list) or len(keys) > MOST_DIMENSIONS:
        raise _InvalidError
    return [(key, _dimension_value(document, key)) for key in keys]


def _dimension_value(document: Mapping[str, Any], key: Any) -> str:
    value = document.get(key) if isinstance(key, str) else None
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_DIMENSION_VALUE:
        raise _InvalidError
    return value


def _metric(document: Mapping[str, Any], definition: Any) -> _Definition:
    match definition:
        case {"Name": str(name), **options} if 1 <= len(name) <= LONGEST_NAME:
            unit, resolution = options.get("Unit", "None"), options.get("StorageResolution", 60)
        case _:
            raise _InvalidError
    if unit not in UNITS or resolution not in RESOLUTIONS:
        raise _InvalidError
    value = document.get(name)
    values: list[Any] = value if isinstance(value, list) else [value]
    if len(values) > MOST_VALUES or not all(_is_number(item) for item in values):
        raise _InvalidError
    return _Definition(name, unit, tuple(float(item) for item in values))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
