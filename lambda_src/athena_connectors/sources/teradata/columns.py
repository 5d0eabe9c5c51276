"""What Teradata's driver gives as Arrow: whole numbers are reinterpreted, and text is read by Arrow, by columns.

No value of a decimal, a date or a timestamp ever is an object of Python's, which is what such rows cost most.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from athena_connectors.dialects.operand import Column as DialectColumn
from athena_connectors.dialects.teradata import ZONED, Carriage, Teradata
from athena_connectors.sources.rows import Arrival, batch_of


@dataclass(frozen=True, slots=True)
class Fetched:
    """A column of a result: how it arrives, and what it is declared as.

    `padded`: blanks at its end are none. `zoned`: a timestamp whose text ends with its zone.
    """

    name: str
    carriage: Carriage
    declared: pa.DataType
    padded: bool = False
    zoned: bool = False

    @classmethod
    def selected(cls, column: DialectColumn, name: str) -> "Fetched":
        """A column of a table as the dialect selects it."""
        dialect = Teradata()
        return cls(name, dialect.carriage(column), column.type, dialect.padded(column))

    @classmethod
    def bare(cls, column: DialectColumn) -> "Fetched":
        """A column as Teradata has it."""
        return cls(column.name, Carriage.PLAIN, column.type, Teradata().padded(column), column.kind == ZONED)

    @property
    def arrival(self) -> Arrival:
        """What the driver gives."""
        match self.carriage:
            case Carriage.SCALED if pa.types.is_decimal(self.declared):
                return Arrival(self.name, self.declared)
            case Carriage.MILLISECONDS:
                return Arrival(self.name, pa.timestamp("ms"))
            case Carriage.MICROSECONDS:
                return Arrival(self.name, pa.timestamp("us"))
        return Arrival(self.name)

    def read(self, array: pa.Array) -> pa.Array:
        """Text that stands for something else as that, and without what pads it; decimals as text that is to be read.

        See `federation.read.conversion` for the latter.
        """
        declared = self.declared
        if not pa.types.is_string(array.type):
            return array
        if self.padded:
            return pc.utf8_rtrim(array, " ")
        if pa.types.is_decimal(declared):
            return array.cast(pa.large_string())
        if pa.types.is_date64(declared):
            return array.cast(pa.timestamp("us", "UTC" if self.zoned else None))
        return array.cast(declared) if pa.types.is_date32(declared) or pa.types.is_floating(declared) else array


def batch(rows: Sequence[Sequence[object]], columns: Sequence[Fetched]) -> pa.RecordBatch:
    """A batch of at least one row. Raises InvalidInput, InternalError."""
    found = batch_of(rows, [column.arrival for column in columns])
    arrays = [column.read(array) for column, array in zip(columns, found.columns, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, names=found.schema.names)
