"""What is left out of wheels: the rules themselves, and the connectors' zips as they come out of them."""

import subprocess
import sys
import sysconfig
import textwrap
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from payload import PackageError, Payload, build, collected, discover
from toolchain import FUNCTION_PYTHON, ROOT, machine_architecture
from trimming import TrimmingError, read_trims

SOURCES = ("oracle", "snowflake", "teradata")
MEGABYTES = {"oracle": 160, "snowflake": 200, "teradata": 160}
"""What each connector may unzip to, in 10**6 bytes: Lambda takes 262, and reads them at each cold start."""

TRIMS = """
[[native]]
files = ["native/tests/*"]
reason = "Tests."

[[native]]
architecture = "arm64"
files = ["native/x86.so"]
reason = "Another machine."

[[absent]]
files = ["absent/*"]
reason = "Not in this lock."
"""


def names(checkout: Path, architecture: str = "x86_64", python: str = "3.13") -> list[str]:
    build(discover(checkout)["greeter"], architecture, python, checkout / "out")
    with zipfile.ZipFile(checkout / "out" / f"greeter-{architecture}.zip") as archive:
        return [name for name in archive.namelist() if name.startswith("native")]


def test_what_a_wheel_is_trimmed_of_is_not_in_the_zip(checkout: Path, wheelhouse: Any) -> None:
    files = ("__init__.py", "tests/deep/case.py", "x86.so")
    wheelhouse.add("native", {f"native/{name}": b"" for name in files})
    (checkout / "requirements" / "trimming.toml").write_text(TRIMS)
    assert {"native/__init__.py", "native/x86.so"} <= set(names(checkout))
    assert "native/x86.so" not in names(checkout, "arm64")
    assert not [name for name in names(checkout) if "tests" in name]


def test_a_pattern_that_finds_nothing_is_refused(checkout: Path, wheelhouse: Any) -> None:
    wheelhouse.add("native", {"native/__init__.py": b""})
    (checkout / "requirements" / "trimming.toml").write_text(TRIMS)
    with pytest.raises(PackageError, match=r"greeter for x86_64: native 1\.0 has no file native/tests/\*: look where"):
        names(checkout)


def test_a_wheel_of_which_nothing_is_left_is_not_listed(checkout: Path, wheelhouse: Any) -> None:
    wheelhouse.add("native", {"native/__init__.py": b""})
    everything = '[[native]]\nfiles = ["native*"]\nreason = "Never imported."\n'
    (checkout / "requirements" / "trimming.toml").write_text(everything)
    assert build(discover(checkout)["greeter"], "x86_64", "3.13", checkout / "out").wheels == ()


def test_extension_modules_of_another_python_are_left_out(
    checkout: Path, wheelhouse: Any, library: Callable[..., bytes]
) -> None:
    modules = [f"native/core.cpython-{version}-x86_64-linux-gnu.so" for version in ("312", "313")]
    wheelhouse.add("native", {"native/core.abi3.so": library(), **{name: library() for name in modules}})
    assert [name for name in names(checkout) if name.endswith(".so")] == ["native/core.abi3.so", modules[1]]


@pytest.mark.parametrize("entry", ["files = ['a']", "reason = 'Tests.'", "files = ['a']\nreason = 'b'\nwhy = 'c'"])
def test_an_entry_gives_files_and_a_reason(tmp_path: Path, entry: str) -> None:
    path = tmp_path / "trimming.toml"
    path.write_text(f"[[native]]\n{entry}\n")
    with pytest.raises(TrimmingError, match=r"trimming\.toml: an entry of native needs files and a reason"):
        read_trims(path)


def test_each_source_of_a_connector_is_a_payload_without_the_others(checkout: Path, wheelhouse: Any) -> None:
    for name in ("sources", "sources/north", "sources/south"):
        package = checkout / "lambda_src" / "greeter" / name
        package.mkdir()
        (package / "__init__.py").touch()
    payloads = discover(checkout)
    assert list(payloads) == ["greeter_north", "greeter_south"]
    assert {payload.package for payload in payloads.values()} == {"greeter"}
    assert payloads["greeter_south"].lock == checkout / "requirements" / "greeter_south.txt"
    payloads["greeter_south"].lock.touch()
    build(payloads["greeter_south"], "x86_64", "3.13", checkout / "out")
    with zipfile.ZipFile(checkout / "out" / "greeter_south-x86_64.zip") as archive:
        ours = [name for name in archive.namelist() if name.startswith("greeter")]
    assert ours == [f"greeter/{name}" for name in ("__init__.py", "handler.py", "sources/__init__.py")] + [
        "greeter/sources/south/__init__.py"
    ]


