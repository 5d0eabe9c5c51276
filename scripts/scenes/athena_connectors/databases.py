"""Oracle's and Teradata's stand-ins with the scene's rows, in a process of their own that ends with the local cloud.

This file, run as a program, reads `{"directory", "user", "passwords", "until"}` from its standard
input, prints `{"erp": <port>, "logistics": <port>}`, and serves.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pyarrow.parquet as pq

from localcloud.lifetime import end_with
from localcloud.oracle.database import Contents, Table
from localcloud.oracle.standin import Standin as Oracle
from localcloud.oracle.standin import User as OracleUser
from localcloud.teradata.server import Standin as Teradata
from localcloud.teradata.system import User as TeradataUser
from scenes import SceneError

SCRIPTS = Path(__file__).resolve().parents[2]
INVOICES = {"ID": "NUMBER(10)", "CUSTOMER": "NUMBER(10)", "AMOUNT": "NUMBER(12,2)", "STATE": "CHAR(8)"}
SHIPMENTS = """
CREATE DATABASE Freight;
CREATE TABLE Freight.Shipments (Id INTEGER, Customer INTEGER, Weight DECIMAL(12,3)) PRIMARY INDEX (Id);
INSERT INTO Freight.Shipments SELECT * FROM read_parquet('{directory}/shipments.parquet');
"""


def start(directory: Path, user: str, passwords: Mapping[str, str], until: int | None) -> dict[str, int]:
    """Start both with the Parquet files of `directory`; their ports by source. Raises SceneError."""
    process = subprocess.Popen(
        [sys.executable, __file__],
        env={**os.environ, "PYTHONPATH": str(SCRIPTS)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    given = {"directory": str(directory), "user": user, "passwords": passwords, "until": until or os.getpid()}
    if process.stdin is None or process.stdout is None:
        raise SceneError("the process of the databases has no pipes")
    with process.stdin as sent:
        sent.write(json.dumps(given).encode())
    with process.stdout as said:
        line = said.readline()
    if not line:
        raise SceneError("the stand-ins of Oracle and Teradata did not start: see what they say above")
    ports: dict[str, int] = json.loads(line)
    return ports


def main() -> None:
    """Serve until the process ends that is named."""
    given = json.load(sys.stdin)
    directory, user, passwords = Path(given["directory"]), given["user"], given["passwords"]
    invoices = Table(INVOICES, pq.read_table(directory / "invoices.parquet"))
    oracle = Oracle({user: OracleUser(passwords["erp"])}, Contents({("SHOP", "INVOICES"): invoices}))
    seed = SHIPMENTS.format(directory=directory)
    teradata = Teradata.start({user: TeradataUser(passwords["logistics"])}, seed)
    print(json.dumps({"erp": oracle.port, "logistics": teradata.port}), flush=True)
    end_with(given["until"])


if __name__ == "__main__":
    main()
