"""Where this checkout keeps things, and which tools of the machine it uses."""

import fcntl
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
UV = ROOT / ".boot" / "bin" / "uv"
POLICY_PYTHON = ROOT / ".venv-policy" / "bin" / "python"
FUNCTION_PYTHON = "3.13"
ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


def machine_architecture() -> str:
    """Lambda's name for this machine's architecture: `x86_64` or `arm64`."""
    return ARCHITECTURES[platform.machine().lower()]


def solutions() -> list[str]:
    """The roots that can be applied, in alphabetical order."""
    return sorted(path.parent.name for path in (ROOT / "terraform").glob("*/main.tf"))


def interpreter(version: str) -> Path | None:
    """A CPython of `version` (`3.13`) on this machine, or None.

    A name on PATH may be a version manager's shim that starts nothing, so each candidate is run before it is believed.
    """
    for candidate in _candidates(version):
        if _version_of(candidate) == version:
            return candidate
    return None


def _candidates(version: str) -> list[Path]:
    name = f"python{version}"
    on_path = [Path(sys.executable)] + [Path(found) for found in [shutil.which(name)] if found]
    homes = [Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"]
    homes += [Path.home() / ".local/share/uv/python", Path.home() / ".asdf/installs/python"]
    managed = [path for home in homes for path in sorted(home.glob(f"*{version}*/bin/{name}"))]
    return on_path + managed


def _version_of(candidate: Path) -> str | None:
    code = "import sys, ssl; print('%d.%d' % sys.version_info[:2])"
    try:
        result = subprocess.run([str(candidate), "-c", code], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout.strip() if result.returncode == 0 else None


def runtime_directory(python: Path, version: str) -> Path:
    """Install what Lambda provides beside a payload (its client, boto3) for `python`; return the directory.

    It plays the part of Lambda's /var/runtime for the process that runs the zip, and is filled once per lock, whichever
    of the processes that need it comes first.
    """
    lock = ROOT / "requirements" / "runtime.txt"
    directory = BUILD / "runtime" / f"python{version}"
    stamp = directory / "groundcrew-lock.txt"
    with locked(directory.parent):
        if stamp.is_file() and stamp.read_bytes() == lock.read_bytes():
            return directory
        shutil.rmtree(directory, ignore_errors=True)
        install = ["pip", "install", "--quiet", "--require-hashes", "--no-deps", "--only-binary", ":all:"]
        target = ["--compile-bytecode", "--python", str(python), "--target", str(directory), "-r", str(lock)]
        environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
        command = [str(UV), *install, *target]
        result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        if result.returncode:
            raise RuntimeError(f"Installing the Lambda runtime client failed:\n{result.stderr}")
        stamp.write_bytes(lock.read_bytes())
    return directory


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Wait until no other process, nor thread of this one, is in such a block over `directory`, which is created."""
    directory.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
