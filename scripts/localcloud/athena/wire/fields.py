"""An object of an answer, read field by field in the one order that Athena's reader knows (BaseDeserializer.java)."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from localcloud.athena.wire.violation import ProtocolViolation

T = TypeVar("T")


class Fields:
    """Reads an object's fields one after the other; each method names the field that must come next.

    Every method raises ProtocolViolation for another field, or for a value of another kind.
    """

    def __init__(self, value: Any, where: str) -> None:
        """`where` names the object in messages."""
        if not isinstance(value, dict):
            raise ProtocolViolation(f"{where}: an object was expected, not {_kind(value)}.")
        self._items = iter(value.items())
        self._ahead: tuple[str, Any] | None = next(self._items, None)
        self._where = where

    def text(self, name: str) -> str:
        """A string."""
        return self._of(name, str, "a string")

    def text_or_null(self, name: str) -> str | None:
        """A string or null."""
        value = self._next(name)
        if value is None or isinstance(value, str):
            return value
        raise self._wrong(name, value, "a string or null")

    def whole(self, name: str) -> int:
        """An integer."""
        value = self._of(name, int, "an integer")
        if isinstance(value, bool):
            raise self._wrong(name, value, "an integer")
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        return self._of(name, bool, "true or false")

    def nested(self, name: str) -> "Fields":
        """An object."""
        return Fields(self._next(name), f"{self._where}.{name}")

    def nested_or_null(self, name: str) -> "Fields | None":
        """An object or null."""
        value = self._next(name)
        return None if value is None else Fields(value, f"{self._where}.{name}")

    def texts(self, name: str) -> list[str]:
        """A list of strings."""
        value = self._of(name, list, "a list of strings")
        if not all(isinstance(item, str) for item in value):
            raise self._wrong(name, value, "a list of strings")
        return value

    def nested_list(self, name: str, read: Callable[["Fields"], T]) -> list[T]:
        """A list of objects, each of which `read` reads."""
        value = self._of(name, list, "a list of objects")
        return [read(Fields(item, f"{self._where}.{name}[{index}]")) for index, item in enumerate(value)]

    def text_map(self, name: str) -> dict[str, str]:
        """An object whose values are strings, in any order."""
        value = self._of(name, dict, "an object of strings")
        if not all(isinstance(item, str) for item in value.values()):
            raise self._wrong(name, value, "an object of strings")
        return value

    def remaining(self) -> Iterator[tuple[str, Any]]:
        """The fields that are left, under whatever names."""
        while self._ahead is not None:
            yield self._ahead
            self._ahead = next(self._items, None)

    def has(self, name: str) -> bool:
        """Whether that field comes next: some may be left out at the end."""
        return self._ahead is not None and self._ahead[0] == name

    def end(self) -> None:
        """Nothing may follow: only the outermost object tolerates unknown fields after its own."""
        if self._ahead is not None:
            raise ProtocolViolation(f"{self._where}: unexpected field[{self._ahead[0]}] at the end of the object.")

    def _of(self, name: str, kind: type[T], expected: str) -> T:
        value = self._next(name)
        if not isinstance(value, kind):
            raise self._wrong(name, value, expected)
        return value

    def _next(self, name: str) -> Any:
        if self._ahead is None:
            raise ProtocolViolation(f"{self._where}: the object ends while expecting[{name}].")
        found, value = self._ahead
        if found != name:
            raise ProtocolViolation(f"{self._where}: unexpected field[{found}] while expecting[{name}].")
        self._ahead = next(self._items, None)
        return value

    def _wrong(self, name: str, value: Any, expected: str) -> ProtocolViolation:
        return ProtocolViolation(f"{self._where}.{name}: {expected} was expected, not {_kind(value)}.")


def _kind(value: Any) -> str:
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "true or false"),
        ((int, float), "a number"),
        (str, "a string"),
        (list, "a list"),
        (dict, "an object"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")
