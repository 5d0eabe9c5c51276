"""A root on the local cloud: what is written beside its copy, and nothing else."""

import json
from pathlib import Path

from local_run import module_arguments
from terraform import Workspace


def test_the_module_gets_the_zip_that_runs_here_whatever_the_variables_say(tmp_path: Path) -> None:
    """A variable given by -var-file would outrank any *.auto.tfvars."""
    workspace = Workspace("kinesis_autoscaler", tmp_path, {})
    workspace.path.mkdir(parents=True)
    artifacts = {"kinesis_autoscaler": {"path": "build/lambda/kinesis_autoscaler-x86_64.zip"}}
    workspace.redirect_to_local_cloud(module_arguments("kinesis_autoscaler", "x86_64", artifacts))
    (written,) = workspace.path.iterdir()
    override = json.loads(written.read_text())
    assert override["module"] == {
        "kinesis_autoscaler": {
            "function": '${merge(var.function, {"architecture": "x86_64", "artifact": '
            '{"path": "build/lambda/kinesis_autoscaler-x86_64.zip"}})}'
        }
    }
    assert override["terraform"]["backend"] == {"local": {"path": "terraform.tfstate"}}


def test_a_module_with_a_zip_for_each_source_gets_them_by_source() -> None:
    artifacts = {"athena_connectors_oracle": {"path": "o.zip"}, "athena_connectors_snowflake": {"bucket": "b"}}
    assert module_arguments("athena_connectors", "arm64", artifacts) == {
        "function": 'merge(var.function, {"architecture": "arm64"})',
        "artifacts": '{"oracle": {"path": "o.zip"}, "snowflake": {"bucket": "b"}}',
    }


def test_a_new_cloud_begins_without_the_state_of_one_that_is_gone(tmp_path: Path) -> None:
    workspace = Workspace("kinesis_autoscaler", tmp_path, {})
    workspace.path.mkdir(parents=True)
    for name in ("terraform.tfstate", "terraform.tfstate.backup", "main.tf"):
        (workspace.path / name).touch()
    workspace.forget_state()
    assert [path.name for path in workspace.path.iterdir()] == ["main.tf"]
