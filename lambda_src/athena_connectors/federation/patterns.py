"""Names by patterns: `*` is any text, `?` any character; case is ignored, as Athena ignores it."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class Patterns:
    """The names that `include` matches, all if it is empty, but for those that `exclude` matches."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def admit(self, name: str) -> bool:
        """Whether the name is one of them."""
        included = not self.include or matches_any(self.include, name)
        return included and not matches_any(self.exclude, name)


def matches_any(patterns: Iterable[str], name: str) -> bool:
    """Whether one of the patterns matches the whole name."""
    lower = name.lower()
    return any(fnmatchcase(lower, pattern.lower().replace("[", "[[]")) for pattern in patterns)
