"""Run checkov once and say what it did. Runs in the policy environment; gate.py and the tests of the rules start it.

checkov's own command line is not used: it takes twice as long to start, and keeps to itself what it failed to load.
"""

import argparse
import inspect
import json
import logging
import os
import sys
import tempfile
from itertools import chain
from pathlib import Path
from typing import Any

import yaml
from checkov.common.checks_infra.registry import get_graph_checks_registry
from checkov.runner_filter import RunnerFilter
from checkov.terraform.checks.data.registry import data_registry
from checkov.terraform.checks.module.registry import module_registry
from checkov.terraform.checks.provider.registry import provider_registry
from checkov.terraform.checks.resource.registry import resource_registry
from checkov.terraform.plan_runner import Runner as PlanRunner
from checkov.terraform.runner import Runner as SourceRunner
from checkov.version import version as checkov_version

from each_plan import each_plan
from gate_plan import given
from plan_sources import INDEX

SETTINGS = ".checkov.yaml"
# Those that the gate follows, and those that matter to checkov's command line only.
FOLLOWED = {"framework", "skip-check"}
OF_COMMAND_LINE = {"directory", "external-checks-dir", "skip-path", "download-external-modules", "skip-download"} | {
    "compact",
    "quiet",
}


class Complaints(logging.Handler):
    """Keeps what checkov logs as an error and goes on from: rules it could not import, rules that raised."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        cause = f": {record.exc_info[1]!r}" if record.exc_info else ""
        own = (
            " (checkov's own: skip-check in .checkov.yaml leaves it out)" if "check CKV" in record.getMessage() else ""
        )
        self.messages.append(f"checkov: {record.getMessage()}{cause}{own}")


def main(argv: list[str]) -> int:
    """Write to --out what `scan` returns."""
    parser = argparse.ArgumentParser(description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--plan", type=Path, nargs="+", help="plans as `terraform show -json` prints them")
    source.add_argument("--directory", type=Path, help="Terraform files instead of a plan")
    parser.add_argument("--policies", type=Path, required=True, help="holds checkov/; .checkov.yaml is beside it")
    parser.add_argument("--out", type=Path, nargs="+", required=True, help="one for each plan")
    arguments = parser.parse_args(argv)
    if arguments.directory:
        arguments.out[0].write_text(json.dumps(scan(None, arguments.directory, arguments.policies)))
        return 0
    each_plan(
        zip(arguments.plan, arguments.out, strict=True),
        lambda plan, out: out.write_text(json.dumps(scan(plan, None, arguments.policies))),
    )
    return 0


def scan(plan: Path | None, directory: Path | None, policies: Path) -> dict[str, Any]:
    """Judge a plan or a directory.

    Returns checkov's `version`, `loaded` (file name of each rule of ours that would run, with its id), `results` (rule,
    title, result, address, file, guideline; of every rule that met a resource), `addresses` (of resources), `errors`.
    """
    # Else what only apply will know would count as absent.
    os.environ["EVAL_TF_PLAN_AFTER_UNKNOWN"] = "true"
    complaints = Complaints()
    logging.getLogger().addHandler(complaints)
    settings = yaml.safe_load((policies.parent / SETTINGS).read_text())
    skipped = settings.get("skip-check", [])
    runner_filter = RunnerFilter(
        framework=settings["framework"],
        skip_checks=skipped,
        include_all_checkov_policies=True,
        download_external_modules=False,
        show_progress_bar=False,
    )
    runner = PlanRunner() if plan else SourceRunner()
    with tempfile.TemporaryDirectory(prefix="gate-") as scratch:
        copy = Path(scratch) / "plan.json"
        if plan:
            copy.write_text(json.dumps(without_computed(json.loads(plan.read_text()))))
        report = runner.run(
            root_folder=str(directory) if directory else None,
            files=[str(copy)] if plan else None,
            external_checks_dir=[str(policies / "checkov")],
            runner_filter=runner_filter,
        )
    checks = registered()
    unheard = settings.keys() - FOLLOWED - OF_COMMAND_LINE
    errors = [f"{SETTINGS}: the gate does not follow the setting {name!r}" for name in unheard]
    errors += [
        f"{SETTINGS} skips {name}, which names no rule of checkov"
        for name in skipped
        if not any(check.id == name for check, _ in checks)
    ]
    errors += [f"checkov could not parse {name}" for name in report.parsing_errors]
    ours = (policies / "checkov").resolve()
    return {
        "version": checkov_version,
        "loaded": {
            path.name: check.id
            for check, path in checks
            if ours in path.parents and runner_filter.should_run_check(check, report_type=runner.check_type)
        },
        "results": [
            {
                "rule": record.check_id,
                "title": record.check_name,
                "result": record.check_result["result"].value,
                "address": record.resource,
                "file": record.file_abs_path,
                "guideline": record.guideline,
            }
            for record in report.get_all_records()
        ],
        "addresses": sorted(name.split(":", 1)[1] for name in report.resources),
        "errors": sorted(errors) + complaints.messages,
    }


def without_computed(plan: dict[str, Any]) -> dict[str, Any]:
    """`plan`, in which no argument is unknown but those that the configuration gives: the provider chooses the rest."""
    named = given(plan["configuration"]["root_module"])
    for resource in plan.get("resource_changes", []):
        unknown = resource["change"].get("after_unknown") or {}
        arguments = named.get(INDEX.sub("", resource["address"]), set())
        kept = {name: state for name, state in unknown.items() if state is not True or name in arguments}
        resource["change"]["after_unknown"] = kept
    return plan


def registered() -> list[tuple[Any, Path]]:
    """Every rule that checkov holds for Terraform, with the file it came from."""
    registries = (resource_registry, data_registry, module_registry, provider_registry)
    blocks = chain.from_iterable(registry.all_checks() for registry in registries)
    in_python = [(check, Path(inspect.getfile(type(check))).resolve()) for _, check in blocks]
    graph = get_graph_checks_registry("terraform").checks
    return in_python + [(check, Path(check.check_path).resolve()) for check in graph]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
