"""What a cold start imports: metadata does without what only reading needs."""

import os
import subprocess
import sys
from pathlib import Path

SOURCES = Path(__file__).parents[4] / "lambda_src"
METADATA = ("read.keys", "read.put", "read.watch", "parse", "respond", "source")
READING_ALONE = ("pyarrow.compute", "cryptography", "athena_connectors.federation.read.read")


def test_metadata_needs_nothing_that_only_reading_does() -> None:
    """In an interpreter of its own: this one has everything by now."""
    modules = [f"athena_connectors.federation.{name}" for name in METADATA]
    program = f"import sys, {', '.join(modules)}; print(*sorted(sys.modules))"
    command = [sys.executable, "-c", program]
    environment = {"PYTHONPATH": str(SOURCES), "PATH": os.defpath}
    loaded = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.split()
    assert set(modules) <= set(loaded)
    assert not [name for name in READING_ALONE if name in loaded]
