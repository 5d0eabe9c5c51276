"""Run Terraform on a copy of a root, and say what a long step waits for."""

import json
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from progress import Progress
from terraform_setup import TerraformError, find_terraform, provider_mirror, terraform_environment
from toolchain import BUILD, ROOT, locked, solutions

UNCHANGED = (["no-op"], ["read"])
# The provider sleeps after some calls whatever answers it; a person who waits should know that nothing is stuck.
FIXED_WAITS = {
    "aws_sqs_queue": "the provider waits until a queue's attributes have settled, about 25 s",
    "aws_sqs_queue_policy": "the provider waits until a queue's policy has settled, about 25 s",
    "aws_kms_key": "the provider waits until a key has propagated, about 9 s",
    "aws_iam_role": "the provider waits until a role has propagated",
    "aws_lambda_function": "the provider waits until a new role can be assumed",
}


@dataclass(frozen=True, slots=True)
class Workspace:
    """A copy of one root and of the modules, where alone overrides, plans and local state are written.

    Below `directory` lie `terraform/<root>`, `modules`, `lambda_src` and `build`, as in the repository, so that paths
    from one to the other hold. `environment` is added to Terraform's environment (endpoints and credentials).
    """

    root: str
    directory: Path
    environment: Mapping[str, str]

    @property
    def path(self) -> Path:
        return self.directory / "terraform" / self.root

    @property
    def access_key(self) -> str:
        """The key under which the local cloud knows the calls that Terraform makes for this root."""
        return f"terraform-{self.root}"

    @classmethod
    def create(cls, root: str, directory: Path, environment: Mapping[str, str] | None = None) -> "Workspace":
        """Copy the sources of `root` afresh, keeping what Terraform installed and wrote there before."""
        source = ROOT / "terraform" / root
        if not (source / "main.tf").is_file():
            raise TerraformError(f"There is no root named {root!r}; there are: {', '.join(solutions())}.")
        workspace = cls(root, directory, environment or {})
        shutil.rmtree(workspace.directory / "modules", ignore_errors=True)
        for pattern in ("*.tf", "*.tf.json", "*.tfvars*"):
            for stale in workspace.path.glob(pattern):
                stale.unlink()
        generated = shutil.ignore_patterns(".terraform", "*.tfstate*", "*.tftest.hcl")
        shutil.copytree(source, workspace.path, dirs_exist_ok=True, ignore=generated)
        shutil.copytree(ROOT / "modules", workspace.directory / "modules", ignore=generated)
        for link, target in (("build", BUILD), ("lambda_src", ROOT / "lambda_src")):
            if not (workspace.directory / link).is_symlink():
                (workspace.directory / link).symlink_to(target, target_is_directory=True)
        return workspace

    def forget_state(self) -> None:
        """Drop the state file of an earlier run on a local cloud, which ended with everything in it."""
        for stale in self.path.glob("terraform.tfstate*"):
            stale.unlink()

    def redirect_to_local_cloud(self, module: Mapping[str, str]) -> None:
        """Write what differs on the local cloud: state in a file, no account checks, and arguments of the module.

        `module`: arguments and their expressions, given to the module that is named like its root over whatever the
        variables say, such as the zip that runs here.
        """
        override = {
            "terraform": {"backend": {"local": {"path": "terraform.tfstate"}}},
            "module": {self.root: {name: f"${{{expression}}}" for name, expression in module.items()}},
            "provider": {
                "aws": {
                    "access_key": self.access_key,
                    "secret_key": "test",
                    "skip_credentials_validation": True,
                    "skip_metadata_api_check": True,
                    "s3_use_path_style": True,
                    # The default of 25 turns every refused call into minutes.
                    "max_retries": 2,
                }
            },
        }
        (self.path / "local_override.tf.json").write_text(json.dumps(override, indent=2))

    def init(self, progress: Progress, backend_config: list[str] | None = None) -> None:
        """Install the locked provider, from a mirror where there is one, else from the registry.

        `backend_config`: of the state, files or `key=value`.
        """
        mirror = provider_mirror()
        where = "a mirror" if mirror else "Terraform's usual places"
        arguments = ["init", "-lockfile=readonly", "-no-color"]
        arguments += [f"-plugin-dir={mirror}"] if mirror else []
        # The copy holds no state of its own: of whatever environment it was used for last, nothing is to be kept.
        arguments += (
            ["-reconfigure", *(f"-backend-config={_absolute(item)}" for item in backend_config)]
            if backend_config
            else []
        )
        with progress.step(f"init: the provider comes from {where}"):
            if mirror:
                self.run(*arguments)
                return
            # The provider is downloaded (700 MB unpacked): once for all roots, not once for each. Terraform's cache is
            # not made for several at once: https://developer.hashicorp.com/terraform/cli/config/config-file#provider-plugin-cache
            cache = ROOT / ".tools" / "plugin-cache"
            with locked(cache):
                self.run(*arguments, environment={"TF_PLUGIN_CACHE_DIR": str(cache)})

    def plan(self, progress: Progress, out: Path, var_files: list[str], *, note: str = "") -> list[str]:
        """Write a plan to `out` and its JSON beside it; return what would change, as `changing` says it."""
        arguments = ["plan", "-no-color", "-json", f"-out={out}", *(f"-var-file={file}" for file in var_files)]
        self.stream(progress, f"plan{note}", *arguments)
        shown = json.loads(self.run("show", "-json", str(out)))
        out.with_suffix(".json").write_text(json.dumps(shown))
        return changing(shown)

    def apply(self, progress: Progress, plan: Path) -> int:
        """Apply the saved plan; return how many resources were created, changed or destroyed."""
        return self.stream(progress, "apply", "apply", "-json", "-no-color", "-parallelism=30", str(plan))

    def destroy(self, progress: Progress, var_files: list[str]) -> int:
        """Destroy everything in the state; return how many resources that were."""
        files = [f"-var-file={file}" for file in var_files]
        return self.stream(
            progress, "destroy", "destroy", "-auto-approve", "-json", "-no-color", "-parallelism=30", *files
        )

    def output(self) -> dict[str, Any]:
        """The root's outputs, by name."""
        return {name: item["value"] for name, item in json.loads(self.run("output", "-json")).items()}

    def run(self, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
        """Run Terraform to its end; returns standard output, raises TerraformError with what it said."""
        command = [str(find_terraform()), f"-chdir={self.path}", *arguments]
        merged = terraform_environment({**self.environment, **(environment or {})})
        result = subprocess.run(command, capture_output=True, text=True, check=False, env=merged)
        if result.returncode:
            raise TerraformError(f"terraform {arguments[0]} of {self.root} failed:\n{result.stdout}{result.stderr}")
        return result.stdout

    def stream(self, progress: Progress, title: str, *arguments: str) -> int:
        """Run a command that speaks `-json`, saying what it waits for; returns how many resources it completed.

        The messages: https://developer.hashicorp.com/terraform/internals/machine-readable-ui
        """
        command = [str(find_terraform()), f"-chdir={self.path}", *arguments]
        completed, running, problems = 0, {}, []
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=terraform_environment(self.environment),
        )
        assert process.stdout is not None  # noqa: S101 - tells the type checker
        with process, progress.step(title) as step:
            for line in process.stdout:
                if not line.startswith("{"):
                    problems.append(line.rstrip())
                    continue
                message = json.loads(line)
                resource = message.get("hook", {}).get("resource", {})
                match message["type"]:
                    case "apply_start" if message["hook"]["action"] != "read":
                        running[resource["addr"]] = (resource["resource_type"], time.monotonic())
                    case "apply_complete" | "apply_errored" if resource["addr"] in running:
                        running.pop(resource["addr"])
                        completed += message["type"] == "apply_complete"
                    case "diagnostic" if message["diagnostic"]["severity"] == "error":
                        problems.append(describe(message["diagnostic"]))
                step.say(_waiting_for(completed, running))
        if process.returncode:
            raise TerraformError(f"terraform {arguments[0]} of {self.root} failed:\n" + "\n".join(problems))
        return completed


