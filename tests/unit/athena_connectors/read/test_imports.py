"""What a cold start imports: metadata does without what only reading needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[4] / "lambda_src"
READING_ALONE = ("pyarrow.compute", "cryptography", "athena_connectors.federation.read.read")


@pytest.mark.parametrize("module", ["read.keys", "read.put", "read.watch", "parse", "respond", "source"])
def test_metadata_needs_nothing_that_only_reading_does(module: str) -> None:
    """In an interpreter of its own: this one has everything by now."""
    program = f"import sys, athena_connectors.federation.{module}; print(*sorted(sys.modules))"
    command = [sys.executable, "-c", program]
    environment = {"PYTHONPATH": str(SOURCES), "PATH": os.defpath}
    loaded = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.split()
    assert f"athena_connectors.federation.{module}" in loaded
    assert not [name for name in READING_ALONE if name in loaded]
