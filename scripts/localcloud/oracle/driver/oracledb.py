"""python-oracledb as it ships, but for `connect`, which goes to the stand-in: found before the driver on the path."""

import importlib
import sys
from pathlib import Path

_here = str(Path(__file__).resolve().parent)
_path = list(sys.path)
sys.path[:] = [place for place in _path if str(Path(place or ".").resolve()) != _here]
del sys.modules["oracledb"]
try:
    _driver = importlib.import_module("oracledb")
finally:
    sys.path[:] = _path

_driver.connect = importlib.import_module("standin_connection").connect  # type: ignore[attr-defined]
