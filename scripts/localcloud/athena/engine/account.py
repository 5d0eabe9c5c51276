"""What a query reaches in its user's account: functions, objects, tables of the lake, catalogs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Invoked:
    """What a function answered; `error` is how it failed (`Unhandled`), None when it did not."""

    payload: bytes
    error: str | None


class Throttled(Exception):  # noqa: N818 - it names what happened
    """Lambda starts no more invocations of the function now; the text is Lambda's."""


class Missing(Exception):  # noqa: N818 - it names what happened
    """There is no such function, object or table; the text says which."""


@dataclass(frozen=True, slots=True)
class Functions:
    """The functions of a catalog, by ARN or name: one for its dictionary, one to read; often the same."""

    metadata: str
    record: str


class Account(Protocol):
    """With the rights of whoever runs the query."""

    def invoke(self, function: str, payload: bytes) -> Invoked:
        """Invoke a function and wait. Raises Throttled, Missing, and QueryFailed for a request that is too large."""

    def get_object(self, bucket: str, key: str) -> bytes:
        """The bytes of an object. Raises Missing."""

    def list_objects(self, bucket: str, prefix: str) -> list[tuple[str, int]]:
        """Keys and sizes, in order."""

    def lake_table(self, schema: str, table: str) -> dict[str, Any]:
        """A table as glue:GetTable has it. Raises Missing."""

    def lake_partitions(self, schema: str, table: str) -> Iterator[dict[str, Any]]:
        """Its partitions as glue:GetPartitions has them."""

    def functions(self, catalog: str) -> tuple[str, Functions] | None:
        """A catalog of the type LAMBDA, as it is spelled, and its functions; case is ignored, None: there is none."""