def changing(plan: Mapping[str, Any]) -> list[str]:
    """What a plan would do, as `update <address>` for each resource and each output."""
    resources = {change["address"]: change["change"]["actions"] for change in plan.get("resource_changes", [])}
    outputs = {f"output.{name}": change["actions"] for name, change in plan.get("output_changes", {}).items()}
    found = {**resources, **outputs}.items()
    return [f"{' and '.join(actions)} {address}" for address, actions in found if actions not in UNCHANGED]


def describe(diagnostic: dict[str, Any]) -> str:
    """One of Terraform's diagnostics as a person reads it: summary, detail, resource, and file with line."""
    place = diagnostic.get("range", {})
    where = [diagnostic.get("address", ""), f"{place['filename']}:{place['start']['line']}" if place else ""]
    lines = [f"Error: {diagnostic['summary']}", diagnostic.get("detail", ""), ", ".join(filter(None, where))]
    return "\n".join(line for line in lines if line)


def _waiting_for(completed: int, running: Mapping[str, tuple[str, float]]) -> str:
    if not running:
        return f"{completed} done" if completed else ""
    address, (kind, since) = min(running.items(), key=lambda item: item[1][1])
    reason = f" ({FIXED_WAITS[kind]})" if kind in FIXED_WAITS and time.monotonic() - since > 3 else ""
    return f"{completed} done, waiting for {address}{reason}"


def _absolute(item: str) -> str:
    """A file by its whole path, since Terraform runs elsewhere; a `key=value` as it is."""
    return str(Path(item).resolve()) if Path(item).is_file() else item


def fmt_check(paths: list[Path]) -> list[str]:
    """The Terraform files below `paths` that `terraform fmt` would change."""
    command = [str(find_terraform()), "fmt", "-check", "-recursive", "-list=true", *map(str, paths)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=terraform_environment({}))
    return result.stdout.split()
