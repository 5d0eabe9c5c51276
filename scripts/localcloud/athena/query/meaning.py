"""Where the same SQL means one thing to Athena and another to DuckDB, and sqlglot translates no difference.

https://trino.io/docs/current/functions/decimal.html, functions/math.html, functions/aggregate.html
"""

from datetime import datetime
from typing import TypeVar

from sqlglot import exp

from localcloud.athena.query.failure import QueryFailed

Tree = TypeVar("Tree", bound=exp.Expr)
BY_ZERO = "DIVISION_BY_ZERO: Division by zero"
_MOST_DIGITS = 38
_SAME_SCALE = (exp.Sum, exp.Min, exp.Max, exp.Avg, exp.Coalesce, exp.Abs, exp.Neg, exp.Paren, exp.Window, exp.AnyValue)
_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ)
_KINDS: tuple[tuple[str, set[exp.DType]], ...] = (
    ("text", set(exp.DataType.TEXT_TYPES)),
    ("number", {*exp.DataType.INTEGER_TYPES, *exp.DataType.REAL_TYPES}),
    ("moment", set(exp.DataType.TEMPORAL_TYPES)),
    ("truth", {exp.DType.BOOLEAN}),
)


def as_duckdb_means_it(tree: Tree) -> Tree:
    """The annotated query with its arithmetic as Athena does it.

    Whole numbers stay whole, dates stay dates, decimals keep their scale and are rounded to it, and nothing is divided
    by zero, of which DuckDB makes NULL.

    Raises NotImplementedError for a division of decimals whose scale cannot be seen.
    """
    for moved in list(tree.find_all(exp.Add, exp.Sub, exp.DateAdd, exp.DateSub)):
        if moved.this.is_type(exp.DType.DATE) and _is_of_days(moved):
            _replace_by(moved, exp.cast(moved.copy(), "date"))
    for mean in list(tree.find_all(exp.Avg)):
        if _is_decimal(mean.this) and not _is_float(mean.this):
            whole = mean.parent if isinstance(mean.parent, exp.Window) else mean
            _replace_by(whole, _rounded(whole.copy(), _scale(mean.this)))
    for node in list(tree.find_all(exp.Div, exp.Mod)):
        _divide(node)
    return tree


def at(tree: Tree, now: datetime) -> Tree:
    """The query with its own moment (aware, in UTC) in place of the engine's: the cloud's clock is another one."""
    zoned, date = f"{now:%Y-%m-%d %H:%M:%S}.{now.microsecond // 1000:03}", f"{now:%Y-%m-%d}"
    moments = {
        exp.CurrentTimestamp: (f"{zoned}+00", "timestamptz"),
        exp.CurrentDate: (date, "date"),
        exp.Localtimestamp: (zoned, "timestamp"),
    }
    for node in list(tree.find_all(*moments)):
        text, of = moments[type(node)]
        node.replace(exp.cast(exp.Literal.string(text), of))
    if found := tree.find(exp.CurrentTime, exp.Localtime, exp.CurrentDatetime):
        raise NotImplementedError(f"{found.sql('athena')} in a query")
    return tree


def require_comparable(tree: exp.Expr) -> None:
    """Raises QueryFailed for a comparison that Athena refuses: it casts neither text nor numbers to anything else."""
    for node in tree.find_all(*_COMPARISONS):
        left, right = _kind(node.this), _kind(node.expression)
        if left and right and left != right:
            operator = "=" if isinstance(node, exp.NullSafeEQ | exp.NullSafeNEQ) else _OPERATORS[type(node)]
            sides = f"{_type_name(node.this)} {operator} {_type_name(node.expression)}"
            raise QueryFailed(f"TYPE_MISMATCH: Cannot apply operator: {sides}, in {node.sql('athena')}")


_OPERATORS = {exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}


def _divide(node: exp.Expr) -> None:
    left, right = node.this, node.expression
    whole = left.is_type(*exp.DataType.INTEGER_TYPES) and right.is_type(*exp.DataType.INTEGER_TYPES)
    decimal = (_is_decimal(left) or _is_decimal(right)) and not (_is_float(left) or _is_float(right))
    if (whole or decimal) and not (isinstance(right, exp.Literal) and float(right.this)):
        right = _checked(right)
    if isinstance(node, exp.Mod):
        node.set("expression", right.copy())
    elif whole:
        _replace_by(node, exp.IntDiv(this=left.copy(), expression=right.copy()))
    elif decimal:
        scale = max(_scale(left), _scale(node.expression))
        quotient = exp.Div(this=exp.cast(left.copy(), "double"), expression=right.copy())
        _replace_by(node, _rounded(quotient, scale))


def _is_of_days(moved: exp.Expr) -> bool:
    """Whether an interval, or the unit of a function, is of whole days."""
    interval = moved.expression if isinstance(moved.expression, exp.Interval) else moved
    unit = interval.args.get("unit")
    return unit is not None and unit.name.upper().rstrip("S") in ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR")


def _replace_by(node: exp.Expr, other: exp.Expr) -> None:
    other.type = node.type
    node.replace(other)


def _checked(divisor: exp.Expr) -> exp.Expr:
    failure = exp.Anonymous(this="error", expressions=[exp.Literal.string(BY_ZERO)])
    zero = exp.EQ(this=divisor.copy(), expression=exp.Literal.number(0))
    return exp.Case(ifs=[exp.If(this=zero, true=exp.cast(failure, "int"))], default=divisor.copy())


def _rounded(node: exp.Expr, scale: int) -> exp.Expr:
    rounded = exp.Round(this=node, decimals=exp.Literal.number(scale))
    return exp.cast(rounded, f"decimal({_MOST_DIGITS},{scale})")


def _scale(node: exp.Expr) -> int:
    """How many digits a decimal has after the point, as Athena would have it."""
    if node.is_type(*exp.DataType.INTEGER_TYPES):
        return 0
    if isinstance(node, exp.Literal) and not node.is_string:
        return len(str(node.this).partition(".")[2])
    if isinstance(node, exp.Add | exp.Sub):
        return max(_scale(node.this), _scale(node.expression))
    if isinstance(node, exp.Mul):
        return _scale(node.this) + _scale(node.expression)
    if isinstance(node, _SAME_SCALE):
        return max(map(_scale, [node.this, *node.expressions]))
    parameters = node.type.expressions if isinstance(node.type, exp.DataType) else []
    if len(parameters) == 2:
        return int(parameters[1].this.this)
    raise NotImplementedError(f"the scale of {node.sql('athena')} in a division: cast it to DECIMAL(p, s) or DOUBLE")


def _is_decimal(node: exp.Expr) -> bool:
    return node.is_type(exp.DType.DECIMAL) or (isinstance(node, exp.Literal) and "." in str(node.this))


def _is_float(node: exp.Expr) -> bool:
    if isinstance(node, exp.Binary | exp.Unary):  # of a decimal and a float sqlglot makes a decimal, Athena a float
        return any(map(_is_float, node.iter_expressions()))
    return node.is_type(*exp.DataType.FLOAT_TYPES) and not _is_decimal(node)


def _kind(node: exp.Expr) -> str | None:
    return next((name for name, types in _KINDS if node.is_type(*types)), None)


def _type_name(node: exp.Expr) -> str:
    if isinstance(node, exp.Literal):
        return f"varchar({len(node.this)})" if node.is_string else "decimal" if "." in node.this else "integer"
    return str(node.type.sql("athena").lower()) if isinstance(node.type, exp.DataType) else "unknown"
