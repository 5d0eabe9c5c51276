"""The driver that a function imports: python-oracledb itself, and the stand-in's where that is put before it."""

import json
import os
import socket
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from athena_connectors.connections.model import Oracle
from athena_connectors.connections.secrets import Secrets
from athena_connectors.federation.errors import OperationTimeout
from athena_connectors.sources.limits import Limits
from athena_connectors.sources.oracle.source import OracleSource
from localcloud.oracle.database import Contents, Table
from localcloud.oracle.standin import DRIVER, Standin, User

PAYLOADS = Path(__file__).parents[3] / "lambda_src"
PROGRAM = """
import json, os, sys
from athena_connectors.connections.published import parse_connection_string
from athena_connectors.connections.secrets import Secrets
from athena_connectors.federation.model import Constraints, TableName
from athena_connectors.federation.source import Caller, Scan
from athena_connectors.settings import read
from athena_connectors.sources.build import build

class SecretsManager:
    def get_secret_value(self, SecretId):
        return {"SecretString": os.environ["SECRET"]}

settings = read(dict(os.environ))
source = build(parse_connection_string(settings.default_connection), Secrets(SecretsManager()), settings)
table = source.table(TableName("SHOP", "T"))
imported = sorted({name.partition(".")[0] for name in sys.modules} | ({"pyarrow.compute"} & set(sys.modules)))
cursor = source.scan(Scan(table, table.schema, Constraints(), {}, Caller("q", "a")))
rows = sum(batch.num_rows for batch in cursor.batches())
print(json.dumps({"imported": imported, "rows": rows, "driver": sys.modules["oracledb"].__file__}))
"""


def test_a_function_reads_the_stand_in_where_its_driver_comes_first_and_imports_no_other() -> None:
    orders = Table({"ID": "NUMBER(10)"}, pa.table({"id": range(3_000)}))
    with Standin({"athena": User("p")}, Contents({("SHOP", "T"): orders})) as running:
        environment = {
            "PATH": os.defpath,
            "PYTHONPATH": os.pathsep.join((str(DRIVER), str(PAYLOADS))),
            "AWS_DEFAULT_REGION": "eu-central-1",
            "SOURCE": "oracle",
            "DEFAULT_CONNECTION": f"oracle://jdbc:oracle:thin:${{s}}@//127.0.0.1:{running.port}/sales",
            "SPILL_BUCKET": "spill",
            "SPILL_BUCKET_OWNER": "123456789012",
            "SECRET": json.dumps({"username": "athena", "password": "p"}),
        }
        ended = subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
    assert ended.stderr == ""
    found = json.loads(ended.stdout)
    assert found["rows"] == 3_000
    assert not Path(found["driver"]).is_relative_to(DRIVER)
    assert not {"snowflake", "teradatasql", "sqlglot", "duckdb", "pyarrow.compute"} & {*found["imported"]}


@cache
def silent() -> socket.socket:
    """A listener that accepts and says nothing, as long as this process lives: the driver left behind waits for it."""
    return socket.create_server(("127.0.0.1", 0))


REACHED_NOT: dict[str, dict[str, Any]] = {
    "refused": {"port": 1},
    "refused, by SID": {"port": 1, "service": "", "sid": "ORCL"},
    "refused, by TLS": {"port": 1, "tls": True, "server_dn": "CN=db", "wallet": "/opt/wallet"},
    "unknown host": {"host": "no-such-host.invalid"},
    "silent": {},
}


@pytest.mark.parametrize("case", REACHED_NOT)
def test_the_driver_itself_says_within_seconds_that_oracle_is_not_reached(secrets_manager, case: str) -> None:
    """Issue #488: what waited without end hid what was wrong. The driver waits so for a listener that is silent."""
    port = silent().getsockname()[1]
    where = Oracle(**{"host": "127.0.0.1", "port": port, "service": "sales", "secret": "s"} | REACHED_NOT[case])
    source = OracleSource(where, Secrets(secrets_manager(username="athena", password="p")), Limits(), sign_in_seconds=1)
    began = time.monotonic()
    with pytest.raises(OperationTimeout, match=rf"^OPERATION_TIMEOUT_EXCEPTION: .* {where.host}:{where.port} \("):
        source.schemas()
    assert time.monotonic() - began < 5
