"""Expressions as text and as trees."""

import pytest

from metric_math import MetricMathError, parse
from metric_math.expression import Array, Call, Expression, Id, Negation, Number, Operation, Text, Word

M1, M2, ONE = Id("m1"), Id("m2"), Number(1.0)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1", ONE),
        (" .5 ", Number(0.5)),
        ("50.25", Number(50.25)),
        ("errors_5xxTotal", Id("errors_5xxTotal")),
        ("-m1", Negation(M1)),
        ("-m1*m2", Operation("*", Negation(M1), M2)),
        ("1-m1-m2", Operation("-", Operation("-", ONE, M1), M2)),
        ("1+m1*m2", Operation("+", ONE, Operation("*", M1, M2))),
        ("(1+m1)*m2", Operation("*", Operation("+", ONE, M1), M2)),
        ("1*m1^m2", Operation("*", ONE, Operation("^", M1, M2))),
        ("m1^-m2", Operation("^", M1, Negation(M2))),
        ("m1>1 AND m2+1>=1", Operation("AND", Operation(">", M1, ONE), Operation(">=", Operation("+", M2, ONE), ONE))),
        ("m1 || m2 && 1", Operation("OR", M1, Operation("AND", M2, ONE))),
        ("(m1 < m2) == 1", Operation("==", Operation("<", M1, M2), ONE)),
        ("MAX([m1,m2])", Call("MAX", (Array((M1, M2)),))),
        ("METRICS()", Call("METRICS", ())),
        ("""SUM([METRICS("4xx"),METRICS('5xx')])""",
         Call("SUM", (Array((Call("METRICS", (Text("4xx"),)), Call("METRICS", (Text("5xx"),)))),))),
        ("FILL(m1, REPEAT)", Call("FILL", (M1, Word("REPEAT")))),
    ],
)  # fmt: skip
def test_what_an_expression_means(text: str, tree: Expression) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the end where a value should be, at character 1"),
        ("m1 +", "the end where a value should be"),
        ("m1 m2", "'m2' where the end should be, at character 4"),
        ("m1 and m2", "'and' where the end should be"),
        ("(m1", "the end where ')' should be"),
        ("m1)", "')' where the end should be"),
        ("MAX(m1,)", "')' where a value should be"),
        ("m1 ** 2", "'*' where a value should be"),
        ("m1 if m2 else 1", "'if' where the end should be"),
        ("+m1", "'+' where a value should be"),
        ("m1 % 2", "at '% 2'"),
        ("m1.real", "at '.real'"),
        ("1e6", "at '1e6'"),
        ("1_000", "at '1_000'"),
        ("'m1", "at ''m1'"),
        ("Avg(m1)", "at 'Avg(m1)'"),
        ("m1 < m2 < 1", "'<' and '<' in a row: write parentheses, at character 9"),
        ("2^m1^m2", "'^' and '^' in a row: write parentheses"),
        ("-m1^2", "'-' before '^': write parentheses"),
        ("(" * 5000, "nested too deeply"),
    ],
)
def test_what_is_no_metric_math(text: str, words: str) -> None:
    with pytest.raises(MetricMathError) as refused:
        parse(text)
    assert words in refused.value.reason
    assert refused.value.expression == text
    assert refused.value.identifier is None
