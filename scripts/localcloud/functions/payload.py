"""What an execution environment is made of: the unpacked zip, and the variables that Lambda and the deployment set.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

import hashlib
import io
import os
import platform
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from localcloud import clock
from localcloud.apigateway import certificates, listener
from localcloud.apigateway.egress import Place
from localcloud.functions.executor import Code, Runtime
from localcloud.sts import sessions

FUNCTION_SITE = Path(__file__).parent / "function_site"
ELF_MACHINES = {62: "x86_64", 183: "arm64"}
MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


def deployed(
    function: Any, runtime: Runtime, directory: Path, endpoint: str, initialization: str = "on-demand"
) -> Code:
    """What an environment of moto's `function` runs; unpacked in `directory` once for each content.

    `initialization`: on-demand, provisioned-concurrency or snap-start.
    """
    task_root = _unpack(function.code_bytes, directory)
    home = directory / "home"
    home.mkdir(exist_ok=True)
    logging_config = function.logging_config
    name, region = function.function_name, function.region
    credentials = sessions.begin(function.role, name, region=region, lasts=None, function=name)
    environment = {
        "PATH": os.defpath,
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "HOME": str(home),
        "LAMBDA_TASK_ROOT": str(task_root),
        "LAMBDA_RUNTIME_DIR": runtime.path or "",
        # Lambda searches the payload first, then what the runtime brings. What moves the clock comes last.
        "PYTHONPATH": os.pathsep.join(filter(None, [str(task_root), runtime.path, str(FUNCTION_SITE)])),
        # Lambda's image may have no time-zone data: a payload that needs some has to bring it.
        "PYTHONTZPATH": "",
        "LOCALCLOUD_DRIVERS": os.environ.get("LOCALCLOUD_DRIVERS", ""),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "_HANDLER": function.handler,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": str(function.version),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_INITIALIZATION_TYPE": initialization,
        "AWS_LAMBDA_LOG_GROUP_NAME": logging_config["LogGroup"],
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_LAMBDA_LOG_FORMAT": logging_config["LogFormat"],
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        # Lambda replaces an environment before its credentials expire; ours lives on, so they never do.
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
        "AWS_SESSION_TOKEN": credentials.session_token,
    }
    if level := logging_config.get("ApplicationLogLevel"):
        environment["AWS_LAMBDA_LOG_LEVEL"] = level
    # What the deployment sets comes last but one: it may not redirect the function away from this machine.
    environment |= function.environment_vars or {}
    environment["AWS_ENDPOINT_URL"] = endpoint
    environment["LOCALCLOUD_CLOCK"] = str(clock.offset_file())
    environment["LOCALCLOUD_EXECUTE_API"] = f"{listener.HOST}:{_execute_api_port(function)}"
    environment.setdefault("SSL_CERT_FILE", str(certificates.bundle()))
    fault = _foreign_library(task_root)
    return Code(task_root, function.handler, runtime, environment, float(function.timeout), fault)


def _execute_api_port(function: Any) -> int:
    """The port at which the function reaches APIs as coming from where it runs."""
    network = function.vpc_config or {}
    subnets = tuple(network.get("SubnetIds") or ())
    place = Place(function.account_id, function.region, subnets, tuple(network.get("SecurityGroupIds") or ()))
    key = (place.account, place.region, place.subnet_ids, place.security_group_ids)
    return listener.port(key, place.source_address)


def _unpack(code: bytes, directory: Path) -> Path:
    target = directory / hashlib.sha256(code).hexdigest()[:24]
    if not target.is_dir():
        part = Path(tempfile.mkdtemp(dir=directory))
        with zipfile.ZipFile(io.BytesIO(code)) as archive:
            archive.extractall(part)
        part.rename(target)
    return target


def _foreign_library(task_root: Path) -> str | None:
    """The first native library in the payload that this machine cannot load, as a sentence; None when there is none."""
    here = MACHINES.get(platform.machine().lower(), platform.machine())
    for path in sorted(task_root.rglob("*.so*")):
        with path.open("rb") as file:
            head = file.read(20)
        built_for = ELF_MACHINES.get(int.from_bytes(head[18:20], "little"), "another machine")
        if head[:4] == b"\x7fELF" and built_for != here:
            name = path.relative_to(task_root)
            return f"{name} is built for {built_for} and this machine is {here}: deploy the {here} zip locally"
    return None
