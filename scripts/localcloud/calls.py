"""Which actions were called, and with which access key: what somebody did, from which the permissions for it follow."""

import threading
from collections import Counter
from collections.abc import Mapping

_called: dict[str, Counter[str]] = {}
_lock = threading.Lock()


def note(access_key: str, action: str) -> None:
    """Count a call of `action` (`redshift:ModifyCluster`), however it is answered."""
    with _lock:
        _called.setdefault(access_key, Counter())[action] += 1


def of(access_key: str) -> Mapping[str, int]:
    """How often each action was called with that key since the start, in alphabetical order."""
    with _lock:
        return dict(sorted(_called.get(access_key, Counter()).items()))
