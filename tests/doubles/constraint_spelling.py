"""Short spellings of what Athena pushes down."""

from collections.abc import Callable

import pyarrow as pa

from athena_connectors.federation.model import Bound, Call, Expression, Function, Marker, Range, SortedRangeSet, Value


def spans(
    type_: pa.DataType, *written: str, nulls: bool = False, parse: Callable[[str], Value] = int
) -> SortedRangeSet:
    """Ranges as mathematics writes them: `[1,2)`, `(,5]`."""

    def range_(span: str) -> Range:
        low, high = (parse(end) if end else None for end in span[1:-1].split(","))
        return Range(
            Marker(low, Bound.EXACTLY if span[0] == "[" else Bound.ABOVE),
            Marker(high, Bound.EXACTLY if span[-1] == "]" else Bound.BELOW),
        )

    return SortedRangeSet(type_, tuple(range_(span) for span in written), nulls)


def call(function: Function, *arguments: Expression, type_: pa.DataType | None = None) -> Call:
    return Call(function, type_ or pa.bool_(), arguments)
