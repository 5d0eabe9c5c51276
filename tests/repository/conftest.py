"""Small stand-ins for what wheels bring: native libraries, and the wheels themselves."""

import base64
import hashlib
import struct
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

LibraryMaker = Callable[..., bytes]
EM_X86_64 = 62


@pytest.fixture
def library() -> LibraryMaker:
    """Makes the bytes of an ELF file that has just the sections from which the audit reads."""
    return _library


def _library(machine: int = EM_X86_64, needs: Sequence[str] = ("GLIBC_2.17",), section_headers: bool = True) -> bytes:
    names = b"\0.shstrtab\0.dynstr\0.gnu.version_r\0"
    strings, offsets = b"\0libc.so.6\0", {}
    for need in needs:
        offsets[need] = len(strings)
        strings += need.encode() + b"\0"
    last = len(needs) - 1
    versions = struct.pack("<HHIII", 1, len(needs), 1, 16, 0)  # Verneed: version, count, file, first, next
    for index, need in enumerate(needs):  # Vernaux: hash, flags, other, name, next
        versions += struct.pack("<IHHII", 0, 0, index + 2, offsets[need], 0 if index == last else 16)

    contents = [names, strings, versions]
    at = [64]
    for content in contents:
        at.append(at[-1] + len(content))
    headers = bytes(
        64
    )  # the null section, then: name, type, flags, address, offset, size, link, info, align, entry size
    kinds = [(1, 3, 0, 0), (11, 3, 0, 0), (19, 0x6FFFFFFE, 2, 1)]
    for (name, kind, link, info), offset, content in zip(kinds, at, contents, strict=False):
        headers += struct.pack("<IIQQQQIIQQ", name, kind, 0, 0, offset, len(content), link, info, 1, 0)
    tables = (at[-1], 4, 1) if section_headers else (0, 0, 0)
    identity = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    header = struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 0, tables[0], 0, 64, 0, 0, 64, tables[1], tables[2])
    return identity + header + b"".join(contents) + (headers if section_headers else b"")


class Wheelhouse:
    """A directory that uv installs from, and the lock that pins what is in it."""

    def __init__(self, directory: Path, lock: Path) -> None:
        self.directory = directory
        self.lock = lock
        lock.write_text("")

    def add(self, name: str, files: dict[str, bytes], tag: str = "py3-none-any", claims: str | None = None) -> Path:
        """Add a wheel of version 1.0 whose file name has `tag` and whose metadata `claims` one, by default the same."""
        info = f"{name}-1.0.dist-info"
        scripts = f"[console_scripts]\n{name} = {name}:main\n".encode()
        contents = {
            **files,
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
            f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {claims or tag}\n".encode(),
            f"{info}/entry_points.txt": scripts,
        }
        record = "".join(f"{path},sha256={_hash(content)},{len(content)}\n" for path, content in contents.items())
        contents[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
        path = self.directory / f"{name}-1.0-{tag}.whl"
        with zipfile.ZipFile(path, "w") as archive:
            for inside, content in contents.items():
                archive.writestr(inside, content)
        self.pin(name, hashlib.sha256(path.read_bytes()).hexdigest())
        return path

    def pin(self, name: str, sha256: str) -> None:
        """Add a line to the lock."""
        self.lock.write_text(f"{self.lock.read_text()}{name}==1.0 --hash=sha256:{sha256}\n")


def _hash(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with one payload, `greeter`, and some of what must not be shipped."""
    root = tmp_path / "checkout"
    files = {
        "lambda_src/common/__init__.py": b"",
        "lambda_src/common/settings.py": b"PREFIX = 'good '\n",
        "lambda_src/common/__pycache__/settings.cpython-313.pyc": b"cache",
        "lambda_src/greeter/__init__.py": b"",
        "lambda_src/greeter/handler.py": b"def handler(event, context): return 'morning'\n",
        "lambda_src/greeter/.handler.py.swp": b"editor",
        "lambda_src/notes/README.md": b"no payload: no handler.py",
    }
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    (root / "requirements").mkdir()
    return root


@pytest.fixture
def wheelhouse(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wheelhouse:
    """The only place from which uv installs during the test; the checkout's lock is empty."""
    directory = tmp_path / "wheels"
    directory.mkdir()
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(directory))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
    return Wheelhouse(directory, checkout / "requirements" / "greeter.txt")
