"""The decision: an explicit deny wins, every level of the organization must allow, and somebody must allow it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from policy_evaluation.policy import Effect, Policy
from policy_evaluation.request import Request


class Reason(StrEnum):
    """Why a request is allowed or not."""

    ALLOWED = "allowed"
    DENIED = "explicit deny"
    NOT_ALLOWED_BY_SCP = "no service control policy allows it"
    NOT_ALLOWED = "no policy allows it"


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a request, and the Sid of the statement that decided, where one did and has one."""

    reason: Reason
    sid: str = ""

    @property
    def allowed(self) -> bool:
        """Whether the request is carried out."""
        return self.reason is Reason.ALLOWED


def decide(
    request: Request,
    identity: Iterable[Policy],
    *,
    scp_levels: Sequence[Iterable[Policy]] = (),
    resource: Policy | None = None,
) -> Decision:
    """Decide a request within one account.

    `identity`: the policies of who asks. `scp_levels`: the service control policies of the organization's root, of each
    organizational unit on the way and of the account; each level must allow. None at all is an account without an
    organization, or the management account, which they do not restrict. `resource`: the policy of what is asked for;
    its Allow suffices. Raises PolicyError or UnsupportedError instead of guessing.
    """
    own = list(identity)
    levels = [] if request.is_service_linked else [list(level) for level in scp_levels]
    for policy in [*own, *(policy for level in levels for policy in level)]:
        for statement in policy.applying(request, Effect.DENY):
            return Decision(Reason.DENIED, statement.sid)
    by_resource = _by_resource(request, resource)
    if by_resource is not None and not by_resource.allowed:
        return by_resource
    for level in levels:
        if not any(True for policy in level for _ in policy.applying(request, Effect.ALLOW)):
            return Decision(Reason.NOT_ALLOWED_BY_SCP)
    if by_resource is not None or request.is_root:
        return by_resource or Decision(Reason.ALLOWED)
    for policy in own:
        for statement in policy.applying(request, Effect.ALLOW):
            return Decision(Reason.ALLOWED, statement.sid)
    return Decision(Reason.NOT_ALLOWED)


def _by_resource(request: Request, policy: Policy | None) -> Decision | None:
    """What the policy of a resource says by itself; None when nothing."""
    if policy is None:
        return None
    for effect, reason in ((Effect.DENY, Reason.DENIED), (Effect.ALLOW, Reason.ALLOWED)):
        for statement in policy.applying(request, effect):
            if statement.names(request):
                return Decision(reason, statement.sid)
    return None
