"""What Teradata's logs say of a query: whose it is, and for which of Athena's."""

from athena_connectors.federation.source import Caller

BAND_CHARACTERS = 256
"""As many as a value of a query band has."""


def query_band(caller: Caller) -> str:
    """The statement that writes into Teradata's logs which query of Athena is read, and who runs it."""
    pairs = {"ApplicationName": "Groundcrew", "AthenaQueryId": caller.query_id, "Caller": caller.arn}
    band = "".join(f"{name}={_band_value(value)};" for name, value in pairs.items() if value)
    return f"SET QUERY_BAND = '{band}' FOR SESSION"


def _band_value(value: str) -> str:
    """A value has no `=` and no `;`, and this one no quote or brace either, in which the driver might find a call."""
    kept = "".join(character for character in value if character not in "=;'{}" and character.isprintable())
    return kept[:BAND_CHARACTERS]
