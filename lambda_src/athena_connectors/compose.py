"""Puts a connector together: what the settings say, with AWS and the source behind it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import repeat

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from athena_connectors.catalogs import Catalogs
from athena_connectors.connections.catalogs import parse_catalogs, read_connection
from athena_connectors.connections.model import Connection
from athena_connectors.connections.secrets import Secrets
from athena_connectors.federation.cache import Cache
from athena_connectors.federation.model import EncryptionKey
from athena_connectors.federation.read.refusal import connector_error
from athena_connectors.federation.serve import Connector, Reader, Spill
from athena_connectors.settings import Settings, SpillSettings
from athena_connectors.sources.build import build

IMPATIENT = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})
"""A subnet without a route to AWS answers never; who waits should hear of it within seconds."""
DOCUMENT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Deployed:
    """What one environment of the function keeps from request to request."""

    connector: Connector
    catalogs: Catalogs


def compose(settings: Settings) -> Deployed:
    """The connector of these settings. Raises ConfigurationError; touches nothing before it is asked."""
    secrets = Secrets(boto3.client("secretsmanager", config=IMPATIENT))
    default = read_connection(settings.default_connection) if settings.default_connection else None
    documents = Cache(DOCUMENT_SECONDS)
    catalogs = Catalogs(
        document=lambda: documents.get("catalogs", partial(_document, settings, secrets)),
        default=default,
        build=lambda connection: build(connection, secrets, settings),
    )
    connector = Connector(
        source_type=settings.source,
        source_of=catalogs.source,
        cache=Cache(settings.metadata_seconds),
        patterns=settings.schemas,
        access=settings.access_map(),
        spill=_spill(settings.spill),
        read=_reader(settings),
        advise_rows=settings.advise_rows,
    )
    return Deployed(connector, catalogs)


def _document(settings: Settings, secrets: Secrets) -> Mapping[str, Connection]:
    if settings.catalogs_secret:
        return parse_catalogs(secrets.text(settings.catalogs_secret))
    if settings.catalogs_parameter:
        return parse_catalogs(_parameter(settings.catalogs_parameter))
    return {}


def _parameter(name: str) -> str:
    try:
        return str(
            boto3.client("ssm", config=IMPATIENT).get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
        )
    except (ClientError, BotoCoreError) as error:
        allow = "The function's role needs ssm:GetParameter on it, and kms:Decrypt on its key."
        route = "A function in a VPC reaches SSM by an interface endpoint for SSM in its subnets, or by a NAT gateway."
        raise connector_error(error, f"Reading the parameter {name}", allow=allow, route=route) from error


def _spill(settings: SpillSettings) -> Spill:
    @cache
    def require() -> None:
        from athena_connectors.federation.read.put import connect, require_bucket

        require_bucket(connect(1), settings.bucket, settings.bucket_owner)

    return Spill(settings.bucket, settings.prefix, partial(_keys, settings), require)


def _reader(settings: Settings) -> Reader:
    @cache
    def reader() -> Reader:
        from athena_connectors.reading import make_reader

        return make_reader(settings)

    return lambda request, cursor, tally, seconds_left: reader()(request, cursor, tally, seconds_left)


def _keys(settings: SpillSettings) -> Iterator[EncryptionKey | None]:
    from athena_connectors.federation.read.keys import kms_keys, local_keys

    if not settings.encryption:
        return repeat(None)
    if settings.kms_key_id:
        return kms_keys(boto3.client("kms", config=IMPATIENT), settings.kms_key_id)
    return local_keys()
