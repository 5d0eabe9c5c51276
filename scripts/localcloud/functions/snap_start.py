"""SnapStart: a version is initialised when it is published, and its environment restored from there.

Sources: "Improving startup performance with Lambda SnapStart" in the Lambda Developer Guide, API_SnapStartResponse.
A snapshot is a process that has stopped where Lambda would take one. There is no copy of a process here, so that one
environment can be restored and no more: others, initialised by themselves, would have keys and random numbers of their
own, where on AWS all have the snapshot's.
"""

import json
from collections.abc import Mapping
from typing import Any

from moto.awslambda.models import LambdaStorage

from localcloud.extensions import AwsError
from localcloud.functions import invocations

ON = "PublishedVersions"
RUNTIMES = ("python3.12", "python3.13", "python3.14")
"""Of those that run here; AWS restores Java and .NET too."""
EPHEMERAL_MB = 512

moto_publish = LambdaStorage.publish_version


def install() -> None:
    """Let published versions be initialised; harmless when repeated."""
    LambdaStorage.publish_version = _publish


def configure(function: Any, given: Mapping[str, Any] | None) -> None:
    """Keep what was asked for moto's `function`. Raises AwsError for what Lambda does not restore."""
    function.snap_start = (given or {}).get("ApplyOn") or "None"
    if function.snap_start != ON:
        return
    if function.run_time not in RUNTIMES:
        message = f"{function.run_time} is not supported for SnapStart enabled functions."
        raise AwsError("InvalidParameterValueException", message)
    if function.ephemeral_storage > EPHEMERAL_MB:
        message = f"SnapStart takes functions with at most {EPHEMERAL_MB} MB of ephemeral storage."
        raise AwsError("InvalidParameterValueException", message)


def is_restored(function: Any) -> bool:
    """Whether environments of moto's `function`, a version, come from a snapshot."""
    return bool(function.snap_start == ON and function.version != "$LATEST")


def describe(function: Any) -> dict[str, Any]:
    """What a description of the function says of it: State, its reason, and SnapStart."""
    restored = is_restored(function)
    told = {"SnapStart": {"ApplyOn": function.snap_start, "OptimizationStatus": "On" if restored else "Off"}}
    fleet = getattr(function, "snapshot", None) if restored else None
    if fleet is None:
        return told
    if fleet.failure:
        reason = json.loads(fleet.failure.payload).get("errorMessage", "The function failed to initialise.")
        return {**told, "State": "Failed", "StateReason": reason, "StateReasonCode": "FunctionError"}
    if not fleet.available:
        return {
            **told,
            "State": "Pending",
            "StateReason": "The function is being created.",
            "StateReasonCode": "Creating",
        }
    return {**told, "State": "Active"}


def _publish(self: Any, name_or_arn: str, description: str = "") -> Any:
    version = moto_publish(self, name_or_arn, description)
    if version and is_restored(version) and not hasattr(version, "snapshot"):
        version.snapshot = invocations.start_ahead(version, version.function_arn, 1, "snap-start")
    return version
