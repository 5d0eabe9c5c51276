"""Makes the source of a connection; no driver but its own is imported."""

from athena_connectors.connections.model import Connection, Oracle, Snowflake, Teradata
from athena_connectors.connections.secrets import Secrets
from athena_connectors.federation.model import Inexact
from athena_connectors.federation.source import Source
from athena_connectors.settings import Settings
from athena_connectors.sources.limits import Limits
from common.errors import ConfigurationError


def build(connection: Connection, secrets: Secrets, settings: Settings) -> Source:
    """The source, which connects when it is first asked. Raises ConfigurationError for one of another package."""
    kind = type(connection).__name__.lower()
    limits = Limits(settings.split_rows, exact_text=settings.inexact_values is Inexact.TEXT)
    if kind == settings.source:
        match connection:
            case Snowflake():
                from athena_connectors.sources.snowflake.source import SnowflakeSource

                return SnowflakeSource(connection, secrets, limits)
            case Oracle():
                from athena_connectors.sources.oracle.source import OracleSource

                return OracleSource(connection, secrets, limits)
            case Teradata():
                from athena_connectors.sources.teradata.source import TeradataSource

                return TeradataSource(connection, secrets, limits)
    raise ConfigurationError(
        f"A connection is to {kind}, and this function has the package of {settings.source}: "
        f"deploy another source, of kind {kind}, for it."
    )
