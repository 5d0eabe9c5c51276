"""How many shards an account may have open in a Region, and how many it has.

"Quotas and limits" in the Kinesis Data Streams Developer Guide.
"""

from typing import Any

from moto.kinesis.models import kinesis_backends

from localcloud import ACCOUNT_ID
from localcloud.kinesis.resharding import Account
from localcloud.kinesis.shards import open_shards
from localcloud.refusal import RefusalError

LARGE_REGIONS = {"us-east-1", "us-west-2", "eu-west-1"}
LARGE_LIMIT, SMALL_LIMIT = 20_000, 1_000
"""Some of the other Regions have 6,000; here all of them have the least."""
ON_DEMAND_STREAMS = 50


def account(backend: Any) -> Account:
    """The account and Region of moto's `backend`; shards of on-demand streams do not count."""
    limit = backend.__dict__.get("localcloud_shard_limit", default_limit(backend.region_name))
    count = sum(len(open_shards(stream)) for stream in backend.streams.values() if not is_on_demand(stream))
    return Account(backend.account_id, backend.region_name, limit, count)


def default_limit(region: str) -> int:
    """The shards that a new account may have in `region`."""
    return LARGE_LIMIT if region in LARGE_REGIONS else SMALL_LIMIT


def set_limit(shards: int, *, region: str) -> None:
    """Let the account have so many open shards in `region`. Raises RefusalError 404 for an unknown Region."""
    if region not in kinesis_backends[ACCOUNT_ID]:
        raise RefusalError(404, f"There is no Region {region!r}.")
    # On the backend, so that moto's own reset forgets it too.
    kinesis_backends[ACCOUNT_ID][region].localcloud_shard_limit = shards


def is_on_demand(stream: Any) -> bool:
    """Whether moto's `stream` has no shards of its own to count."""
    return bool(stream.stream_mode.get("StreamMode") == "ON_DEMAND")
