"""What Terraform puts into the environment of a connector."""

import json
import os
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Annotated

from athena_connectors.access import Access
from athena_connectors.federation.model import Inexact
from athena_connectors.federation.patterns import Patterns
from common.errors import ConfigurationError
from common.settings import Accepts, from_document, from_environment, one_of, text, true_or_false, whole_number

MOST = 10**15
"""Of rows and bytes; more than any source holds."""
HOUR = 3600


class Kind(StrEnum):
    """What a connector reads; its package has that source's driver and no other."""

    SNOWFLAKE = "snowflake"
    ORACLE = "oracle"
    TERADATA = "teradata"


def patterns() -> Accepts:
    """Names with wildcards, separated by commas."""

    def parse(found: str) -> tuple[str, ...]:
        named = tuple(pattern.strip() for pattern in found.split(","))
        if not all(named):
            raise ValueError(found)
        return named

    return Accepts("names separated by commas, in which * is any text and ? any character,", parse)


def key_prefix() -> Accepts:
    """A prefix of keys in S3, without the slashes around it."""

    def parse(found: str) -> str:
        if not found.strip("/"):
            raise ValueError(found)
        return found.strip("/")

    return Accepts("a prefix of keys such as athena-spill", parse)


@dataclass(frozen=True, slots=True)
class SpillSettings:
    """Where blocks go, whose the bucket is, and how they are encrypted: by a key of KMS, of this machine, or not."""

    bucket: Annotated[str, text()]
    bucket_owner: Annotated[str, text()]
    prefix: Annotated[str, key_prefix()] = "athena-spill"
    kms_key_id: Annotated[str, text()] = ""
    encryption: Annotated[bool, true_or_false()] = True


@dataclass(frozen=True, slots=True)
class Settings:
    """SOURCE, SPILL_BUCKET, SPILL_BUCKET_OWNER, and one of DEFAULT_CONNECTION, CATALOGS_SECRET and CATALOGS_PARAMETER.

    `default_connection`: a connection as a string or typed, see `connections`, of every catalog; with a document of
    catalogs, of `lambda:<function>`.
    `catalogs_secret`, `catalogs_parameter`: where `{"<catalog>": <connection>}` is kept, in Secrets Manager or SSM.
    `access`: the access map, see `athena_connectors.access`. `metadata_seconds`: how long the dictionary is remembered.
    `maximum_rows`, `maximum_bytes`: of one split; None is no guard. `split_rows`: larger tables are read in parts.
    `advise_rows`: a split of more, of which no condition had to be met, is advised to be unloaded. `watch_query`: stop
    reading when Athena's query has ended.
    """

    source: Annotated[Kind, one_of(Kind)]
    spill: SpillSettings
    default_connection: Annotated[str, text()] = ""
    catalogs_secret: Annotated[str, text()] = ""
    catalogs_parameter: Annotated[str, text()] = ""
    inexact_values: Annotated[Inexact, one_of(Inexact)] = Inexact.ERROR
    include_schemas: Annotated[tuple[str, ...], patterns()] = ()
    exclude_schemas: Annotated[tuple[str, ...], patterns()] = ()
    access: Annotated[str, text()] = ""
    metadata_seconds: Annotated[int, whole_number(0, HOUR)] = 60
    maximum_rows: Annotated[int | None, whole_number(1, MOST)] = None
    maximum_bytes: Annotated[int | None, whole_number(1, MOST)] = None
    split_rows: Annotated[int, whole_number(1, MOST)] = 5_000_000
    advise_rows: Annotated[int, whole_number(1, MOST)] = 10_000_000
    watch_query: Annotated[bool, true_or_false()] = True

    @property
    def schemas(self) -> Patterns:
        """The schemas that are there."""
        return Patterns(self.include_schemas, self.exclude_schemas)

    def access_map(self) -> Access | None:
        """Who may read what; None is everybody everything. Raises ConfigurationError."""
        if not self.access:
            return None
        try:
            document = json.loads(self.access)
        except ValueError as error:
            raise ConfigurationError(f"ACCESS is no JSON: {error}.") from None
        return from_document(Access, document)


@cache
def load() -> Settings:
    """The settings, read once. Raises ConfigurationError."""
    return read(dict(os.environ))


def read(environment: dict[str, str]) -> Settings:
    """The settings of an environment. Raises ConfigurationError."""
    settings = from_environment(Settings, environment)
    if settings.catalogs_secret and settings.catalogs_parameter:
        raise ConfigurationError("CATALOGS_SECRET and CATALOGS_PARAMETER are both there: keep one.")
    if not (settings.catalogs_secret or settings.catalogs_parameter or settings.default_connection):
        raise ConfigurationError(
            "There is no database to connect to: set DEFAULT_CONNECTION for one, CATALOGS_SECRET or CATALOGS_PARAMETER "
            "for many."
        )
    return settings
