"""A source's batches as batches of the declared schema: exact, or refused."""

from contextlib import suppress

import pyarrow as pa

from athena_connectors.federation.errors import InternalError, InvalidInput, NotSupported
from athena_connectors.federation.model import Inexact
from athena_connectors.federation.read.conversion import Conversion, Convert, conversion


class Conform:
    """Called with the batches of one split, one after another; columns are matched by their place.

    A value that its declared type cannot hold is refused, or, by the policy, rounded to the digits that it does hold;
    one beyond the range of its type is refused always. The message has the column, the row and the type, never the
    value, which is the source's data.
    """

    def __init__(self, declared: pa.Schema, inexact: Inexact) -> None:
        self._declared = declared
        self._inexact = inexact
        self._source: pa.Schema | None = None
        self._conversions: list[Conversion] = []
        self._rows = 0

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Raises InvalidInput for a value, NotSupported for a type, InternalError for another number of columns."""
        if batch.schema != self._source:
            self._conversions = self._choose(batch.schema)
            self._source = batch.schema
        before, self._rows = self._rows, self._rows + batch.num_rows
        if not self._declared.names:
            return batch
        fields = zip(self._declared, self._conversions, batch.columns, strict=True)
        columns = [self._convert(field, chosen, column, before) for field, chosen, column in fields]
        return pa.RecordBatch.from_arrays(columns, schema=self._declared)

    def _choose(self, source: pa.Schema) -> list[Conversion]:
        if len(source.names) != len(self._declared.names):
            raise InternalError(
                f"The source sent {len(source.names)} columns where {len(self._declared.names)} were asked for."
            )
        return [
            conversion(sent.type, field.type) or _refuse(field, sent.type)
            for field, sent in zip(self._declared, source, strict=True)
        ]

    def _convert(self, field: pa.Field, chosen: Conversion, column: pa.Array, before: int) -> pa.Array:
        convert = chosen.exact
        with suppress(pa.ArrowInvalid):
            return convert(column)
        if chosen.rounded and self._inexact is Inexact.ROUND:
            convert = chosen.rounded
            with suppress(pa.ArrowInvalid):
                return convert(column)
        row = first_failure(convert, column)
        fraction = chosen.rounded is not None and _succeeds(chosen.rounded, column.slice(row, 1))
        raise InvalidInput(_inexact(field, before + row) if fraction else _beyond(field, before + row))


def first_failure(convert: Convert, column: pa.Array) -> int:
    """The index of the first value of `column` that `convert` refuses; it does refuse the column."""
    start, length = 0, len(column)
    while length > 1:
        half = length // 2
        if _succeeds(convert, column.slice(start, half)):
            start, length = start + half, length - half
        else:
            length = half
    return start


def _succeeds(convert: Convert, column: pa.Array) -> bool:
    try:
        convert(column)
    except pa.ArrowInvalid:
        return False
    return True


def _refuse(field: pa.Field, sent: pa.DataType) -> Conversion:
    raise NotSupported(
        f"Column {field.name} is declared as {field.type}; the source sent {sent}, which does not become that. "
        "Where the table was altered since Athena saw it, run the query again."
    )


def _inexact(field: pa.Field, row: int) -> str:
    return (
        f"Column {field.name}, row {row + 1:,} of the split: the value has more digits than its type {field.type} "
        "holds. INEXACT_VALUES=round rounds such values, INEXACT_VALUES=text has such columns as text."
    )


def _beyond(field: pa.Field, row: int) -> str:
    return (
        f"Column {field.name}, row {row + 1:,} of the split: the value is beyond the range of its type {field.type}. "
        "Leave it out by the query's WHERE, or convert the column in a view of the source or a query passed through."
    )
