"""What every Client VPN action does with its request: find the endpoint, heed client tokens, filter and page."""

import base64
import binascii
import functools
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends

from localcloud import clock
from localcloud.client_vpn.model import TRANSITION, Change, ClientVpn, Endpoint
from localcloud.extensions import AwsError

MINIMUM_RESULTS, MAXIMUM_RESULTS = 5, 1000
Item = TypeVar("Item")

_lock = threading.RLock()


def of(backend: Any) -> ClientVpn:
    """The Client VPN of moto's EC2 `backend`, kept there so that moto's own reset forgets it too."""
    vpn: ClientVpn = backend.__dict__.setdefault("localcloud_client_vpn", ClientVpn())
    return vpn


def everywhere() -> Iterator[tuple[Any, ClientVpn]]:
    """Every account's and Region's backend, with its Client VPN."""
    for regions in list(ec2_backends.values()):
        for backend in list(regions.values()):
            if "localcloud_client_vpn" in backend.__dict__:
                yield backend, of(backend)


@contextmanager
def opened(backend: Any) -> Iterator[tuple[ClientVpn, datetime]]:
    """The Client VPN of moto's EC2 `backend`, for nobody else meanwhile, and the moment of whatever is done."""
    with locked():
        now = clock.now()
        vpn = of(backend)
        vpn.forget(now)
        yield vpn, now


@contextmanager
def locked() -> Iterator[None]:
    """Keep every Client VPN as it is."""
    with _lock:
        yield


@contextmanager
def endpoint_of(self: Any) -> Iterator[tuple[Endpoint, datetime]]:
    """The endpoint that a request names. Raises AwsError when there is none, or when it is being deleted."""
    with opened(self.ec2_backend) as (vpn, now):
        endpoint = vpn.endpoints.get(self._get_param("ClientVpnEndpointId"))
        if endpoint is None or endpoint.deleted:
            raise endpoint_not_found(self._get_param("ClientVpnEndpointId"))
        self.error_on_dryrun()
        yield endpoint, now


def endpoint_not_found(endpoint_id: str) -> AwsError:
    """What AWS answers about an endpoint that does not exist."""
    return AwsError("InvalidClientVpnEndpointId.NotFound", f"Endpoint {endpoint_id} does not exist")


def changing(now: datetime, before: str, after: str, within: timedelta = TRANSITION) -> Change:
    """A change that has just begun."""
    return Change(before, after, now + within)


def invalid(message: str) -> AwsError:
    """An InvalidParameterValue, which is also what is answered where AWS documents a limit and no code."""
    return AwsError("InvalidParameterValue", message)


def idempotent(action: Callable[[Any], ActionResult]) -> Callable[[Any], ActionResult]:
    """Let an action answer a repeated ClientToken as it did before ("Ensuring idempotency", EC2 Developer Guide)."""

    @functools.wraps(action)
    def answer(self: Any) -> ActionResult:
        token = self._get_param("ClientToken")
        if not token:
            return action(self)
        with opened(self.ec2_backend) as (vpn, _):
            key, asked = (action.__name__, token), dict(self.params)
            if key in vpn.answers:
                before, result = vpn.answers[key]
                if before != asked:
                    message = f"The client token {token} was used before, with other parameters."
                    raise AwsError("IdempotentParameterMismatch", message)
                return ActionResult(result)
            done = action(self)
            vpn.answers[key] = (asked, done.result)
            return done

    return answer


def listed(
    self: Any,
    name: str,
    items: Iterable[Item],
    key: Callable[[Item], str],
    filters: Mapping[str, Callable[[Item], str]],
) -> ActionResult:
    """One page of those `items` that the request's filters let through, ordered by `key`: `{name: [...], "NextToken"}`.

    `filters`: by the name of each filter that AWS documents for the action, what of an item it compares.
    """
    wanted = self._filters_from_querystring()
    if unknown := sorted(set(wanted) - set(filters)):
        raise invalid(f"The filter {unknown[0]!r} is invalid.")
    maximum, token = self._get_int_param("MaxResults") or MAXIMUM_RESULTS, self._get_param("NextToken")
    if not MINIMUM_RESULTS <= maximum <= MAXIMUM_RESULTS:
        raise invalid(f"MaxResults must be between {MINIMUM_RESULTS} and {MAXIMUM_RESULTS}, not {maximum}.")
    last = _last_key(name, token) if token else ""
    found = [item for item in items if all(filters[field](item) in values for field, values in wanted.items())]
    rest = sorted((item for item in found if key(item) > last), key=key)
    answer: dict[str, Any] = {name: rest[:maximum]}
    if len(rest) > maximum:
        answer["NextToken"] = base64.urlsafe_b64encode(f"{name}:{key(rest[maximum - 1])}".encode()).decode()
    return ActionResult(answer)


def _last_key(name: str, token: str) -> str:
    try:
        owner, _, key = base64.b64decode(token, altchars=b"-_", validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        owner = key = ""
    if owner != name:
        raise AwsError("InvalidPaginationToken", "The NextToken is not valid.")
    return key
