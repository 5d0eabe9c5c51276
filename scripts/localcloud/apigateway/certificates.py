"""TLS for the host names of API Gateway: an authority that is made anew by every local cloud and ends with it.

Its key never leaves the process. Functions trust the authority by a file outside their zip.
"""

import ssl
from functools import cache
from pathlib import Path

import trustme

_bundle = Path()


@cache
def _authority() -> trustme.CA:
    return trustme.CA(organization_name="Groundcrew local cloud")


def publish(directory: Path) -> None:
    """Write into `directory` the certificates to trust: those of this machine, where it has them, and ours."""
    global _bundle
    _bundle = directory / "certificates.pem"
    system = ssl.get_default_verify_paths().cafile
    trusted = Path(system).read_bytes() if system else b""
    _bundle.write_bytes(trusted + b"\n" + _authority().cert_pem.bytes())


def bundle() -> Path:
    """The file that `publish` wrote."""
    return _bundle


@cache
def server_context() -> ssl.SSLContext:
    """The server's side: a certificate for whatever API's host name a client asks for, and none for other names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sni_callback = _choose
    return context


def _choose(connection: ssl.SSLSocket | ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> int | None:
    match (name or "").split("."):
        case [_, "execute-api", region, "amazonaws", "com"]:
            connection.context = _context_of(region)
            return None
        case _:
            return int(ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME)


@cache
def _context_of(region: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _authority().issue_cert(f"*.execute-api.{region}.amazonaws.com").configure_cert(context)
    return context
