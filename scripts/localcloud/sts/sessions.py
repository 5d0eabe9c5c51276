"""The temporary credentials that were given out: whose they are, and until when.

moto keeps its own record of them, which knows no expiry; an AssumedRole of moto's stands behind each session.
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from localcloud import clock


@dataclass(frozen=True, slots=True)
class Session:
    """A session of a role. `expires` is aware, None for credentials that never do.

    `function`: the name of the function whose session it is or from whose session it descends by AssumeRole, if any.
    """

    account: str
    role_arn: str
    arn: str
    token: str
    expires: datetime | None
    function: str | None

    def has_expired(self) -> bool:
        """Whether the local cloud's clock has passed the end."""
        return self.expires is not None and self.expires <= clock.now()


_sessions: dict[str, Session] = {}
_lock = threading.Lock()


def find(access_key: str) -> Session | None:
    """The session, expired or not, to which an access key belongs."""
    return _sessions.get(access_key)


def begin(role_arn: str, name: str, *, region: str, lasts: timedelta | None, function: str | None) -> Any:
    """Start a session of a role; returns moto's AssumedRole, which holds the credentials.

    `lasts` None: the credentials never expire.
    """
    seconds = int(lasts.total_seconds()) if lasts else 0
    account = role_arn.split(":")[4]
    backend = sts_backends[account][get_partition(region)]
    assumed = backend.assume_role(region, name, role_arn, policy=None, duration=seconds, external_id=None)
    expires = clock.now() + lasts if lasts else None
    session = Session(account, role_arn, assumed.arn, assumed.session_token, expires, function)
    with _lock:
        _sessions[assumed.access_key_id] = session
    return assumed
