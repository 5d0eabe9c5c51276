"""What was judged, by what, with which outcome: a record by which a later step can tell that nothing has changed since.

`build/gate/<root>.evidence.json`; policies/README.md says what each of its fields means.
"""

import base64
import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from gate_report import Report

FROM_A_ZIP = {"aws_lambda_function", "aws_lambda_layer_version"}

SHAPE = """\
| field | what it holds |
|---|---|
| `root`, `verdict`, `exit_code` | what was judged; `pass` or `fail`; 0 passes, 1 fails, 2 is no verdict |
| `judged_at` | when, in UTC |
| `counts` | `rules`, `ran`, `judged`, `failed`, `builtin_failed`, `accepted`, `refused`, `errors` |
| `plan` | `file` and `sha256` of the JSON that was judged, and of the saved plan beside it, which `apply` takes |
| `zips` | for each function and layer: `address`, `filename` or `s3` (bucket, key, version), `planned` and `on_disk` |
| `policies` | sha256 of every file of rules, of `.checkov.yaml` and of `exceptions.yaml` |
| `tools` | versions of `checkov`, `terraform-compliance`, and of the `terraform` that planned |

`planned` is the `source_code_hash` of the plan, `on_disk` that of the file now: `missing` where there should be one,
null where nobody looked (S3 objects; plans without `--source`).
"""


def zips(plan: dict[str, Any], directory: Path | None) -> list[dict[str, Any]]:
    """Every zip that `plan` deploys. Without the `directory` where it was planned nobody looks at files."""
    return [_zip(item, directory) for item in _resources(plan["planned_values"]["root_module"])]


def changed(found: list[dict[str, Any]]) -> list[str]:
    """A complaint for each zip that is no longer the planned one; LAMBDA_005 judges where no hash is planned."""
    return [
        f"{item['address']} is not planned with {item['filename']} as it is now: run `make package`, then plan again"
        for item in found
        if item["on_disk"] is not None and item["planned"] is not None and item["on_disk"] != item["planned"]
    ]


def record(report: Report, plan: Path, policies: Path, now: datetime) -> dict[str, Any]:
    """The evidence; sha256 in hexadecimal, but `planned` and `on_disk` in base64 as Lambda writes them."""
    counts = ("rules", "ran", "judged", "failed", "builtin_failed")
    saved = plan.with_suffix(".tfplan")
    return {
        "root": report.root,
        "verdict": "fail" if report.exit_code else "pass",
        "exit_code": report.exit_code,
        "judged_at": now.isoformat(timespec="seconds"),
        "counts": {
            **{name: getattr(report, name) for name in counts},
            "accepted": len(report.findings) - len(report.open),
            "refused": len(report.refused),
            "errors": len(report.errors),
        },
        "plan": [{"file": path.name, "sha256": _sha256(path).hex()} for path in (plan, saved) if path.is_file()],
        "zips": report.zips,
        "policies": {name: _sha256(path).hex() for name, path in _policy_files(policies)},
        "tools": report.tools,
    }


def _resources(module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in module.get("resources", []):
        values = item.get("values", {})
        if item["type"] in FROM_A_ZIP and (values.get("filename") or values.get("s3_key")):
            yield item
    for child in module.get("child_modules", []):
        yield from _resources(child)


def _zip(item: dict[str, Any], directory: Path | None) -> dict[str, Any]:
    values = item["values"]
    filename = values.get("filename")
    here = None
    if filename and directory:
        path = directory / filename
        here = base64.b64encode(_sha256(path)).decode() if path.is_file() else "missing"
    names = {"bucket": "s3_bucket", "key": "s3_key", "version": "s3_object_version"}
    s3 = {name: values.get(argument) for name, argument in names.items()}
    place = {"filename": filename} if filename else {"s3": s3}
    return {"address": item["address"], **place, "planned": values.get("source_code_hash"), "on_disk": here}


def _policy_files(policies: Path) -> Iterator[tuple[str, Path]]:
    settings = [policies.parent / ".checkov.yaml", policies / "exceptions.yaml"]
    rules = [*policies.glob("checkov/*.py"), *policies.glob("checkov/*.yaml"), *policies.glob("compliance/*.feature")]
    for path in [*settings, *sorted(rules)]:
        if path.is_file():
            yield str(path.relative_to(policies)) if path in rules else path.name, path


def _sha256(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()
