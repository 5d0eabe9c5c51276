"""What a native library asks of the machine that loads it, read from the file itself.

A wheel's tag is its author's claim; the symbol versions in its libraries are what the loader will insist on.
"""

import re
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

MAGIC = b"\x7fELF"
MACHINES = {"x86_64": "EM_X86_64", "arm64": "EM_AARCH64"}
GLIBC = "GLIBC_"


def faults(path: Path, architecture: str, glibc: tuple[int, int]) -> list[str]:
    """Why the file cannot be loaded on Lambda's `architecture` with that `glibc` (`(2, 34)`), one sentence part each.

    Empty for a library that fits and for a file that is no ELF file at all. An ELF file that cannot be judged is a
    fault: a check that did not run must not look like one that passed.
    """
    with path.open("rb") as stream:
        if stream.read(len(MAGIC)) != MAGIC:
            return []
        try:
            elf = ELFFile(stream)
            machine = str(elf["e_machine"])
            if machine != MACHINES[architecture]:
                return [f"is built for {machine.removeprefix('EM_')}, not for {architecture}"]
            if not elf.num_sections():
                return ["has no section headers, so what it needs of glibc cannot be read"]
            versions = _glibc_versions(elf)
        except ELFError as error:
            return [f"cannot be read as an ELF file: {error}"]
    return _too_new(versions, glibc)


def _glibc_versions(elf: ELFFile) -> set[str]:
    """The symbol versions asked of glibc: `2.17`, or a word such as `PRIVATE` or `ABI_DT_RELR`."""
    sections = (section for section in elf.iter_sections() if isinstance(section, GNUVerNeedSection))
    needed = (auxiliary.name for section in sections for _, names in section.iter_versions() for auxiliary in names)
    return {name.removeprefix(GLIBC) for name in needed if name.startswith(GLIBC)}


def _too_new(versions: set[str], glibc: tuple[int, int]) -> list[str]:
    offered = ".".join(map(str, glibc))
    # Words instead of figures bind a library to one build of glibc (PRIVATE) or came with a later one (ABI_DT_RELR:
    # glibc 2.36), so none of them is fit for a wheel.
    words = sorted(version for version in versions if not re.fullmatch(r"\d+(\.\d+)*", version))
    faults = [f"needs {GLIBC}{word}, which glibc {offered} does not promise" for word in words]
    numbers = [tuple(map(int, version.split("."))) for version in versions.difference(words)]
    newest = max(numbers, default=(0,))
    if newest > glibc:
        faults.append(f"needs glibc {'.'.join(map(str, newest))}, Lambda has {offered}")
    return faults
