"""Who may read what: an optional map from callers, as Athena names them, to schemas, tables and columns.

    {"rules": [{"callers": ["arn:aws:iam::123456789012:role/analyst-*"],
                "allow": [{"schemas": ["SALES"], "tables": ["ORDERS"], "columns": ["ID", "PLACED_AT"]}]}]}

`*` and `?` are wildcards; case counts for callers alone. A caller has what all rules that name it allow together, and
one whom none names has nothing. Athena tells the caller; whoever may invoke the function otherwise can tell it any:
let nobody but Athena's users invoke it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Annotated

import pyarrow as pa

from athena_connectors.federation.errors import AccessDenied
from athena_connectors.federation.model import Identity, TableName
from athena_connectors.federation.patterns import matches_any
from common.settings import text, true_or_false

Pattern = Annotated[str, text()]


@dataclass(frozen=True, slots=True)
class Allowed:
    """These columns of these tables of these schemas."""

    schemas: tuple[Pattern, ...]
    tables: tuple[Pattern, ...] = ("*",)
    columns: tuple[Pattern, ...] = ("*",)

    def covers(self, name: TableName) -> bool:
        """Whether it says something of the table."""
        return matches_any(self.schemas, name.schema) and matches_any(self.tables, name.table)


@dataclass(frozen=True, slots=True)
class Rule:
    """What these callers may read. `passthrough`: they may pass queries through, which no rule looks into."""

    callers: tuple[Pattern, ...]
    allow: tuple[Allowed, ...] = ()
    passthrough: Annotated[bool, true_or_false()] = False

    def names(self, caller: str) -> bool:
        """Whether it is about the caller."""
        return any(fnmatchcase(caller, pattern.replace("[", "[[]")) for pattern in self.callers)


@dataclass(frozen=True, slots=True)
class Grant:
    """What one caller may read."""

    caller: str
    allow: tuple[Allowed, ...]
    passthrough: bool

    def admits_schema(self, schema: str) -> bool:
        """Whether anything in it may be read."""
        return any(matches_any(allowed.schemas, schema) for allowed in self.allow)

    def admits_table(self, name: TableName) -> bool:
        """Whether anything of it may be read."""
        return any(allowed.covers(name) for allowed in self.allow)

    def visible(self, name: TableName, schema: pa.Schema) -> pa.Schema:
        """The columns that may be read. Raises AccessDenied when none may."""
        patterns = [pattern for allowed in self.allow if allowed.covers(name) for pattern in allowed.columns]
        fields = [field for field in schema if matches_any(patterns, field.name)]
        if not fields:
            raise self._refusal(f"read {name.schema}.{name.table}")
        return pa.schema(fields, schema.metadata)

    def check(self, name: TableName, schema: pa.Schema, columns: Iterable[str]) -> None:
        """Raises AccessDenied unless all these columns may be read, in whatever case they are written."""
        allowed = {column.lower() for column in self.visible(name, schema).names}
        hidden = sorted({column.lower() for column in columns} - allowed)
        if hidden:
            raise self._refusal(f"read {', '.join(hidden)} of {name.schema}.{name.table}")

    def check_passthrough(self) -> None:
        """Raises AccessDenied unless queries may be passed through."""
        if not self.passthrough:
            raise self._refusal("pass queries through")

    def _refusal(self, what: str) -> AccessDenied:
        return AccessDenied(
            f"{self.caller or 'A caller without a name'} may not {what}: no rule of the connector's access map "
            "allows it. Who deploys the connector can change the map."
        )


@dataclass(frozen=True, slots=True)
class Access:
    """The map."""

    rules: tuple[Rule, ...]

    def grant(self, identity: Identity) -> Grant:
        """What the rules together allow."""
        rules = [rule for rule in self.rules if identity.arn and rule.names(identity.arn)]
        allow = tuple(allowed for rule in rules for allowed in rule.allow)
        return Grant(identity.arn, allow, any(rule.passthrough for rule in rules))


EVERYTHING = Grant("", (Allowed(("*",)),), passthrough=True)
"""What everybody has where there is no map."""
