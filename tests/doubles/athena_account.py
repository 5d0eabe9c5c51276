"""An account in this process, for the local Athena: functions are callables, objects and tables are dictionaries."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from localcloud.athena.engine.account import Functions, Invoked, Missing, Throttled

Handler = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass
class InProcessAccount:
    """`handlers` by function, `objects` by bucket and key, `tables` and `partitions` by schema and table."""

    handlers: dict[str, Handler] = field(default_factory=dict)
    catalogs: dict[str, str] = field(default_factory=dict)
    objects: dict[tuple[str, str], bytes] = field(default_factory=dict)
    tables: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    partitions: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    throttled: int = 0

    def invoke(self, function: str, payload: bytes) -> Invoked:
        if function not in self.handlers:
            raise Missing(f"Function not found: {function}")
        if self.throttled:
            self.throttled -= 1
            raise Throttled("Rate Exceeded.")
        event = json.loads(payload)
        self.events.append(event)
        try:
            answer = self.handlers[function](event)
        except Exception as error:
            failure = {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": []}
            return Invoked(json.dumps(failure).encode(), "Unhandled")
        return Invoked(json.dumps(answer).encode(), None)

    def get_object(self, bucket: str, key: str) -> bytes:
        try:
            return self.objects[bucket, key]
        except KeyError:
            raise Missing(f"s3://{bucket}/{key}") from None

    def list_objects(self, bucket: str, prefix: str) -> list[tuple[str, int]]:
        return sorted(
            (key, len(content))
            for (of, key), content in self.objects.items()
            if of == bucket and key.startswith(prefix)
        )

    def lake_table(self, schema: str, table: str) -> dict[str, Any]:
        try:
            return self.tables[schema, table]
        except KeyError:
            raise Missing(f"{schema}.{table}") from None

    def lake_partitions(self, schema: str, table: str) -> Iterator[dict[str, Any]]:
        yield from self.partitions[schema, table]

    def functions(self, catalog: str) -> tuple[str, Functions] | None:
        for name, function in self.catalogs.items():
            if name.lower() == catalog.lower():
                return name, Functions(function, function)
        return None

    def asked(self, kind: str) -> list[dict[str, Any]]:
        """The events of one type, in order."""
        return [event for event in self.events if event["@type"] == kind]
