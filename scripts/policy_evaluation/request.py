"""A described request: who does what to which resource, and what AWS knows about it besides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from policy_evaluation.errors import PolicyError

Value = str | Sequence[str]
DERIVED = {"aws:principalarn", "aws:principalaccount"}


@dataclass(frozen=True, slots=True)
class Request:
    """One request to AWS.

    `principal`: ARN of a role (also for its sessions), of a user or of an account's root user; None for an anonymous
    caller. `action` as IAM spells it (`s3:ListBucket`). `resource`: its ARN, `*` where the action has none. `context`:
    condition keys, in any case, with their values; several values for a multivalued key. A key that AWS would not
    supply is left out. aws:PrincipalArn and aws:PrincipalAccount follow from the principal.
    """

    principal: str | None
    action: str
    resource: str = "*"
    context: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.principal is not None and len(self.principal.split(":", 5)) != 6:
            raise PolicyError(f"The principal {self.principal!r} is no ARN.")
        if ":" not in self.action or "*" in self.action:
            raise PolicyError(f"{self.action!r} is not one action such as s3:ListBucket.")
        if given := DERIVED & {key.lower() for key in self.context}:
            raise PolicyError(f"{given.pop()} follows from the principal: leave it out of the context.")

    @property
    def is_root(self) -> bool:
        """Whether the root user of an account asks, who needs no policy."""
        return self.principal is not None and self.principal.endswith(":root")

    @property
    def is_service_linked(self) -> bool:
        """Whether a service-linked role asks, which service control policies never restrict."""
        return self.principal is not None and ":role/aws-service-role/" in self.principal

    def values(self, key: str) -> Value | None:
        """The value or values of a condition key, None when the request has none."""
        wanted = key.lower()
        if self.principal is not None:
            if wanted == "aws:principalarn":
                return self.principal
            if wanted == "aws:principalaccount":
                return self.principal.split(":")[4]
        return next((value for name, value in self.context.items() if name.lower() == wanted), None)
