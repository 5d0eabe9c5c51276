"""One Lambda payload and how its zip is made: own package, `common/`, locked wheels; the same input, the same bytes."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import elf
from toolchain import UV
from trimming import Trim, TrimmingError, read_trims, trim
from wheels import Wheel, installed, owners

PLATFORMS = {"x86_64": "x86_64", "arm64": "aarch64"}
PROVIDED = frozenset({"boto3", "botocore"})  # the runtime brings them, patched by AWS
EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest date a zip can hold
MODE = 0o100644
MEBIBYTE = 2**20


class PackageError(Exception):
    """A payload that must not be shipped; the message says why, with the figure, and what to do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What Lambda takes: documented as "250 MB" and "50 MB" (both count 2**20 bytes), and AL2023's glibc."""

    unzipped_bytes: int = 250 * MEBIBYTE
    direct_upload_bytes: int = 50 * MEBIBYTE
    glibc: tuple[int, int] = (2, 34)


@dataclass(frozen=True, slots=True)
class Payload:
    """What goes into one zip: the packages of ours, without the directories `left_out`, and its wheels.

    `lock` names the wheels, `trims` what is left out of them. `package` is the one of ours that holds the handler.
    """

    name: str
    packages: tuple[Path, ...]
    lock: Path
    trims: tuple[Trim, ...] = ()
    left_out: tuple[Path, ...] = ()

    @property
    def package(self) -> str:
        """The package that holds the handler, which has the solution's name."""
        return self.packages[0].name


@dataclass(frozen=True, slots=True)
class Contents:
    """Names inside a zip with the files behind them, the wheels these come from, and the bytes Lambda will unzip."""

    files: dict[str, Path]
    wheels: tuple[Wheel, ...]
    unzipped_bytes: int


@dataclass(frozen=True, slots=True)
class Artifact:
    """A built zip as the manifest lists it.

    `sha256_base64` is what Lambda and Terraform call the code's hash. Zip bytes also depend on the zlib that deflated
    them (`built_with`); `content_sha256` covers names and contents alone, so builds of unlike machines can be compared.
    """

    artifact: str
    architecture: str
    python: str
    file: str
    sha256: str
    sha256_base64: str
    content_sha256: str
    zip_bytes: int
    unzipped_bytes: int
    files: int
    needs_s3: bool
    wheels: tuple[Wheel, ...]
    built_with: dict[str, str]


def discover(root: Path) -> dict[str, Payload]:
    """The payloads of the checkout at `root` by name: each directory of `lambda_src/` that has a `handler.py`.

    One with packages in `sources/` gives a payload for each of these, `<directory>_<source>`, which has a lock of its
    own and holds no other source. Raises TrimmingError when what is said of trimming cannot be read.
    """
    trims = read_trims(root / "requirements" / "trimming.toml")
    packages = sorted(path.parent for path in (root / "lambda_src").glob("*/handler.py"))
    return {payload.name: payload for package in packages for payload in _payloads(package, trims, root)}


def _payloads(package: Path, trims: tuple[Trim, ...], root: Path) -> Iterator[Payload]:
    packages = (package, package.parent / "common")
    sources = sorted(path.parent for path in (package / "sources").glob("*/__init__.py"))
    if not sources:
        yield Payload(package.name, packages, root / "requirements" / f"{package.name}.txt", trims)
    for source in sources:
        name = f"{package.name}_{source.name}"
        others = tuple(other for other in sources if other != source)
        yield Payload(name, packages, root / "requirements" / f"{name}.txt", trims, others)


def build(payload: Payload, architecture: str, python: str, out: Path, limits: Limits | None = None) -> Artifact:
    """Make `<name>-<architecture>.zip` in `out` for CPython `python` (`3.13`); it appears there whole or not at all.

    Raises PackageError when the wheels cannot be installed as locked, or when Lambda would not take or load the result.
    """
    limits = limits or Limits()
    with collected(payload, architecture, python, limits) as contents:
        target = out / f"{payload.name}-{architecture}.zip"
        with replacing(target) as part:
            content = _write_zip(contents.files, part)
            digest = hashlib.sha256(part.read_bytes())
            size = part.stat().st_size
    return Artifact(
        artifact=payload.name,
        architecture=architecture,
        python=python,
        file=target.name,
        sha256=digest.hexdigest(),
        sha256_base64=base64.b64encode(digest.digest()).decode(),
        content_sha256=content,
        zip_bytes=size,
        unzipped_bytes=contents.unzipped_bytes,
        files=len(contents.files),
        needs_s3=size > limits.direct_upload_bytes,
        wheels=contents.wheels,
        built_with={"python": sys.version.split()[0], "zlib": zlib.ZLIB_RUNTIME_VERSION},
    )


