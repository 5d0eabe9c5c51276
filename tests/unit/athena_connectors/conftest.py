"""The vectors: requests and answers that the official SDK has written, or read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

VECTORS = Path(__file__).with_name("vectors")


@pytest.fixture(scope="session")
def vector() -> Callable[[str], Any]:
    """Reads one by its path: `java/v6_PingRequest.json` parsed, the objects as bytes."""

    def read(name: str) -> Any:
        content = (VECTORS / name).read_bytes()
        return json.loads(content) if name.endswith(".json") else content

    return read
