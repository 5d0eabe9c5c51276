"""The wheels installed in a directory, as their own metadata describes them."""

import re
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

# PEP 600 and its forerunners; `linux` is what a build that claims nothing about glibc is tagged.
LINUX = re.compile(r"(?:linux|manylinux1|manylinux2010|manylinux2014|manylinux_(\d+)_(\d+))_(\w+)")


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel by its normalised name (PEP 503), its version and its tags (`cp313-cp313-manylinux_2_17_x86_64`)."""

    name: str
    version: str
    tags: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def platforms(self) -> list[str]:
        """The platforms that the tags name, each once: `any`, `manylinux_2_17_x86_64`, `macosx_11_0_arm64` …"""
        return sorted({platform for tag in self.tags for platform in tag.rpartition("-")[2].split(".")})

    def fits(self, machine: str, glibc: tuple[int, int]) -> bool:
        """Whether a tag promises that it runs on a `machine` (`x86_64`, `aarch64`) with that `glibc`."""
        return any(_platform_fits(platform, machine, glibc) for platform in self.platforms)


def installed(site: Path) -> tuple[Wheel, ...]:
    """The wheels in `site`, by name."""
    found = []
    for distribution in distributions(path=[str(site)]):
        tags = re.findall(r"^Tag: *(\S+)", distribution.read_text("WHEEL") or "", re.MULTILINE)
        name = re.sub(r"[-_.]+", "-", distribution.name).lower()
        found.append(Wheel(name, distribution.version, tuple(sorted(tags))))
    return tuple(sorted(found, key=str))


def owners(site: Path) -> dict[str, str]:
    """The wheel (`tzdata 2026.6`) that brought each file of `site`, by the file's name relative to it."""
    return {
        file.as_posix(): f"{distribution.name} {distribution.version}"
        for distribution in distributions(path=[str(site)])
        for file in distribution.files or ()
    }


def _platform_fits(platform: str, machine: str, glibc: tuple[int, int]) -> bool:
    if platform == "any":
        return True
    match = LINUX.fullmatch(platform)
    if not match or match[3] != machine:
        return False
    return match[1] is None or (int(match[1]), int(match[2])) <= glibc
