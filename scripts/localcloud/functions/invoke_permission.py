"""Whether a service of AWS may invoke a function: it must exist, and its policy must admit that service."""

from moto.awslambda.exceptions import UnknownAliasException, UnknownFunctionException
from moto.awslambda.utils import get_backend

from localcloud import ACCOUNT_ID
from localcloud.resource_policy import ServiceCall, admits


def refusal(function_arn: str, *, service: str, source_arn: str) -> str | None:
    """Why `service` cannot invoke the function, or the alias, for `source_arn`, as a sentence; None when it can."""
    backend = get_backend(ACCOUNT_ID, function_arn.split(":")[3])
    try:
        backend.get_function(function_arn)
    except (UnknownFunctionException, UnknownAliasException):
        return f"The target {function_arn} does not exist: AWS would invoke nothing."
    # Permissions belong to the function, and each names the alias or version that it admits to.
    statements = backend.get_function(":".join(function_arn.split(":")[:7])).policy.statements
    if admits(statements, ServiceCall(service, "lambda:InvokeFunction", function_arn, source_arn)):
        return None
    return f"{function_arn} does not permit {service} for {source_arn}: AWS would not invoke it."
