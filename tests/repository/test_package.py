"""The zips: what is in them, what is refused and with which figure, and that the same input gives the same bytes."""

import base64
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import package
from payload import Artifact, Limits, PackageError, build, discover
from toolchain import ROOT

X86_64 = 62  # e_machine
Library = Callable[..., bytes]
SMALL = {name: payload for name, payload in discover(ROOT).items() if payload.name == payload.package}
"""Payloads that are one zip. Those with one for each source go through the same code, and take seconds each."""


def make(checkout: Path, architecture: str = "x86_64", limits: Limits | None = None) -> Artifact:
    return build(discover(checkout)["greeter"], architecture, "3.13", checkout / "out", limits)


def refusal(checkout: Path, architecture: str = "x86_64", limits: Limits | None = None) -> str:
    with pytest.raises(PackageError) as caught:
        make(checkout, architecture, limits)
    assert not list((checkout / "out").glob("*")), "a failed build leaves nothing"
    return str(caught.value)


def test_payload_is_a_directory_with_a_handler(checkout: Path) -> None:
    assert list(discover(checkout)) == ["greeter"]


def test_zip_holds_own_package_common_and_wheels_and_nothing_of_the_machine(checkout: Path, wheelhouse: Any) -> None:
    wheelhouse.add("polite", {"polite/__init__.py": b"", "polite/.libs/words.txt": b"please"})
    make(checkout)
    with zipfile.ZipFile(checkout / "out" / "greeter-x86_64.zip") as archive:
        names = archive.namelist()
        entries = archive.infolist()
    assert names == sorted(names)
    assert names == [
        "common/__init__.py",
        "common/settings.py",
        "greeter/__init__.py",
        "greeter/handler.py",
        "polite-1.0.dist-info/METADATA",
        "polite-1.0.dist-info/WHEEL",
        "polite-1.0.dist-info/entry_points.txt",
        "polite/.libs/words.txt",
        "polite/__init__.py",
    ]
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.external_attr >> 16 for entry in entries} == {stat.S_IFREG | 0o644}
    assert {(entry.create_system, entry.compress_type) for entry in entries} == {(3, zipfile.ZIP_DEFLATED)}


def test_bytes_depend_on_content_alone(checkout: Path, wheelhouse: Any) -> None:
    wheelhouse.add("polite", {"polite/__init__.py": b""})
    first = make(checkout)
    handler = checkout / "lambda_src" / "greeter" / "handler.py"
    handler.chmod(0o700)
    os.utime(handler, (0, 0))
    assert make(checkout) == first
    handler.write_bytes(handler.read_bytes() + b"\n")
    changed = make(checkout)
    assert (changed.sha256, changed.content_sha256) != (first.sha256, first.content_sha256)


def test_manifest_entry_describes_the_zip(checkout: Path, wheelhouse: Any) -> None:
    wheelhouse.add("polite", {"polite/__init__.py": b"please = 1\n" * 100})
    artifact = make(checkout, "arm64")
    content = (checkout / "out" / "greeter-arm64.zip").read_bytes()
    package.write_manifest(checkout / "out", [artifact])
    entry = json.loads((checkout / "out" / "manifest.json").read_text())["artifacts"]["greeter-arm64"]
    with zipfile.ZipFile(checkout / "out" / entry["file"]) as archive:
        unzipped = sum(item.file_size for item in archive.infolist())
    assert entry["sha256"] == hashlib.sha256(content).hexdigest()
    assert base64.b64decode(entry["sha256_base64"]) == hashlib.sha256(content).digest()
    assert (entry["zip_bytes"], entry["unzipped_bytes"], entry["needs_s3"]) == (len(content), unzipped, False)
    assert (entry["artifact"], entry["architecture"], entry["python"]) == ("greeter", "arm64", "3.13")
    assert entry["wheels"] == [{"name": "polite", "version": "1.0", "tags": ["py3-none-any"]}]
    assert set(entry["built_with"]) == {"python", "zlib"}


def test_manifest_keeps_the_zips_of_earlier_runs_as_long_as_they_are_what_was_listed(
    checkout: Path, wheelhouse: Any
) -> None:
    wheelhouse.add("polite", {"polite/__init__.py": b""})
    out = checkout / "out"
    package.write_manifest(out, [make(checkout, "x86_64")])
    package.write_manifest(out, [make(checkout, "arm64")])
    assert list(json.loads((out / "manifest.json").read_text())["artifacts"]) == ["greeter-arm64", "greeter-x86_64"]
    (out / "greeter-arm64.zip").write_bytes(b"something else")
    package.write_manifest(out, [])
    assert list(json.loads((out / "manifest.json").read_text())["artifacts"]) == ["greeter-x86_64"]


