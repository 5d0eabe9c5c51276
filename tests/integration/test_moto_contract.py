"""The local cloud completes one version of moto: these tests say what to undo when another one comes."""

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

# Runs where nothing of ours has been put in place yet. Importing our modules only fills the list.
PLAIN_MOTO = """
import json
from pydoc import locate
from moto.core.utils import get_service_model, method_names_from_class
from moto.redshift.models import Cluster
from moto.ec2.models.elastic_ip_addresses import random_ip
import localcloud.server
from localcloud.extensions import EXTENSIONS
from localcloud.redshift.clusters import ATTRIBUTES
replaced = {
    "moto.awslambda.models.LambdaBackend": ["create_event_source_mapping", "invoke"],
    "moto.awslambda.models.LambdaFunction": ["__init__", "get_code", "get_configuration", "invoke"],
    "moto.awslambda.models.LambdaStorage": ["publish_version"],
    "moto.kinesis.models.KinesisBackend": [
        "_find_stream_by_arn", "_send_stream_metrics", "describe_stream", "list_streams"
    ],
    "moto.kinesis.models.Stream": ["get_shard_for_key", "init_shards", "update_shard_count"],
    "moto.sns.models.Subscription": ["publish"],
}
print(json.dumps({
    "missing": [
        f"{path}.{name}" for path, names in replaced.items() for name in names if not hasattr(locate(path), name)
    ],
    "actions": [
        {
            "name": f"{item.response.__name__}.{item.action}",
            "service": item.response().boto3_service_name,
            "action": item.action,
            "added": item.added,
            "in_moto": item.method in method_names_from_class(item.response),
            "in_botocore": item.action in get_service_model(item.response().boto3_service_name).operation_names,
        }
        for item in EXTENSIONS
    ],
    "elastic_ip": random_ip(),
    "attributes": {
        name: hasattr(Cluster, name) or name in Cluster.__init__.__code__.co_names for name in ATTRIBUTES
    },
}))
"""


@pytest.fixture(scope="module")
def plain() -> dict[str, Any]:
    """What moto has by itself of what we add and correct."""
    command = [sys.executable, "-W", "ignore", "-c", PLAIN_MOTO]
    environment = {"PYTHONPATH": str(ROOT / "scripts"), "PATH": ""}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def test_moto_is_the_version_that_was_completed() -> None:
    assert version("moto") == "5.2.5"
    assert 'moto[server]==5.2.5"' in (ROOT / "pyproject.toml").read_text()


def test_moto_still_lacks_every_action_that_we_add(plain: dict[str, Any]) -> None:
    added = [item for item in plain["actions"] if item["added"]]
    assert {"RedshiftResponse.ModifyClusterMaintenance", "RedshiftResponse.DescribeEvents"} <= {
        item["name"] for item in added
    }
    gained = [item["name"] for item in added if item["in_moto"]]
    assert not gained, f"moto now has {', '.join(gained)}: remove ours, or make it a correction"


def test_moto_still_has_every_action_that_we_correct(plain: dict[str, Any]) -> None:
    lost = [item["name"] for item in plain["actions"] if not item["added"] and not item["in_moto"]]
    assert not lost, f"moto no longer has {', '.join(lost)}: add it, or find where it went"


def test_moto_still_has_what_we_put_ours_in_place_of(plain: dict[str, Any]) -> None:
    assert not plain["missing"], f"moto no longer has {', '.join(plain['missing'])}: find what calls ours now"


def test_moto_still_lacks_every_attribute_that_we_add(plain: dict[str, Any]) -> None:
    gained = [name for name, present in plain["attributes"].items() if present]
    assert not gained, f"moto's Redshift cluster now has {', '.join(gained)}: remove ours"


def test_moto_still_draws_elastic_ips_by_the_function_that_we_replace(plain: dict[str, Any]) -> None:
    assert plain["elastic_ip"].startswith("127."), "moto's Elastic IPs are no longer of loopback: remove ours"


def test_aws_has_every_action_that_we_add_or_correct(plain: dict[str, Any]) -> None:
    invented = [item["name"] for item in plain["actions"] if not item["in_botocore"]]
    assert not invented, f"botocore knows no {', '.join(invented)}"


def test_installing_over_a_moto_that_gained_an_action_fails() -> None:
    code = (
        "from moto.redshift.responses import RedshiftResponse\n"
        "import localcloud.server\n"
        "RedshiftResponse.describe_events = lambda self: None\n"
        "localcloud.server.build_application()\n"
    )
    command = [sys.executable, "-W", "ignore", "-c", code]
    environment = {"PYTHONPATH": str(ROOT / "scripts"), "PATH": ""}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "moto has RedshiftResponse.describe_events" in result.stderr
