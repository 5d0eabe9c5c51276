import hashlib
import io
import os
import zipfile
from pathlib import Path

import pytest

import terraform_setup
from terraform_setup import PROVIDER, PROVIDER_VERSION, TerraformError, provider_mirror, unpack_release, warnings

ROOT = Path(__file__).resolve().parents[2]


def make_mirror(directory: Path, version: str = PROVIDER_VERSION) -> Path:
    (directory / PROVIDER / version / terraform_setup._platform()).mkdir(parents=True)
    return directory


def test_a_named_mirror_comes_first(tmp_path: Path) -> None:
    make_mirror(tmp_path / "opt/plugins")
    mirror = make_mirror(tmp_path / "mine")
    assert provider_mirror({"TF_PLUGIN_MIRROR": str(mirror)}, tmp_path) == mirror


def test_a_named_mirror_without_the_provider_is_refused(tmp_path: Path) -> None:
    make_mirror(tmp_path, version="4.0.0")
    with pytest.raises(TerraformError, match=f"holds no {PROVIDER}/{PROVIDER_VERSION}"):
        provider_mirror({"TF_PLUGIN_MIRROR": str(tmp_path)}, tmp_path)


@pytest.mark.parametrize("place", ["opt", "opt/anything", "usr/local/share/anything", "usr/local/lib"])
def test_a_tree_below_the_addon_directories_is_found(tmp_path: Path, place: str) -> None:
    mirror = make_mirror(tmp_path / place)
    assert (
        provider_mirror({"HOME": str(tmp_path / "home"), "XDG_DATA_DIRS": str(tmp_path / "none")}, tmp_path) == mirror
    )


def test_a_packed_mirror_is_found(tmp_path: Path) -> None:
    archive = (
        tmp_path / "opt" / PROVIDER / f"terraform-provider-aws_{PROVIDER_VERSION}_{terraform_setup._platform()}.zip"
    )
    archive.parent.mkdir(parents=True)
    archive.touch()
    assert provider_mirror({"XDG_DATA_DIRS": str(tmp_path / "none")}, tmp_path) == tmp_path / "opt"


@pytest.mark.parametrize("variable", ["HOME", "XDG_DATA_HOME", "XDG_DATA_DIRS"])
def test_what_terraform_finds_itself_is_left_to_it(tmp_path: Path, variable: str) -> None:
    make_mirror(tmp_path / "opt/plugins")
    suffix = ".terraform.d/plugins" if variable == "HOME" else "terraform/plugins"
    make_mirror(tmp_path / "own" / suffix)
    environ = {"HOME": str(tmp_path / "home"), "XDG_DATA_DIRS": str(tmp_path / "none"), variable: str(tmp_path / "own")}
    assert provider_mirror(environ, tmp_path) is None


def test_a_mirror_of_another_version_is_passed_over(tmp_path: Path) -> None:
    make_mirror(tmp_path / "opt/plugins", version="4.0.0")
    assert provider_mirror({"XDG_DATA_DIRS": str(tmp_path / "none")}, tmp_path) is None


def test_a_missing_cli_configuration_is_ignored_with_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = tmp_path / "terraformrc"
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(missing))
    assert warnings() == [f"TF_CLI_CONFIG_FILE names {missing}, which does not exist: ignored."]
    assert "TF_CLI_CONFIG_FILE" not in terraform_setup.terraform_environment({})
    missing.touch()
    assert warnings() == []
    assert terraform_setup.terraform_environment({})["TF_CLI_CONFIG_FILE"] == str(missing)


def archive(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("terraform", content)
    return buffer.getvalue()


def test_a_release_with_the_pinned_hash_is_unpacked(tmp_path: Path) -> None:
    release = archive(b"#!/bin/sh\n")
    tool = tmp_path / "bin" / "terraform"
    unpack_release(release, hashlib.sha256(release).hexdigest(), tool)
    assert tool.read_bytes() == b"#!/bin/sh\n"
    assert os.access(tool, os.X_OK)


def test_a_release_with_another_hash_is_refused(tmp_path: Path) -> None:
    tool = tmp_path / "terraform"
    with pytest.raises(TerraformError, match="not the pinned"):
        unpack_release(archive(b"evil"), "0" * 64, tool)
    assert not tool.exists()


@pytest.mark.parametrize(("reported", "accepted"), [("1.10.9", False), ("1.11.0", True), ("2.0.1", True)])
def test_terraform_on_path_is_used_when_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reported: str, accepted: bool
) -> None:
    on_path = tmp_path / "bin" / "terraform"
    on_path.parent.mkdir()
    on_path.write_text(f'#!/bin/sh\necho \'{{"terraform_version": "{reported}"}}\'\n')
    on_path.chmod(0o755)
    pinned = tmp_path / ".tools" / f"terraform-{terraform_setup.PINNED}" / "terraform"
    pinned.parent.mkdir(parents=True)
    pinned.touch()
    monkeypatch.setenv("PATH", str(on_path.parent))
    monkeypatch.setattr(terraform_setup, "ROOT", tmp_path)
    assert terraform_setup.find_terraform() == (on_path if accepted else pinned)


def test_no_terraform_and_no_network_is_one_clear_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise OSError("network is unreachable")

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(terraform_setup, "ROOT", tmp_path)
    monkeypatch.setattr(terraform_setup.urllib.request, "urlopen", unreachable)
    with pytest.raises(TerraformError, match=r"No Terraform on PATH, and .* install Terraform 1\.11 or newer"):
        terraform_setup.find_terraform()


def test_every_lock_names_the_same_provider() -> None:
    locks = [*(ROOT / "terraform").glob("*/.terraform.lock.hcl"), *(ROOT / "modules").glob("*/.terraform.lock.hcl")]
    assert locks
    texts = {lock.read_text() for lock in locks}
    assert len(texts) == 1
    (text,) = texts
    assert f'version     = "{PROVIDER_VERSION}"' in text
    assert text.count('"zh:') == 15
    assert text.count('"h1:') >= 2