@contextmanager
def collected(payload: Payload, architecture: str, python: str, limits: Limits | None = None) -> Iterator[Contents]:
    """What goes into the zip, known to fit Lambda; the files behind it are gone when the block ends.

    Raises PackageError as `build` does.
    """
    limits = limits or Limits()
    with tempfile.TemporaryDirectory(prefix="groundcrew-") as directory:
        site = Path(directory)
        _install(payload, architecture, python, limits.glibc, site)
        owner = owners(site)
        try:
            trim(site, payload.trims, architecture, python)
        except TrimmingError as error:
            raise PackageError(f"{payload.name} for {architecture}: {error}") from None
        wheels = installed(site)
        files = _collect(payload, site)
        faults = _wheel_faults(wheels, architecture, limits.glibc)
        faults += _library_faults(files, owner, architecture, limits.glibc)
        _check_fit(payload, architecture, faults)
        yield Contents(files, wheels, _check_size(payload, architecture, files, limits.unzipped_bytes))


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A path to write to that becomes `target` when the block ends well, and is removed when it does not."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _install(payload: Payload, architecture: str, python: str, glibc: tuple[int, int], site: Path) -> None:
    if not payload.lock.is_file():
        raise PackageError(f"{payload.name} has no lock at requirements/{payload.lock.name}: run `make lock`.")
    platform = f"{PLATFORMS[architecture]}-manylinux_{glibc[0]}_{glibc[1]}"
    command = [str(UV), "pip", "install", "--python", sys.executable, "--python-version", python]
    command += ["--python-platform", platform, "--only-binary", ":all:", "--require-hashes", "--no-deps"]
    command += ["--no-installer-metadata", "--no-compile-bytecode", "--link-mode", "hardlink"]
    command += ["--target", str(site), "--requirement", str(payload.lock)]
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if result.returncode:
        reason = f"the wheels of requirements/{payload.lock.name} cannot be had for {platform}, Python {python}"
        raise PackageError(f"{payload.name} for {architecture}: {reason}. uv says:\n{result.stderr.strip()}")
    # Command-line scripts name the building machine's interpreter, and nothing on Lambda can start them.
    shutil.rmtree(site / "bin", ignore_errors=True)


def _collect(payload: Payload, site: Path) -> dict[str, Path]:
    """Names inside the zip and the files behind them."""
    files = {path.relative_to(site).as_posix(): path for path in site.rglob("*") if path.is_file()}
    del files[".lock"]  # uv's own
    for package in payload.packages:
        if (site / package.name).exists():
            raise PackageError(f"{payload.name}: a wheel of its lock brings a package {package.name}/, as we do.")
        if not (package / "__init__.py").is_file():
            raise PackageError(f"{payload.name}: {package.parent.name}/{package.name}/ is no package (no __init__.py).")
        ours = {path.relative_to(package.parent): path for path in _own_files(package, payload.left_out)}
        # What editors and file managers leave is hidden, and no part of a commit.
        files |= {name.as_posix(): path for name, path in ours.items() if not _is_hidden(name)}
    return {name: path for name, path in files.items() if not _is_by_product(name)}


def _own_files(package: Path, left_out: tuple[Path, ...]) -> Iterator[Path]:
    for path in package.rglob("*"):
        if path.is_file() and not any(path.is_relative_to(other) for other in left_out):
            yield path


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _is_by_product(name: str) -> bool:
    """Caches differ from build to build; RECORD lists files of the wheel that are left out here."""
    return "__pycache__" in name.split("/") or name.endswith(".dist-info/RECORD")


def _wheel_faults(wheels: tuple[Wheel, ...], architecture: str, glibc: tuple[int, int]) -> list[str]:
    remedy = "take it out of the dependency group in pyproject.toml and run `make lock`"
    faults = [f"{wheel} comes from the Lambda runtime: {remedy}" for wheel in wheels if wheel.name in PROVIDED]
    for wheel in wheels:
        if not wheel.fits(PLATFORMS[architecture], glibc):
            offered = f"{PLATFORMS[architecture]} with glibc {glibc[0]}.{glibc[1]} or older"
            faults.append(f"{wheel} is a wheel for {', '.join(wheel.platforms)}, not for {offered}")
    return faults


def _library_faults(
    files: dict[str, Path], owner: dict[str, str], architecture: str, glibc: tuple[int, int]
) -> list[str]:
    found = {name: elf.faults(path, architecture, glibc) for name, path in sorted(files.items())}
    return [f"{name} of {owner.get(name, 'ours')} {fault}" for name, faults in found.items() for fault in faults]


def _check_fit(payload: Payload, architecture: str, faults: list[str]) -> None:
    if faults:
        listed = "\n".join(f"  {fault}" for fault in faults)
        raise PackageError(f"{payload.name} for {architecture} cannot run on Lambda:\n{listed}")


def _check_size(payload: Payload, architecture: str, files: dict[str, Path], limit: int) -> int:
    """The bytes that Lambda will unzip."""
    sizes = {name: path.stat().st_size for name, path in files.items()}
    total = sum(sizes.values())
    if total > limit:
        parts: Counter[str] = Counter()
        for name, size in sizes.items():
            parts[name.split("/")[0]] += size
        largest = ", ".join(f"{name} {size / MEBIBYTE:.1f} MB" for name, size in parts.most_common(3))
        raise PackageError(
            f"payload {payload.name} for {architecture} is {total / MEBIBYTE:.1f} MB unzipped ({total:,} bytes); "
            f"Lambda's limit is {limit / MEBIBYTE:.0f} MB ({limit:,} bytes). Largest: {largest}."
        )
    return total


def _write_zip(files: dict[str, Path], target: Path) -> str:
    """Write the entries in the order of their names; return the SHA-256 over names, sizes and contents."""
    digest = hashlib.sha256()
    with zipfile.ZipFile(target, "w") as archive:
        for name, path in sorted(files.items()):
            content = path.read_bytes()
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3  # Unix, whatever builds it: the mode below counts
            entry.external_attr = MODE << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=6)
    return digest.hexdigest()
