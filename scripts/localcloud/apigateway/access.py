"""Whether the resource policy of an API lets an anonymous caller in.

"How API Gateway resource policies affect authorization workflow" in the API Gateway Developer Guide: with a resource
policy only, nobody is let in whom it does not allow.
"""

from policy_evaluation.decision import Reason, decide
from policy_evaluation.policy import Policy
from policy_evaluation.request import Request


def refusal(policy: str | None, arn: str, source: str, user_agent: str) -> str | None:
    """Why a caller from the address `source` may not invoke the method `arn`; None when they may.

    Raises NotImplementedError (or PolicyError, for a policy that AWS would not have taken) instead of guessing.
    """
    if not policy:
        return None
    context = {"aws:SourceIp": source, "aws:SecureTransport": "true", "aws:UserAgent": user_agent}
    request = Request(None, "execute-api:Invoke", arn, context)
    decision = decide(request, [], resource=Policy.parse(policy))
    if decision.allowed:
        return None
    account = arn.split(":")[4]
    shown = arn.replace(account, "*" * 8 + account[-4:])
    why = " with an explicit deny" if decision.reason is Reason.DENIED else ""
    return f"User: anonymous is not authorized to perform: execute-api:Invoke on resource: {shown}{why}"
