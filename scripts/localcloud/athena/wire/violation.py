"""What Athena refuses to read."""


class ProtocolViolation(Exception):  # noqa: N818 - it names what happened
    """A connector answered what Athena would refuse to read, or broke one of its promises; the text says which."""
