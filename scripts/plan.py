"""Plan a root, in the account at hand or on the local cloud; leaves build/plans/<root>.tfplan and .json."""

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path

import boto3
import hcl2
from rich.console import Console

from account import Caller, CredentialsError
from local_run import Runtime, build_payloads, local_workspace, running_cloud
from localcloud.client import LocalCloud
from progress import Progress
from root_run import own_variables, prepare
from terraform import Workspace
from terraform_setup import TerraformError, warnings
from toolchain import BUILD, ROOT, solutions


def main(argv: list[str]) -> int:
    """Plan as the arguments say; returns 0, or 1 with a sentence on standard error that says what to do.

    With --expect-none a plan that would change something returns 2, and names what.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", required=True, help=f"one of: {', '.join(solutions())}")
    parser.add_argument("--vars", type=Path, help="file of variables; with --local: the root's example.tfvars")
    parser.add_argument("--backend", action="append", default=[], help="file or key=value for the state's S3 backend")
    parser.add_argument("--local", action="store_true", help="on the local cloud instead of an account")
    parser.add_argument("--expect-none", action="store_true", help="fail when anything would change")
    parser.add_argument("--quiet", action="store_true", help="say nothing but what went wrong")
    arguments = parser.parse_args(argv)
    progress = Progress(Console(), quiet=arguments.quiet)
    for warning in warnings():
        print(f"warning: {warning}", file=sys.stderr)
    try:
        with ExitStack() as stack:
            if arguments.local:
                runtime = Runtime.find()
                build_payloads(runtime, progress, [arguments.root])
                cloud = running_cloud(stack, runtime, progress)
                workspace = local_workspace(arguments.root, cloud, runtime, progress)
                var_file = arguments.vars or ROOT / "terraform" / arguments.root / "example.tfvars"
                own = [] if arguments.vars else [_own_variables(arguments.root, cloud, progress)]
                progress.line(f"local cloud {cloud.endpoint}, account 123456789012, {_region(var_file)}")
                workspace.init(progress)
            else:
                workspace = Workspace.create(arguments.root, BUILD / "work" / arguments.root)
                var_file, own = _required_vars(arguments.root, arguments.vars), []
                progress.line(_account(_region(var_file)))
                workspace.init(progress, arguments.backend)
            out = BUILD / "plans" / f"{arguments.root}.tfplan"
            out.parent.mkdir(parents=True, exist_ok=True)
            changes = workspace.plan(progress, out, [str(var_file.resolve()), *map(str, own)])
    except TerraformError as error:
        print(error, file=sys.stderr)
        return 1
    progress.line(f"{len(changes)} changes planned: build/plans/{out.name} and {out.stem}.json")
    if arguments.expect_none:
        return _report_drift(arguments.root, changes)
    progress.line(f"judge it: make gate ROOT={arguments.root}")
    if not arguments.local:
        backend = f' BACKEND="{" ".join(arguments.backend)}"' if arguments.backend else ""
        progress.line(f"apply it, once the gate passes it: make apply ROOT={arguments.root}{backend}")
    return 0


def _report_drift(root: str, found: list[str]) -> int:
    if not found:
        return 0
    print(f"{root}: the account is not as this commit has it; an apply would", file=sys.stderr)
    for line in found:
        print(f"  {line}", file=sys.stderr)
    return 2


def _own_variables(root: str, cloud: LocalCloud, progress: Progress) -> Path:
    """What goes with what is in the cloud, which is put there first unless `make up` has done it."""
    if not own_variables(root, cloud).is_file():
        prepare(root, cloud, progress)
    return own_variables(root, cloud)


def _required_vars(root: str, chosen: Path | None) -> Path:
    if chosen and chosen.is_file():
        return chosen
    example = f"terraform/{root}/example.tfvars"
    raise TerraformError(f"Which variables? Copy {example}, fill it in and give it as VARS=file (got: {chosen}).")


def _region(var_file: Path) -> str:
    with var_file.open() as file:
        region = hcl2.load(file).get("region", "")
    return str(region).strip('"') or boto3.Session().region_name or "the provider's default Region"


def _account(region: str) -> str:
    try:
        return f"{Caller.find(region)}, {region}"
    except CredentialsError as error:
        raise TerraformError(f"{error} Sign in, or plan on the local cloud with LOCAL=1.") from None


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