def test_payload_too_large_is_refused_with_the_figure(checkout: Path, wheelhouse: Any) -> None:
    wheelhouse.add("heavy", {"heavy/data.bin": bytes(3 * 2**20)})
    message = refusal(checkout, limits=Limits(unzipped_bytes=2 * 2**20))
    assert message.startswith("payload greeter for x86_64 is 3.0 MB unzipped (3,14")
    assert "Lambda's limit is 2 MB (2,097,152 bytes). Largest: heavy 3.0 MB," in message
    assert Limits().unzipped_bytes == 262_144_000


def test_zip_too_large_for_a_direct_upload_says_so(checkout: Path, wheelhouse: Any) -> None:
    wheelhouse.add("heavy", {"heavy/data.bin": bytes(5000)})
    assert make(checkout, limits=Limits(direct_upload_bytes=1000)).needs_s3
    assert not make(checkout).needs_s3
    assert Limits().direct_upload_bytes == 52_428_800


def test_what_the_runtime_brings_is_refused(checkout: Path, wheelhouse: Any) -> None:
    wheelhouse.add("boto3", {"boto3/__init__.py": b""})
    assert "boto3 1.0 comes from the Lambda runtime: take it out" in refusal(checkout)


@pytest.mark.parametrize("tag", ["cp313-cp313-manylinux_2_39_x86_64", "cp313-cp313-macosx_11_0_arm64"])
def test_lock_without_a_wheel_for_lambda_is_refused_with_what_there_is(
    checkout: Path, wheelhouse: Any, tag: str
) -> None:
    wheelhouse.add("native", {"native/__init__.py": b""}, tag=tag)
    message = refusal(checkout)
    assert "cannot be had for x86_64-manylinux_2_34, Python 3.13" in message
    assert tag.rpartition("-")[2] in message


@pytest.mark.parametrize(
    ("claims", "architecture", "machine"),
    [
        ("cp313-cp313-manylinux_2_39_x86_64", "x86_64", "x86_64"),
        ("cp313-cp313-manylinux_2_17_x86_64", "arm64", "aarch64"),
        ("cp313-cp313-musllinux_1_2_x86_64", "x86_64", "x86_64"),
        ("cp313-cp313-win_amd64", "x86_64", "x86_64"),
    ],
)
def test_wheel_whose_metadata_names_another_platform_is_refused(
    checkout: Path, wheelhouse: Any, claims: str, architecture: str, machine: str
) -> None:
    wheelhouse.add("native", {"native/__init__.py": b""}, claims=claims)
    platform = claims.rpartition("-")[2]
    expected = f"native 1.0 is a wheel for {platform}, not for {machine} with glibc 2.34 or older"
    assert expected in refusal(checkout, architecture)


def test_library_that_needs_a_newer_glibc_than_its_wheel_claims_is_refused_with_the_figure(
    checkout: Path, wheelhouse: Any, library: Library
) -> None:
    content = library(X86_64, ["GLIBC_2.17", "GLIBC_2.38"])
    wheelhouse.add("native", {"native/core.so": content}, tag="cp313-cp313-manylinux_2_17_x86_64")
    assert "native/core.so of native 1.0 needs glibc 2.38, Lambda has 2.34" in refusal(checkout)


def test_library_for_another_machine_is_refused(checkout: Path, wheelhouse: Any, library: Library) -> None:
    wheelhouse.add("native", {"native/core.so": library(X86_64)})
    assert make(checkout, "x86_64").files
    (checkout / "out" / "greeter-x86_64.zip").unlink()
    assert "native/core.so of native 1.0 is built for X86_64, not for arm64" in refusal(checkout, "arm64")


def test_wheel_that_is_not_the_locked_one_is_refused(checkout: Path, wheelhouse: Any) -> None:
    wheelhouse.add("polite", {"polite/__init__.py": b""})
    wheelhouse.lock.write_text(f"polite==1.0 --hash=sha256:{'0' * 64}\n")
    assert "hash" in refusal(checkout).lower()


def test_lock_line_without_a_hash_is_refused(checkout: Path, wheelhouse: Any) -> None:
    wheelhouse.add("polite", {"polite/__init__.py": b""})
    wheelhouse.lock.write_text("polite==1.0\n")
    assert "--require-hashes" in refusal(checkout)


def test_source_distribution_is_refused(checkout: Path, wheelhouse: Any) -> None:
    source = wheelhouse.directory / "polite-1.0.tar.gz"
    source.write_bytes(b"never opened")
    wheelhouse.pin("polite", hashlib.sha256(source.read_bytes()).hexdigest())
    assert "no usable wheels" in refusal(checkout)


def test_payload_without_a_lock_is_refused(checkout: Path) -> None:
    assert refusal(checkout) == "greeter has no lock at requirements/greeter.txt: run `make lock`."


