"""Which source a catalog of Athena's is; each is made when it is first asked for, and kept."""

from collections.abc import Callable, Mapping

from athena_connectors.connections.model import Connection
from athena_connectors.federation.errors import EntityNotFound
from athena_connectors.federation.source import Source

WITHOUT_A_CATALOG = "lambda:"
"""Begins what Athena calls a function that is queried without a registered catalog: `lambda:<function>`."""


class Catalogs:
    """The sources of one environment of the function.

    `document` gives the connections by catalog, in lower case; it may change. `default` serves `lambda:<function>`,
    and every catalog where there is no document.
    """

    def __init__(
        self,
        document: Callable[[], Mapping[str, Connection]],
        default: Connection | None,
        build: Callable[[Connection], Source],
    ) -> None:
        self._document, self._default, self._build = document, default, build
        self._sources: dict[Connection, Source] = {}

    @property
    def connections(self) -> int:
        """How many databases this environment talks to; each has one connection."""
        return len(self._sources)

    def source(self, catalog: str) -> Source:
        """The source of a catalog, in any case. Raises EntityNotFound that names those there are."""
        connection = self._connection(catalog.lower())
        if connection not in self._sources:
            self._sources[connection] = self._build(connection)
        return self._sources[connection]

    def _connection(self, catalog: str) -> Connection:
        known = self._document()
        if catalog in known:
            return known[catalog]
        if self._default and (not known or catalog.startswith(WITHOUT_A_CATALOG)):
            return self._default
        if len(known) == 1 and catalog.startswith(WITHOUT_A_CATALOG):
            (only,) = known.values()
            return only
        raise EntityNotFound(
            f"This connector has no connection for the catalog {catalog!r}; it has {', '.join(sorted(known))}. Add the "
            "catalog to the document of catalogs, or query it by one of these names."
        )
