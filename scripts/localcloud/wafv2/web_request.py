"""What a web ACL sees of a request."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class WebRequest:
    """One HTTP request: `address` is that of the connection, `target` path and query as sent, headers in order."""

    address: str
    method: str
    target: str
    headers: Sequence[tuple[str, str]] = ()

    @property
    def path(self) -> str:
        """The path, with the stage at its beginning."""
        return urlsplit(self.target).path

    @property
    def query(self) -> str:
        """What follows the question mark, as sent."""
        return urlsplit(self.target).query

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case; None when there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def argument(self, name: str) -> str | None:
        """The first argument of that name in the query, in any case; None when there is none."""
        pairs = parse_qsl(self.query, keep_blank_values=True)
        return next((value for key, value in pairs if key.lower() == name.lower()), None)