def test_wheel_that_would_mix_with_a_package_of_ours_is_refused(checkout: Path, wheelhouse: Any) -> None:
    wheelhouse.add("intruder", {"common/extra.py": b""})
    assert "brings a package common/" in refusal(checkout)


def test_failed_build_leaves_the_zip_that_was_there(checkout: Path, wheelhouse: Any) -> None:
    wheelhouse.add("polite", {"polite/__init__.py": b""})
    before = make(checkout)
    with pytest.raises(PackageError):
        make(checkout, limits=Limits(unzipped_bytes=1))
    (left,) = (checkout / "out").iterdir()
    assert hashlib.sha256(left.read_bytes()).hexdigest() == before.sha256


@pytest.fixture(scope="module")
def two_builds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Payloads of this repository, built from two copies of it that have nothing in common but their content."""
    one = _copy(tmp_path_factory.mktemp("one") / "groundcrew")
    two = _copy(tmp_path_factory.mktemp("two") / "a longer way" / "to the same", mode=0o600)
    _package(one, umask=0o022, environment={"TZ": "UTC", "LC_ALL": "C.UTF-8"}, directory=one)
    elsewhere = {"TZ": "Asia/Tokyo", "LC_ALL": "C", "TMPDIR": str(two), "PYTHONHASHSEED": "7"}
    _package(two, umask=0o077, environment=elsewhere, directory=Path("/"))
    return one / "build" / "lambda", two / "build" / "lambda"


def _copy(target: Path, mode: int | None = None) -> Path:
    for name in ("lambda_src", "requirements", "scripts"):
        shutil.copytree(
            ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"), copy_function=shutil.copy
        )
    (target / ".boot").symlink_to(ROOT / ".boot")
    if mode:
        for path in (target / "lambda_src").rglob("*.py"):
            path.chmod(mode)
    return target


def _package(root: Path, umask: int, environment: dict[str, str], directory: Path) -> None:
    command = [sys.executable, str(root / "scripts" / "package.py"), "--quiet"]
    command += [f"--artifact={name}" for name in SMALL]
    result = subprocess.run(
        command,
        cwd=directory,
        env={**os.environ, **environment},
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.xdist_group("two_builds")
def test_directory_umask_and_time_zone_do_not_change_a_byte(two_builds: tuple[Path, Path]) -> None:
    one, two = ({path.name: path.read_bytes() for path in out.iterdir()} for out in two_builds)
    expected = {f"{name}-{architecture}.zip" for name in SMALL for architecture in ("x86_64", "arm64")}
    assert set(one) == {*expected, "manifest.json"}
    assert one == two


@pytest.mark.xdist_group("two_builds")
def test_own_payloads_hold_their_handler_and_no_boto3(two_builds: tuple[Path, Path]) -> None:
    artifacts = json.loads((two_builds[0] / "manifest.json").read_text())["artifacts"]
    assert len(artifacts) == 2 * len(SMALL)
    for entry in artifacts.values():
        with zipfile.ZipFile(two_builds[0] / entry["file"]) as archive:
            names = archive.namelist()
        assert f"{entry['artifact']}/handler.py" in names
        assert "common/__init__.py" in names
        assert {name.split("/")[0] for name in names}.isdisjoint({"boto3", "botocore", "bin", ".lock"})
        assert not [name for name in names if name.endswith(".pyc")]
    redshift = artifacts["redshift_maintenance_sync-arm64"]
    assert {"aws-lambda-powertools", "tzdata"} <= {wheel["name"] for wheel in redshift["wheels"]}


def test_one_refused_zip_fails_the_run_and_spares_the_others(
    checkout: Path,
    wheelhouse: Any,
    library: Library,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    wheelhouse.add("native", {"native/core.so": library(X86_64)})
    monkeypatch.setattr(package, "ROOT", checkout)
    out = checkout / "out"
    assert package.main(["--arch", "arm64", "--arch", "x86_64", "--artifact", "greeter", "--out", str(out)]) == 1
    said = capsys.readouterr()
    assert said.out.startswith("  greeter-x86_64.zip  0.0 MB (0.0 MB unzipped)")
    assert said.err.startswith("greeter for arm64 cannot run on Lambda:\n  native/core.so of native 1.0 is built for")
    assert sorted(path.name for path in out.iterdir()) == ["greeter-x86_64.zip", "manifest.json"]
    assert list(json.loads((out / "manifest.json").read_text())["artifacts"]) == ["greeter-x86_64"]


def test_nothing_to_build_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(package, "ROOT", tmp_path)
    with pytest.raises(SystemExit):
        package.main([])
    assert "no directory of lambda_src/ has a handler.py" in capsys.readouterr().err


def test_other_interpreter_needs_a_directory_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        package.main(["--python", "3.11"])
    assert "--python 3.11 needs --out" in capsys.readouterr().err
