"""The country of an address, offline: where the regional internet registries say that it was given to.

AWS WAF uses MaxMind's data, with which the registries agree for about 95 % of the IPv4 addresses (by iptocc's README).
The data comes with iptocc (MIT or Apache-2.0), whose version is pinned: it does not change by itself.
"""

from iptocc import country_code


def country(address: str) -> str | None:
    """ISO 3166-1 alpha-2, None for an address that nobody was given, such as 192.0.2.1."""
    code = country_code(address)
    return str(code) if code else None
