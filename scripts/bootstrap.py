"""Fill the project's environments from the hashed requirement files; needs nothing but a Python with venv.

`.boot` holds uv, `.venv` the runtime and the tests, `.venv-policy` checkov and terraform-compliance, which pin old
libraries, `.venv-fakesnow` the stand-in for Snowflake. Each is filled once and again only when its requirement file
changes. Standard library only: this file runs before anything is installed.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
MINIMUM_PYTHON = (3, 11)
ENVIRONMENTS = {"dev": ROOT / ".venv", "policy": ROOT / ".venv-policy", "fakesnow": ROOT / ".venv-fakesnow"}


def main(argv: list[str]) -> int:
    """Create the environments that are missing or stale; return 0, or 1 with a sentence on standard error."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", choices=list(ENVIRONMENTS), help="repeatable; default: all of them")
    names = parser.parse_args(argv).only or list(ENVIRONMENTS)
    if sys.version_info < MINIMUM_PYTHON:
        found = ".".join(map(str, sys.version_info[:3]))
        return fail(f"Groundcrew needs Python 3.11 or newer; {sys.executable} is {found}. Set PYTHON=/path/to/python3.")
    try:
        uv = ensure_uv()
        for name in names:
            ensure_environment(uv, ENVIRONMENTS[name], REQUIREMENTS / f"{name}.txt")
    except subprocess.CalledProcessError as error:
        sys.stderr.write(error.stderr or "")
        return fail(f"Setting up stopped: `{Path(error.cmd[0]).name} {error.cmd[1]} …` failed as shown above.")
    return 0


def ensure_uv() -> Path:
    """Install the pinned uv into `.boot` by pip, which honours the machine's own pip configuration."""
    boot = ROOT / ".boot"
    requirement = REQUIREMENTS / "boot.txt"
    uv = boot / "bin" / "uv"
    if not is_fresh(boot, requirement):
        with announced("uv into .boot"):
            create_environment(boot, with_pip=True)
            pip = [str(boot / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
            run([*pip, "install", "--quiet", "--require-hashes", "--requirement", str(requirement)])
        mark_fresh(boot, requirement)
    return uv


def ensure_environment(uv: Path, directory: Path, requirement: Path) -> None:
    """Make `directory` hold exactly the wheels of `requirement`, every one checked against its hash."""
    if is_fresh(directory, requirement):
        return
    with announced(f"{requirement.relative_to(ROOT)} into {directory.name}"):
        create_environment(directory, with_pip=False)
        python = str(directory / "bin" / "python")
        # Byte code is written once here: the policy tools otherwise compile for 35 s on their first start.
        sync = ["pip", "sync", "--quiet", "--compile-bytecode", "--require-hashes", "--python", python]
        run([str(uv), *sync, str(requirement)], env={**os.environ, **uv_settings()})
    mark_fresh(directory, requirement)


def create_environment(directory: Path, *, with_pip: bool) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    command = [sys.executable, "-m", "venv", *([] if with_pip else ["--without-pip"]), str(directory)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        sys.stderr.write(result.stdout + result.stderr)
        raise SystemExit(fail("Python's venv module does not work here; on Debian and Ubuntu install python3-venv."))


def uv_settings() -> dict[str, str]:
    """Tell uv, which reads no pip configuration, of the index and the certificates that pip uses here."""
    settings = {"UV_PYTHON_DOWNLOADS": "never"}
    config = run([str(ROOT / ".boot" / "bin" / "python"), "-m", "pip", "config", "list"])
    pip = {}
    for line in config.splitlines():
        name, _, value = line.partition("=")
        pip[name.rpartition(".")[2].strip()] = value.strip().strip("'\"")
    if "index-url" in pip and not {"UV_DEFAULT_INDEX", "UV_INDEX_URL"} & os.environ.keys():
        settings["UV_DEFAULT_INDEX"] = pip["index-url"]
    if "cert" in pip and "SSL_CERT_FILE" not in os.environ:
        settings["SSL_CERT_FILE"] = pip["cert"]
    return settings


def fingerprint(requirement: Path) -> str:
    return hashlib.sha256(requirement.read_bytes() + sys.version.encode()).hexdigest()


def is_fresh(directory: Path, requirement: Path) -> bool:
    stamp = directory / "groundcrew-stamp"
    return stamp.is_file() and stamp.read_text() == fingerprint(requirement)


def mark_fresh(directory: Path, requirement: Path) -> None:
    (directory / "groundcrew-stamp").write_text(fingerprint(requirement))


class announced:  # noqa: N801 - reads as a statement
    """Say what is being waited for and, when done, how long it took."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __enter__(self) -> None:
        self.started = time.monotonic()
        print(f"setting up: {self.what} …", end="", flush=True, file=sys.stderr)

    def __exit__(self, *_: object) -> None:
        print(f" {time.monotonic() - self.started:.1f} s", file=sys.stderr)


def run(command: list[str], env: dict[str, str] | None = None) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout


def fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
