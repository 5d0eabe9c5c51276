"""Why a query fails, in Athena's words."""


class QueryFailed(Exception):  # noqa: N818 - it names the state of the query
    """The query ends as FAILED; the text is what its user reads, the code of the engine first."""


class QueryCancelled(Exception):  # noqa: N818 - it names the state of the query
    """Somebody stopped the query."""
