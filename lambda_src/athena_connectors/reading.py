"""Reads splits as the settings say, into S3 and under Athena's eyes. Imported with the first split that is read."""

from athena_connectors.federation.model import ReadRecords
from athena_connectors.federation.read import put, watch
from athena_connectors.federation.read.guards import Limits, Tally
from athena_connectors.federation.read.read import Inline, Ports, ReadSettings, Remote, read_records
from athena_connectors.federation.serve import Reader, SecondsLeft
from athena_connectors.federation.source import Cursor
from athena_connectors.settings import Settings


def make_reader(settings: Settings) -> Reader:
    """What reads a split; its clients are made once."""
    how = ReadSettings(settings.inexact_values, Limits(settings.maximum_rows, settings.maximum_bytes))
    putting = put.putting(put.connect(how.threads), settings.spill.bucket_owner)
    state_of = watch.states(watch.connect()) if settings.watch_query else None

    def read(request: ReadRecords, cursor: Cursor, tally: Tally, seconds_left: SecondsLeft) -> Inline | Remote:
        return read_records(request, cursor, how, Ports(putting, seconds_left, state_of), tally)

    return read
