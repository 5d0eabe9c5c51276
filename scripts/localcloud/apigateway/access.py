"""Whether the resource policy of an API lets an anonymous caller in.

"How API Gateway resource policies affect authorization workflow" (resource policy only: without an allow nobody is let
in) and "API Gateway resource policy examples" (abbreviated ARNs) in the API Gateway Developer Guide.
"""

import json
from collections.abc import Mapping
from typing import Any

from policy_evaluation.decision import Reason, decide
from policy_evaluation.policy import Policy
from policy_evaluation.request import Request

ABBREVIATED = "execute-api:/"


def refusal(policy: str | None, arn: str, source: str, user_agent: str) -> str | None:
    """Why a caller from the address `source` may not invoke the method `arn`; None when they may.

    Raises NotImplementedError (or PolicyError, for a policy that AWS would not have taken) instead of guessing.
    """
    if not policy:
        return None
    api = "/".join(arn.split("/")[:1])
    context = {"aws:SourceIp": source, "aws:SecureTransport": "true", "aws:UserAgent": user_agent}
    request = Request(None, "execute-api:Invoke", arn, context)
    decision = decide(request, [], resource=Policy.parse(_expanded(json.loads(policy), api)))
    if decision.allowed:
        return None
    account = arn.split(":")[4]
    shown = arn.replace(account, "*" * 8 + account[-4:])
    why = " with an explicit deny" if decision.reason is Reason.DENIED else ""
    return f"User: anonymous is not authorized to perform: execute-api:Invoke on resource: {shown}{why}"


def _expanded(document: Mapping[str, Any], api: str) -> Mapping[str, Any]:
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    return {**document, "Statement": [_full(statement, api) for statement in statements]}


def _full(statement: Mapping[str, Any], api: str) -> Mapping[str, Any]:
    full = dict(statement)
    for element in ("Resource", "NotResource"):
        if element in statement:
            given = statement[element] if isinstance(statement[element], list) else [statement[element]]
            full[element] = [
                f"{api}/{item.removeprefix(ABBREVIATED)}" if item.startswith(ABBREVIATED) else item for item in given
            ]
    return full
