"""Find Terraform and the AWS provider on this machine, or fetch the pinned Terraform release."""

import hashlib
import io
import json
import os
import platform
import re
import shutil
import subprocess
import urllib.error
import urllib.request
import zipfile
from collections.abc import Mapping
from pathlib import Path

from toolchain import ROOT, locked, machine_architecture

PROVIDER = Path("registry.terraform.io/hashicorp/aws")
PROVIDER_VERSION = "5.100.0"  # the one that every .terraform.lock.hcl names
MINIMUM = (1, 11)
PINNED = (ROOT / ".terraform-version").read_text().strip()
# sha256 of HashiCorp's release archives of the pinned version, from its SHA256SUMS.
RELEASES = {
    "linux_amd64": "1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc",
    "linux_arm64": "a43d1d0da9b9bab214a8305a39db0e40869572594ccf50c416a7756499143633",
    "darwin_amd64": "a56d5002b9f7647291faccc3dd1a70350e60fb61e4c45037629508b8fdc2575b",
    "darwin_arm64": "867e0808fa971217043e25b7a792b10720c79b1546f8a68479b74f138be73e18",
}


class TerraformError(Exception):
    """Terraform could not be had, or refused; the message is what a person should read."""


def find_terraform() -> Path:
    """The `terraform` on PATH when it is new enough, otherwise the pinned release in `.tools/`, downloaded if need be.

    Raises TerraformError, with what to install, when neither can be had.
    """
    found = shutil.which("terraform")
    if found and (version := _version_of(Path(found))) and version >= MINIMUM:
        return Path(found)
    tool = ROOT / ".tools" / f"terraform-{PINNED}" / "terraform"
    with locked(tool.parent):
        if not tool.is_file():
            _download(tool)
    return tool


def _version_of(terraform: Path) -> tuple[int, ...] | None:
    command = [str(terraform), "version", "-json"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=terraform_environment({}))
    if result.returncode:
        return None
    return tuple(int(part) for part in re.findall(r"\d+", json.loads(result.stdout)["terraform_version"])[:2])


def _platform() -> str:
    return f"{platform.system().lower()}_{ {'x86_64': 'amd64', 'arm64': 'arm64'}[machine_architecture()] }"


def _download(tool: Path) -> None:
    target = _platform()
    install = f"install Terraform {MINIMUM[0]}.{MINIMUM[1]} or newer and put it on PATH"
    if target not in RELEASES:
        raise TerraformError(f"No Terraform on PATH and none pinned for {target}: {install}.")
    url = f"https://releases.hashicorp.com/terraform/{PINNED}/terraform_{PINNED}_{target}.zip"
    try:
        with urllib.request.urlopen(url, timeout=60) as response:
            archive = response.read()
    except (urllib.error.URLError, OSError) as error:
        raise TerraformError(f"No Terraform on PATH, and {url} cannot be reached ({error}): {install}.") from None
    unpack_release(archive, RELEASES[target], tool)


def unpack_release(archive: bytes, sha256: str, tool: Path) -> None:
    """Write the `terraform` of a release archive to `tool`; raises TerraformError when its sha256 is another one."""
    found = hashlib.sha256(archive).hexdigest()
    if found != sha256:
        raise TerraformError(f"The downloaded Terraform has sha256 {found}, not the pinned {sha256}: refused.")
    tool.parent.mkdir(parents=True, exist_ok=True)
    part = tool.with_suffix(".part")
    part.write_bytes(zipfile.ZipFile(io.BytesIO(archive)).read("terraform"))
    part.chmod(0o755)
    part.replace(tool)


def provider_mirror(environ: Mapping[str, str] = os.environ, filesystem: Path = Path("/")) -> Path | None:
    """A filesystem mirror that Terraform would not find by itself, or None to let it look.

    `TF_PLUGIN_MIRROR` comes first. Then Terraform's implied mirror directories, which it searches itself. Then any tree
    laid out as a mirror directly below the system's add-on software directories (the Filesystem Hierarchy Standard's
    /opt and /usr/local, and their conventional share and lib directories). `filesystem` is where those are looked for.
    """
    if chosen := environ.get("TF_PLUGIN_MIRROR"):
        if not _holds_provider(Path(chosen)):
            wanted = f"{PROVIDER}/{PROVIDER_VERSION} for {_platform()}"
            raise TerraformError(f"TF_PLUGIN_MIRROR={chosen} holds no {wanted}: point it at a mirror that does.")
        return Path(chosen)
    if any(_holds_provider(directory) for directory in _implied_mirrors(environ)):
        return None
    addons = [filesystem / name for name in ("opt", "usr/local", "usr/local/share", "usr/local/lib")]
    for mirror in [candidate for addon in addons for candidate in (addon, *sorted(addon.glob("*")))]:
        if _holds_provider(mirror):
            return mirror
    return None


def _holds_provider(mirror: Path) -> bool:
    # Unpacked and packed layout: https://developer.hashicorp.com/terraform/cli/config/config-file#filesystem_mirror
    packed = f"terraform-provider-aws_{PROVIDER_VERSION}_{_platform()}.zip"
    unpacked = mirror / PROVIDER / PROVIDER_VERSION / _platform()
    return unpacked.is_dir() or (mirror / PROVIDER / packed).is_file()


def _implied_mirrors(environ: Mapping[str, str]) -> list[Path]:
    # https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories
    home = Path(environ.get("HOME") or "/nonexistent")
    data_home = environ.get("XDG_DATA_HOME") or str(home / ".local/share")
    data = (environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
    library = home / "Library/Application Support/io.terraform/plugins"
    return [home / ".terraform.d/plugins", library, *(Path(base) / "terraform/plugins" for base in [data_home, *data])]


def terraform_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The environment Terraform runs in: this one, no questions asked, and `extra`."""
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_INPUT": "0", **extra}
    if not Path(environment.get("TF_CLI_CONFIG_FILE", os.devnull)).exists():
        del environment["TF_CLI_CONFIG_FILE"]  # warned about once, by `warnings`
    return environment


def warnings(environ: Mapping[str, str] = os.environ) -> list[str]:
    """What about this machine's Terraform configuration is being set aside, as sentences."""
    file = environ.get("TF_CLI_CONFIG_FILE")
    if file and not Path(file).exists():
        return [f"TF_CLI_CONFIG_FILE names {file}, which does not exist: ignored."]
    return []
