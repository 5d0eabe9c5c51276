"""Elastic IPs that are public addresses; moto's are of loopback, which no fence would take for one."""

import ipaddress
import random

from moto.ec2.models import elastic_ip_addresses

AMAZONS = ipaddress.ip_network("52.0.0.0/11")
"""A network that Amazon gives out Elastic IPs from."""


def install() -> None:
    """Put our addresses in place of moto's; harmless when repeated."""
    elastic_ip_addresses.random_ip = _address


def _address() -> str:
    return str(AMAZONS[random.randrange(1, AMAZONS.num_addresses - 1)])  # noqa: S311 - nobody has to guess it
