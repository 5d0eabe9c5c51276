"""What a source has, by names in any case: Athena lower-cases them, and few sources do."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from athena_connectors.federation.cache import Cache
from athena_connectors.federation.errors import EntityNotFound, InvalidInput
from athena_connectors.federation.model import TableName
from athena_connectors.federation.patterns import Patterns
from athena_connectors.federation.source import Source, Table

Name = TypeVar("Name", str, TableName)


class Dictionary:
    """The schemas and tables of one catalog; those of schemas that `patterns` do not admit are not there.

    A name that is spelled as the source spells it is that one; else it is the only one that is alike but for case.
    Every method raises EntityNotFound, InvalidInput for a name that may mean two things, and what the source raises.
    """

    def __init__(self, source: Source, catalog: str, patterns: Patterns, cache: Cache) -> None:
        self._source, self._catalog, self._patterns, self._cache = source, catalog.lower(), patterns, cache

    def schemas(self) -> list[str]:
        """All schemas."""
        found = self._cache.get((self._catalog, "schemas"), self._source.schemas)
        return [schema for schema in found if self._patterns.admit(schema)]

    def schema(self, name: str) -> str:
        """The schema's name as the source spells it."""
        alike = [schema for schema in self.schemas() if schema.lower() == name.lower()]
        return _the_one(name, alike, f"There is no schema {name!r} in {self._catalog!r}, or its user does not see it.")

    def tables(self, schema: str) -> list[TableName]:
        """All tables of a schema that is spelled exactly."""
        return self._cache.get((self._catalog, "tables", schema), lambda: self._source.tables(schema))

    def table(self, name: TableName) -> Table:
        """The table with its columns."""
        key = (self._catalog, "candidates", name)
        alike = [found for found in self._cache.get(key, lambda: self._source.candidates(name)) if self._admits(found)]
        gone = f"There is no table {_shown(name)} in {self._catalog!r}, or its user does not see it."
        exact = _the_one(name, alike, gone)
        return self._cache.get((self._catalog, "table", exact), lambda: self._source.table(exact))

    def table_with(self, name: TableName, columns: Iterable[str]) -> Table:
        """The table; asked for anew when what is remembered of it lacks one of the columns."""
        wanted = {column.lower() for column in columns}
        table = self.table(name)
        if wanted <= _lower(table):
            return table
        self._cache.forget((self._catalog, "table", table.name))
        table = self.table(name)
        missing = wanted - _lower(table)
        if missing:
            raise EntityNotFound(
                f"{_shown(table.name)} has no column {', '.join(sorted(missing))}: it was changed while the query ran, "
                "or a view of Athena's or a Glue table describes it as it was. Run the query again, or correct those."
            )
        return table

    def _admits(self, name: TableName) -> bool:
        return self._patterns.admit(name.schema)


def _lower(table: Table) -> set[str]:
    return {column.lower() for column in table.schema.names}


def _the_one(name: Name, alike: Sequence[Name], none: str) -> Name:
    if name in alike:
        return name
    if len(alike) == 1:
        return alike[0]
    if not alike:
        raise EntityNotFound(f"{none} Check the spelling, the grants at the source and the patterns of schemas.")
    raise InvalidInput(
        f"{_shown(name)} may be any of {', '.join(map(_shown, alike))}, which differ by case alone. Pass the query "
        "through with system.query, or leave out the schema of the others by a pattern."
    )


def _shown(name: str | TableName) -> str:
    return repr(name if isinstance(name, str) else f"{name.schema}.{name.table}")
