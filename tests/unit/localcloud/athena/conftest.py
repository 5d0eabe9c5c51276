"""A query of the local Athena in an account in this process."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from athena_account import InProcessAccount

from athena_connectors.federation.model import Identity
from localcloud.athena.engine.run import Run
from localcloud.athena.query.statement import Context, parse

Query = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def account() -> InProcessAccount:
    return InProcessAccount()


@pytest.fixture
def run(account: InProcessAccount, now: datetime) -> Run:
    return Run(account, "q-1", Identity("123456789012", "arn:aws:iam::123456789012:role/analyst"), now)


@pytest.fixture
def query(run: Run) -> Query:
    """Runs SQL and returns the rows, as tuples."""

    def rows(sql: str, **context: str) -> list[tuple[Any, ...]]:
        table = run.run(parse(sql, Context(**context))).table
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True))

    return rows
