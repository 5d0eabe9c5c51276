"""What a native library needs is read from the file, not from its wheel's name."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

import elf
from toolchain import machine_architecture

LAMBDA = (2, 34)
X86_64, AARCH64 = 62, 183


@pytest.mark.parametrize(("machine", "architecture"), [(X86_64, "x86_64"), (AARCH64, "arm64")])
def test_library_for_the_architecture_that_needs_lambdas_glibc_fits(
    library: Callable[..., bytes], tmp_path: Path, machine: int, architecture: str
) -> None:
    path = tmp_path / "fit.so"
    path.write_bytes(library(machine, ["GLIBC_2.2.5", "GLIBC_2.34", "GCC_3.0"]))
    assert elf.faults(path, architecture, LAMBDA) == []


@pytest.mark.parametrize(
    ("needs", "fault"),
    [
        (["GLIBC_2.17", "GLIBC_2.38"], "needs glibc 2.38, Lambda has 2.34"),
        (["GLIBC_2.34.1"], "needs glibc 2.34.1, Lambda has 2.34"),
        (["GLIBC_PRIVATE"], "needs GLIBC_PRIVATE, which glibc 2.34 does not promise"),
        (["GLIBC_2.17", "GLIBC_ABI_DT_RELR"], "needs GLIBC_ABI_DT_RELR, which glibc 2.34 does not promise"),
    ],
)
def test_what_glibc_2_34_does_not_have_is_a_fault(
    library: Callable[..., bytes], tmp_path: Path, needs: list[str], fault: str
) -> None:
    path = tmp_path / "new.so"
    path.write_bytes(library(X86_64, needs))
    assert elf.faults(path, "x86_64", LAMBDA) == [fault]


def test_library_for_another_machine_is_a_fault(library: Callable[..., bytes], tmp_path: Path) -> None:
    path = tmp_path / "other.so"
    path.write_bytes(library(X86_64))
    assert elf.faults(path, "arm64", LAMBDA) == ["is built for X86_64, not for arm64"]


def test_file_that_cannot_be_judged_is_a_fault(library: Callable[..., bytes], tmp_path: Path) -> None:
    path = tmp_path / "stripped.so"
    path.write_bytes(library(section_headers=False))
    assert elf.faults(path, "x86_64", LAMBDA) == ["has no section headers, so what it needs of glibc cannot be read"]
    path.write_bytes(library()[:40])
    (fault,) = elf.faults(path, "x86_64", LAMBDA)
    assert fault.startswith("cannot be read as an ELF file")


def test_other_files_have_no_faults(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text("ELF = 1\n")
    assert elf.faults(path, "x86_64", LAMBDA) == []


def test_real_extension_of_a_wheel_is_measured() -> None:
    extension = importlib.util.find_spec("yaml._yaml")
    assert extension and extension.origin
    path, architecture = Path(extension.origin), machine_architecture()
    assert elf.faults(path, architecture, LAMBDA) == []
    (fault,) = elf.faults(path, architecture, (2, 1))
    assert fault.startswith("needs glibc 2.")
    assert fault.endswith("Lambda has 2.1")
