"""What is wrong with an expression."""


class MetricMathError(ValueError):
    """An expression that cannot be evaluated: `reason` says why, `identifier` whose it is (None: of nobody yet)."""

    def __init__(self, reason: str, expression: str, identifier: str | None = None) -> None:
        """`expression`: its text, as it was given."""
        whose = "the expression" if identifier is None else f"expression '{identifier}'"
        super().__init__(f"Error in {whose}: {reason} (in: {expression})")
        self.reason, self.expression, self.identifier = reason, expression, identifier

    def of(self, identifier: str) -> "MetricMathError":
        """The same error of the query with that id."""
        return type(self)(self.reason, self.expression, identifier)


class UnsupportedFunctionError(MetricMathError):
    """The expression uses a function that CloudWatch has and this evaluator does not."""
