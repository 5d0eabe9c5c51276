"""The published rule in an account of its own: the same zip and settings, but for alignment and announcements."""

import base64
import hashlib
import json
from pathlib import Path

from deployment import create_function, schedule
from localcloud.client import LocalCloud
from scenes import SceneError


def deploy_beside(ours: LocalCloud, function: str, rule: str, payload: Path, theirs: LocalCloud) -> None:
    """Put `function` and its schedule `rule` into the account `theirs`: as in `ours`, but for the rule it follows.

    Raises SceneError when `payload` is not the zip that was deployed in `ours`.
    """
    deployed = ours.client("lambda").get_function_configuration(FunctionName=function)
    code = payload.read_bytes()
    if base64.b64encode(hashlib.sha256(code).digest()).decode() != deployed["CodeSha256"]:
        raise SceneError(f"{function} was not deployed from {payload}: its bytes are others.")
    variables = deployed["Environment"]["Variables"]
    # The topic is in `ours`; the published rule announced nothing.
    settings = {**json.loads(variables["SETTINGS"]), "alignment": "seed", "announcements": None}
    arn = create_function(
        theirs,
        function,
        code,
        deployed["Handler"],
        Environment={"Variables": {**variables, "SETTINGS": json.dumps(settings)}},
        **{name: deployed[name] for name in ("Architectures", "MemorySize", "Runtime", "Timeout")},
    )
    schedule(theirs, rule, ours.client("events").describe_rule(Name=rule)["ScheduleExpression"], arn)