def connector(source: str) -> Payload:
    package = ROOT / "lambda_src" / "athena_connectors"
    others = tuple(package / "sources" / other for other in SOURCES if other != source)
    requirements = ROOT / "requirements"
    lock = requirements / f"athena_connectors_{source}.txt"
    trims = read_trims(requirements / "trimming.toml")
    return Payload(lock.stem, (package, package.parent / "common"), lock, trims, others)


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
@pytest.mark.parametrize("source", SOURCES)
def test_a_connector_is_small_for_both_architectures(source: str, architecture: str) -> None:
    with collected(connector(source), architecture, FUNCTION_PYTHON) as contents:
        assert contents.unzipped_bytes < MEGABYTES[source] * 10**6
        libraries = [name for name in contents.files if name.startswith("teradatasql/") and ".so" in name]
        assert len(libraries) == (1 if source == "teradata" else 0)
        assert {name.split("/")[0] for name in contents.files}.isdisjoint({"sqlglot", "duckdb", "pydantic", "boto3"})


ARROW = """
    import decimal
    import pyarrow as pa
    import pyarrow.compute as pc

    options = pa.ipc.IpcWriteOptions(metadata_version=pa.ipc.MetadataVersion.V4, use_legacy_format=True)
    batch = pa.record_batch({"number": ["1.25", "2.50", None], "word": ["a", "b", "c"]})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=options) as writer:
        writer.write_batch(batch)
    (again,) = pa.ipc.open_stream(sink.getvalue())
    numbers = again["number"].cast(pa.decimal128(38, 2))
    chosen = again.filter(pc.greater(numbers, decimal.Decimal("1.5")))
    assert chosen.to_pylist() == [{"number": "2.50", "word": "b"}], chosen
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    assert AESGCM(bytes(32)).encrypt(bytes(12), memoryview(sink.getvalue()).cast("B"), None)
"""

DRIVERS = {
    "oracle": """
        import oracledb
        try:
            oracledb.connect(user="a", password="b", dsn="127.0.0.1:1/none")
        except oracledb.OperationalError as error:
            assert "DPY-6005" in str(error), error
    """,
    "snowflake": """
        import snowflake.connector
        import snowflake.connector._core.sf_core_python
        import snowflake.connector._internal.arrow_stream_iterator
        import snowflake.connector.result_batch
    """,
    "teradata": """
        from athena_connectors.connections.model import Teradata
        from athena_connectors.connections.secrets import Secret
        from athena_connectors.federation.errors import OperationTimeout
        from athena_connectors.sources.teradata.session import Session

        class Secrets:
            def read(self, name):
                return Secret(name, {"username": "a", "password": "b"})

        try:
            Session(Teradata("127.0.0.1", "s", 1, 2, "d", certificates="c.pem"), Secrets(), 900).connection()
        except OperationTimeout as error:  # one parameter that the driver does not know, and it says other than this
            assert "Failed to connect to 127.0.0.1" in str(error), error
    """,
}
"""Each driver finds its libraries: nobody listens where two of them are sent, which only they themselves can say."""

OURS = """
    import importlib
    import pkgutil
    import athena_connectors
    for module in pkgutil.walk_packages(athena_connectors.__path__, "athena_connectors."):
        importlib.import_module(module.name)
"""


PROVIDED = ("boto3", "botocore", "s3transfer", "dateutil", "six.py", "urllib3")
"""What the runtime brings: boto3 and what it is made of."""


@pytest.mark.parametrize("source", SOURCES)
def test_a_trimmed_connector_works(source: str, tmp_path: Path) -> None:
    task, runtime = tmp_path / "task", tmp_path / "runtime"
    runtime.mkdir()
    for name in PROVIDED:
        (runtime / name).symlink_to(Path(sysconfig.get_path("platlib")) / name)
    program = f"import sys; sys.path += [{str(task)!r}, {str(runtime)!r}]\n"
    program += "".join(textwrap.dedent(part) for part in (ARROW, DRIVERS[source], OURS))
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    with collected(connector(source), machine_architecture(), python) as contents:
        for name, path in contents.files.items():
            (task / name).parent.mkdir(parents=True, exist_ok=True)
            (task / name).symlink_to(path)
        # -I -S: nothing but the standard library and what is put on the path.
        command = [sys.executable, "-I", "-S", "-B", "-c", program]
        result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (result.returncode, result.stderr) == (0, "")
