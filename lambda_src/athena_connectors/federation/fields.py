"""Reads a JSON object field by field: each has the expected kind, and none is left over."""

from collections.abc import Iterator
from typing import Any, NoReturn

from athena_connectors.federation.errors import InvalidInput


class Fields:
    """The fields of one object. `path` says where in the request it is. Every method raises InvalidInput."""

    def __init__(self, value: object, path: str) -> None:
        if not isinstance(value, dict):
            raise InvalidInput(f"{path} is {_shown(value)}, not an object.")
        self.path = path
        self._left: dict[str, Any] = dict(value)

    def __contains__(self, name: str) -> bool:
        """Whether the field is there and was not taken yet."""
        return name in self._left

    def is_object(self, name: str) -> bool:
        """Whether the field is there, and is an object."""
        return isinstance(self._left.get(name), dict)

    def text(self, name: str) -> str:
        """A text."""
        value = self._take(name)
        return value if isinstance(value, str) else self._refuse(name, value, "a text")

    def text_or_null(self, name: str) -> str | None:
        """A text; None when it is null or absent."""
        value = self._left.pop(name, None)
        return value if value is None or isinstance(value, str) else self._refuse(name, value, "a text")

    def number(self, name: str, otherwise: int | None = None) -> int:
        """A whole number, or its digits, as the protocol writes some of them; `otherwise` when it is absent."""
        if otherwise is not None and name not in self._left:
            return otherwise
        value = self._take(name)
        if isinstance(value, str) and value.isascii() and value.removeprefix("-").isdigit():
            return int(value)
        return (
            value
            if isinstance(value, int) and not isinstance(value, bool)
            else self._refuse(name, value, "a whole number")
        )

    def truth(self, name: str) -> bool:
        """True or false."""
        value = self._take(name)
        return value if isinstance(value, bool) else self._refuse(name, value, "true or false")

    def within(self, name: str) -> "Fields":
        """An object."""
        return Fields(self._take(name), f"{self.path}.{name}")

    def within_or_null(self, name: str) -> "Fields | None":
        """An object; None when it is null or absent."""
        value = self._left.pop(name, None)
        return None if value is None else Fields(value, f"{self.path}.{name}")

    def each_of(self, name: str) -> Iterator["Fields"]:
        """A list of objects."""
        for index, item in enumerate(self._list(name)):
            yield Fields(item, f"{self.path}.{name}[{index}]")

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        found = self._list(name)
        return tuple(found) if all(isinstance(item, str) for item in found) else self._refuse(name, found, "texts")

    def mapping(self, name: str) -> dict[str, str]:
        """Texts by name."""
        found = self._take(name)
        if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
            return self._refuse(name, found, "texts by name")
        return found

    def members(self) -> Iterator[tuple[str, "Fields"]]:
        """The objects in this one, when their names are data."""
        for name in list(self._left):
            yield name, self.within(name)

    def skip(self, *names: str) -> None:
        """Set aside what is known and not used."""
        for name in names:
            self._left.pop(name, None)

    def end(self) -> None:
        """All that is known was taken: what is left is refused, for it may mean that other rows are wanted."""
        if self._left:
            raise InvalidInput(f"{self.path} has fields that this connector does not know: {', '.join(self._left)}.")

    def _list(self, name: str) -> list[Any]:
        value = self._take(name)
        return value if isinstance(value, list) else self._refuse(name, value, "a list")

    def _take(self, name: str) -> Any:
        if name not in self._left:
            raise InvalidInput(f"{self.path}.{name} is missing.")
        return self._left.pop(name)

    def _refuse(self, name: str, value: object, wanted: str) -> NoReturn:
        raise InvalidInput(f"{self.path}.{name} is {_shown(value)}, not {wanted}.")


def _shown(value: object) -> str:
    """The kind alone: the value may be a part of somebody's query."""
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "a truth value", type(None): "null"}
    return kinds.get(type(value), "a number")
