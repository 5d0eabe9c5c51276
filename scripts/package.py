"""Build the Lambda zips and their manifest; the same commit gives the same bytes. Needs neither Docker nor an account.

Leaves <out>/<artifact>-<architecture>.zip and <out>/manifest.json, which lists each zip with its hashes, sizes, wheels.
"""

import argparse
import hashlib
import itertools
import json
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from payload import MEBIBYTE, PLATFORMS, Artifact, PackageError, Payload, build, discover, replacing
from progress import Progress
from toolchain import BUILD, FUNCTION_PYTHON, ROOT, locked


def main(argv: list[str]) -> int:
    """Build what the arguments pick, by default everything; 0, or 1 with a sentence per payload that could not be."""
    payloads = discover(ROOT)
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--arch", action="append", choices=list(PLATFORMS), help="repeatable; default: both")
    parser.add_argument("--artifact", action="append", choices=list(payloads), help="repeatable; default: all")
    parser.add_argument("--out", type=Path, help="default: build/lambda")
    parser.add_argument("--python", default=FUNCTION_PYTHON, help=f"default: {FUNCTION_PYTHON}, as deployed")
    parser.add_argument("--quiet", action="store_true", help="say nothing but what went wrong")
    arguments = parser.parse_args(argv)
    if arguments.python != FUNCTION_PYTHON and not arguments.out:
        parser.error(f"--python {arguments.python} needs --out: build/lambda holds only what Lambda runs")
    if not payloads:
        parser.error("no payload: no directory of lambda_src/ has a handler.py")
    picked = [payloads[name] for name in arguments.artifact or payloads]
    progress = Progress(Console(), quiet=arguments.quiet)
    built = build_all(
        picked, arguments.arch or PLATFORMS, arguments.python, arguments.out or BUILD / "lambda", progress
    )
    return 0 if built else 1


def build_all(
    payloads: Iterable[Payload], architectures: Iterable[str], python: str, out: Path, progress: Progress
) -> bool:
    """Build each payload for each architecture into `out`; False when one failed, whose sentence is on stderr."""
    built, failed = [], False
    for payload, architecture in itertools.product(payloads, architectures):
        started = time.monotonic()
        try:
            artifact = build(payload, architecture, python, out)
        except PackageError as error:
            print(error, file=sys.stderr)
            failed = True
        else:
            built.append(artifact)
            _report(progress, artifact, time.monotonic() - started)
    write_manifest(out, built)
    return not failed


def _report(progress: Progress, artifact: Artifact, seconds: float) -> None:
    sizes = f"{artifact.zip_bytes / MEBIBYTE:.1f} MB ({artifact.unzipped_bytes / MEBIBYTE:.1f} MB unzipped)"
    progress.line(f"{artifact.file}  {sizes}  [dim]{seconds:.1f} s[/dim]")
    if artifact.needs_s3:
        progress.line("  past the 50 MB of a direct upload: deploy it through S3")


def write_manifest(out: Path, built: list[Artifact]) -> None:
    """Enter `built` into `manifest.json`: `{"artifacts": {"<artifact>-<architecture>": {…Artifact…}}}`.

    Zips that an earlier run left stay listed, as long as they are the bytes that were listed.
    """
    with locked(out):  # runs for different architectures may end at the same time, and each enters only its own zips
        path = out / "manifest.json"
        before: dict[str, Any] = json.loads(path.read_text())["artifacts"] if path.exists() else {}
        entries = {stem: entry for stem, entry in before.items() if _is_there(out / entry["file"], entry["sha256"])}
        entries |= {Path(artifact.file).stem: asdict(artifact) for artifact in built}
        with replacing(path) as part:
            part.write_text(json.dumps({"artifacts": entries}, indent=2, sort_keys=True) + "\n")


def _is_there(file: Path, sha256: str) -> bool:
    return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == sha256


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
