"""Makes the source of a connection; no driver but its own is imported."""

from athena_connectors.connections.model import Connection, Oracle, Snowflake, Teradata
from athena_connectors.connections.secrets import Secrets
from athena_connectors.federation.model import Inexact
from athena_connectors.federation.source import Source
from athena_connectors.settings import Settings
from common.errors import ConfigurationError


def build(connection: Connection, secrets: Secrets, settings: Settings) -> Source:
    """The source, which connects when it is first asked. Raises ConfigurationError for one of another package."""
    kind = type(connection).__name__.lower()
    exact_text = settings.inexact_values is Inexact.TEXT
    if kind == settings.source:
        match connection:
            case Snowflake():
                from athena_connectors.sources.snowflake.source import Limits, SnowflakeSource

                return SnowflakeSource(connection, secrets, Limits(settings.split_rows, exact_text=exact_text))
            case Oracle():
                from athena_connectors.sources.oracle import source as oracle

                return oracle.OracleSource(
                    connection, secrets, oracle.Limits(settings.split_rows, exact_text=exact_text)
                )
            case Teradata():
                from athena_connectors.sources.teradata import source as teradata

                return teradata.TeradataSource(
                    connection, secrets, teradata.Limits(settings.split_rows, exact_text=exact_text)
                )
    raise ConfigurationError(
        f"A connection is to {kind}, and this function has the package of {settings.source}: "
        f"deploy another source, of kind {kind}, for it."
    )
