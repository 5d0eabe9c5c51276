"""What we hang onto moto's response classes, and the list of it that the contract test checks.

moto turns the action `ModifyClusterMaintenance` into a call of the method `modify_cluster_maintenance` on the service's
response class, and parses and serialises through botocore's model. So an action is a function of that object which
returns an `ActionResult` or raises an `AwsError`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.utils import camelcase_to_underscores

Action = Callable[[Any], Any]


class AwsError(ServiceException):
    """An error that a service answers with: `AwsError(code, message)`.

    moto takes a ServiceException from a module of its own for one of the service that the module is named after.
    """


@dataclass(frozen=True, slots=True)
class Extension:
    """One action of ours: `function` becomes the method of `response` that moto calls for `action`.

    `added`: moto lacks the action; otherwise moto has it and ours takes its place.
    """

    response: type
    action: str
    function: Action
    added: bool

    @property
    def method(self) -> str:
        """The name under which moto looks the action up."""
        return str(camelcase_to_underscores(self.action))


EXTENSIONS: list[Extension] = []
"""Every action that some module of ours adds or corrects, in the order of import."""


def adds(response: type, action: str) -> Callable[[Action], Action]:
    """Mark a function as `action`, which moto lacks. It takes effect when `install` is called."""
    return _registers(response, action, added=True)


def corrects(response: type, action: str) -> Callable[[Action], Action]:
    """Mark a function as a stricter or truer `action` than moto's own. It takes effect when `install` is called."""
    return _registers(response, action, added=False)


def _registers(response: type, action: str, *, added: bool) -> Callable[[Action], Action]:
    def register(function: Action) -> Action:
        EXTENSIONS.append(Extension(response, action, function, added))
        return function

    return register


def install() -> None:
    """Put every registered action in place; harmless when repeated.

    Raises RuntimeError when moto has an action that we add, or lacks one that we correct.
    """
    for extension in EXTENSIONS:
        current = getattr(extension.response, extension.method, None)
        if current is extension.function:
            continue
        if (current is not None) is extension.added:
            what = "has" if current else "lacks"
            name = f"{extension.response.__name__}.{extension.method}"
            raise RuntimeError(f"moto {what} {name}, against what the local cloud was written for")
        setattr(extension.response, extension.method, extension.function)
