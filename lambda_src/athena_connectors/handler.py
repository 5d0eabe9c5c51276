"""Entry point: Athena asks, for metadata and for the rows of splits."""

import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics

from athena_connectors.compose import Deployed, compose
from athena_connectors.federation.errors import ConnectorError, InternalError, InvalidInput
from athena_connectors.federation.model import Request
from athena_connectors.federation.parse import parse
from athena_connectors.federation.respond import Answer
from athena_connectors.federation.serve import Notes, serve
from athena_connectors.measure import NAMESPACE, count_request
from athena_connectors.settings import load
from common.errors import ConfigurationError

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()
metrics = Metrics(namespace=NAMESPACE)


@cache
def deployed() -> Deployed:
    """What this environment keeps: its sources, each with its connection, and what they said of themselves."""
    return compose(load())


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: "LambdaContext") -> Answer:
    """AWS Lambda's entry point; see `federation.parse` for requests, `federation.respond` for answers.

    Raises ConnectorError: Athena shows its user the message, which begins with the code.
    """
    with reported() as notes:
        request = parse(event)
        notes |= described(request)
        return serve(request, deployed().connector, notes, lambda: context.get_remaining_time_in_millis() / 1000)


def described(request: Request) -> Notes:
    """What the log line says of a request, whatever becomes of it."""
    envelope = request.envelope
    return {
        "request": type(request).__name__,
        "query_id": envelope.query_id,
        "catalog": envelope.catalog,
        "caller": envelope.identity.arn,
        "serde": envelope.serde.value,
    }


@contextmanager
def reported() -> Iterator[Notes]:
    """One log line and the figures of a request, of which more and more is noted; errors leave with their code."""
    began, notes, failure = time.monotonic(), Notes(), None
    try:
        with explained(notes):
            yield notes
    except ConnectorError as error:
        failure = error
        raise
    finally:
        notes["seconds"] = round(time.monotonic() - began, 3)
        if failure:
            logger.error("request", extra=notes | {"code": failure.code, "reason": str(failure)})
        else:
            log = logger.warning if "advice" in notes else logger.info
            log("request", extra=notes)
        connections = deployed().catalogs.connections if deployed.cache_info().currsize else 0
        count_request(metrics, notes, connections, failure)


@contextmanager
def explained(notes: Notes) -> Iterator[None]:
    """Every error as a ConnectorError; of one that nobody foresaw the place is noted, for its text may hold data."""
    try:
        yield
    except ConnectorError:
        raise
    except ConfigurationError as error:
        raise InvalidInput(f"The connector's settings are wrong, for who deploys it to correct. {error}") from None
    except Exception as error:
        notes["error"] = type(error).__name__
        notes["stack"] = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        raise InternalError(
            f"The connector failed with {type(error).__name__}, which nobody foresaw. Its log has the place."
        ) from None
