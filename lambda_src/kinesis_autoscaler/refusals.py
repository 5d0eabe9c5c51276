"""What AWS answers instead of doing what was asked: outcomes of a reconcile rather than failures."""

from common.errors import TransientError


class Refused(Exception):  # noqa: N818 - each names what was found, as the log line does
    """Kinesis forbids the shard count: ten resizes in 24 hours, twice or half, the account's quota, on-demand mode."""


class Throttled(TransientError):  # noqa: N818
    """Too many calls at once, and so this one has not changed anything."""


class BeingChanged(Exception):  # noqa: N818
    """The stream is not ACTIVE: somebody else resizes it, or deletes it."""


class Gone(Exception):  # noqa: N818
    """It was deleted since it was described."""


class Overtaken(Exception):  # noqa: N818
    """Another run has written the stream's memory since it was read."""
