"""Environments that start before anybody invokes them: provisioned concurrency, and SnapStart."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from deployment import create_function, zipped
from localcloud.client import LocalCloud

SOURCE = """
import os, time, uuid

born, key = time.time(), uuid.uuid4().hex
calls = 0

def handler(event, context):
    global calls
    calls += 1
    time.sleep(event.get("seconds", 0))
    if event.get("leave"):
        os._exit(3)
    return {"born": born, "key": key, "calls": calls, "type": os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"]}
"""
BROKEN = 'raise RuntimeError("no such table")'
SNAP_START = {"ApplyOn": "PublishedVersions"}

Refusal = Callable[..., tuple[str, str]]


def publish(cloud: LocalCloud, name: str, source: str = SOURCE, **settings: Any) -> Any:
    """A function with version 1, which the alias live points to."""
    create_function(cloud, name, zipped(source), "payload.handler", Publish=True, **settings)
    client = cloud.client("lambda")
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    return client


def provision(client: Any, name: str, count: int, qualifier: str = "live") -> dict[str, Any]:
    """Put the configuration and wait until it is not IN_PROGRESS any more."""
    key = {"FunctionName": name, "Qualifier": qualifier}
    put = client.put_provisioned_concurrency_config(ProvisionedConcurrentExecutions=count, **key)
    assert put["Status"] == "IN_PROGRESS"
    assert (put["AllocatedProvisionedConcurrentExecutions"], put["RequestedProvisionedConcurrentExecutions"]) == (
        0,
        count,
    )
    return settled(lambda: client.get_provisioned_concurrency_config(**key), "Status", "IN_PROGRESS")


def settled(describe: Callable[[], dict[str, Any]], field: str, passing: str) -> dict[str, Any]:
    until = time.monotonic() + 20
    while (found := describe())[field] == passing:
        assert time.monotonic() < until, found
        time.sleep(0.02)
    return found


def call(client: Any, name: str, qualifier: str = "live", **event: Any) -> dict[str, Any]:
    answer = client.invoke(FunctionName=name, Qualifier=qualifier, Payload=json.dumps(event))
    return dict(json.load(answer["Payload"]))


def cold_starts(cloud: LocalCloud, name: str) -> list[bool]:
    return [item["cold_start"] for item in cloud.invocations() if item["function"] == name]


def test_provisioned_environments_start_once_before_anybody_asks(cloud: LocalCloud, name: str) -> None:
    client = publish(cloud, name)
    ready = provision(client, name, 2)
    assert ready["Status"] == "READY"
    assert {ready[f"{kind}ProvisionedConcurrentExecutions"] for kind in ("Available", "Allocated", "Requested")} == {2}
    asked = time.time()
    with ThreadPoolExecutor(3) as threads:
        found = list(threads.map(lambda _: call(client, name, seconds=0.5), range(3)))
    ahead = [item for item in found if item["type"] == "provisioned-concurrency"]
    assert len({item["key"] for item in ahead}) == 2
    assert all(item["born"] < asked for item in ahead)
    assert sorted(cold_starts(cloud, name)) == [False, False, True]  # who finds none waiting starts one on demand
    assert call(client, name)["calls"] == 2


def test_only_who_asks_by_that_alias_finds_them(cloud: LocalCloud, name: str) -> None:
    client = publish(cloud, name)
    provision(client, name, 1)
    types = [call(client, name, qualifier)["type"] for qualifier in ("live", "1", "$LATEST")]
    assert types == ["provisioned-concurrency", "on-demand", "on-demand"]


def test_an_alias_that_moves_on_takes_them_along(cloud: LocalCloud, name: str) -> None:
    client = publish(cloud, name)
    provision(client, name, 1)
    former = call(client, name)
    client.update_function_configuration(FunctionName=name, MemorySize=512)
    version = client.publish_version(FunctionName=name)["Version"]
    client.update_alias(FunctionName=name, Name="live", FunctionVersion=version)
    key = {"FunctionName": name, "Qualifier": "live"}
    ready = settled(lambda: client.get_provisioned_concurrency_config(**key), "Status", "IN_PROGRESS")
    assert ready["Status"] == "READY"
    found = call(client, name)
    assert (found["type"], found["calls"], found["key"] == former["key"]) == ("provisioned-concurrency", 1, False)


def test_without_the_configuration_nothing_waits(cloud: LocalCloud, name: str, refusal: Refusal) -> None:
    client = publish(cloud, name)
    key = {"FunctionName": name, "Qualifier": "live"}
    missing = (
        "ProvisionedConcurrencyConfigNotFoundException",
        "No Provisioned Concurrency Config found for this function",
    )
    assert refusal(client.get_provisioned_concurrency_config, **key) == missing
    provision(client, name, 1)
    client.delete_provisioned_concurrency_config(**key)
    assert refusal(client.get_provisioned_concurrency_config, **key) == missing
    assert call(client, name)["type"] == "on-demand"


def test_what_cannot_initialise_is_not_ready(cloud: LocalCloud, name: str) -> None:
    found = provision(publish(cloud, name, BROKEN), name, 2)
    assert (found["Status"], found["StatusReason"]) == ("FAILED", "FUNCTION_ERROR_INIT_FAILURE")
    assert found["AvailableProvisionedConcurrentExecutions"] == 0


def test_reserved_concurrency_bounds_what_waits_and_what_starts_on_demand(
    cloud: LocalCloud, name: str, refusal: Refusal
) -> None:
    client = publish(cloud, name)
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    put = client.put_provisioned_concurrency_config
    code, said = refusal(put, FunctionName=name, Qualifier="live", ProvisionedConcurrentExecutions=2)
    assert code == "InvalidParameterValueException"
    assert "should not be greater than the reservedConcurrentExecution" in said
    provision(client, name, 1)
    with ThreadPoolExecutor(2) as threads:  # the one that is throttled is tried again by its client
        found = list(threads.map(lambda _: call(client, name, seconds=0.5), range(2)))
    assert {item["type"] for item in found} == {"provisioned-concurrency"}
    assert "throttled" in {item["status"] for item in cloud.invocations() if item["function"] == name}


def test_refuses_what_aws_refuses_and_what_this_machine_cannot(cloud: LocalCloud, name: str, refusal: Refusal) -> None:
    client = publish(cloud, name)
    client.create_alias(FunctionName=name, Name="newest", FunctionVersion="$LATEST")
    put = client.put_provisioned_concurrency_config

    def refused(qualifier: str, count: int = 1) -> str:
        return refusal(put, FunctionName=name, Qualifier=qualifier, ProvisionedConcurrentExecutions=count)[0]

    assert [refused(qualifier) for qualifier in ("$LATEST", "newest")] == ["InvalidParameterValueException"] * 2
    assert [refused(qualifier) for qualifier in ("nobody", "9")] == ["ResourceNotFoundException"] * 2
    assert refused("live", 11) == "NotImplemented"
    provision(client, name, 1, "1")
    assert refused("live") == "ResourceConflictException"
    client.delete_provisioned_concurrency_config(FunctionName=name, Qualifier="1")
    provision(client, name, 1)
    assert refused("1") == "ResourceConflictException"


def test_a_version_with_snap_start_is_initialised_when_published_and_restored_when_invoked(
    cloud: LocalCloud, name: str, refusal: Refusal
) -> None:
    client = publish(cloud, name, SnapStart=SNAP_START)
    latest = client.get_function_configuration(FunctionName=name)["SnapStart"]
    assert latest == {**SNAP_START, "OptimizationStatus": "Off"}
    version = settled(lambda: client.get_function_configuration(FunctionName=name, Qualifier="1"), "State", "Pending")
    assert (version["State"], version["SnapStart"]) == ("Active", {**SNAP_START, "OptimizationStatus": "On"})
    asked = time.time()
    first, second = call(client, name), call(client, name)
    assert (first["type"], first["key"]) == ("snap-start", second["key"])
    assert first["born"] < asked
    restores = [item["restore_ms"] for item in cloud.invocations() if item["function"] == name]
    assert restores[0] > 0
    assert restores[1] is None
    assert cold_starts(cloud, name) == [False, False]
    code, said = refusal(
        client.put_provisioned_concurrency_config,
        FunctionName=name,
        Qualifier="live",
        ProvisionedConcurrentExecutions=1,
    )
    assert (code, "SnapStart" in said) == ("InvalidParameterValueException", True)
    assert call(client, name, "$LATEST")["type"] == "on-demand"


def test_one_environment_is_all_that_a_snapshot_gives_here(cloud: LocalCloud, name: str, refusal: Refusal) -> None:
    client = publish(cloud, name, SnapStart=SNAP_START)
    settled(lambda: client.get_function_configuration(FunctionName=name, Qualifier="1"), "State", "Pending")
    client.invoke(FunctionName=name, Qualifier="live", Payload=json.dumps({"leave": True}))
    code, said = refusal(client.invoke, FunctionName=name, Qualifier="live")
    assert (code, "a second environment from one snapshot" in said) == ("NotImplemented", True)


def test_a_snapshot_that_cannot_be_taken_fails_the_version(cloud: LocalCloud, name: str, refusal: Refusal) -> None:
    client = publish(cloud, name, BROKEN, SnapStart=SNAP_START)
    version = settled(lambda: client.get_function_configuration(FunctionName=name, Qualifier="1"), "State", "Pending")
    assert (version["State"], "no such table" in version["StateReason"]) == ("Failed", True)
    assert refusal(client.invoke, FunctionName=name, Qualifier="live")[0] == "ResourceConflictException"


def test_snap_start_refuses_what_lambda_does_not_restore(cloud: LocalCloud, name: str) -> None:
    for settings in ({"Runtime": "python3.11"}, {"EphemeralStorage": {"Size": 1024}}):
        with pytest.raises(ClientError, match="SnapStart"):
            create_function(
                cloud,
                f"{name}{len(settings)}{next(iter(settings))}",
                zipped(SOURCE),
                "payload.handler",
                SnapStart=SNAP_START,
                **settings,
            )
