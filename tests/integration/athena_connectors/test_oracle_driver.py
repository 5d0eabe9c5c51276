"""The driver that a function imports: python-oracledb itself, and the stand-in's where that is put before it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa

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
