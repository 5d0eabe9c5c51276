"""Provisioned concurrency: environments of a version or an alias that have started before anybody invokes it.

Sources: "Configuring provisioned concurrency for a function" in the Lambda Developer Guide,
API_PutProvisionedConcurrencyConfig; AWS documents no texts of its refusals.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from moto.awslambda import urls
from moto.awslambda.responses import LambdaResponse
from moto.core.responses import ActionResult

from localcloud import clock
from localcloud.extensions import AwsError, adds, corrects
from localcloud.functions import invocations, snap_start
from localcloud.functions.fleet import ReadyFleet

UNPUBLISHED = "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
PATH = r"{0}/(?P<api_version>[^/]+)/functions/(?P<function_name>[\w_:%-]+)/provisioned-concurrency/?$"

moto_update_alias = LambdaResponse.update_alias
moto_delete_alias = LambdaResponse.delete_alias


@dataclass(frozen=True, slots=True)
class _Config:
    requested: int
    modified: str
    fleet: ReadyFleet

    def describe(self) -> dict[str, Any]:
        """In the shape of GetProvisionedConcurrencyConfig."""
        failure, available = self.fleet.failure, self.fleet.available
        told = {
            "RequestedProvisionedConcurrentExecutions": self.requested,
            "AvailableProvisionedConcurrentExecutions": available,
            "AllocatedProvisionedConcurrentExecutions": available,
            "Status": "FAILED" if failure else "READY" if available == self.requested else "IN_PROGRESS",
            "LastModified": self.modified,
        }
        return told | ({"StatusReason": "FUNCTION_ERROR_INIT_FAILURE"} if failure else {})


@dataclass(frozen=True, slots=True)
class _Target:
    """What environments wait for: moto's alias or version `named`, by its own ARN, and the `version` it leads to."""

    arn: str
    named: Any
    version: Any


def install() -> None:
    """Let moto route the actions, which it has no path for; harmless when repeated."""
    urls.url_paths[PATH] = LambdaResponse.dispatch


@adds(LambdaResponse, "PutProvisionedConcurrencyConfig")
def put_provisioned_concurrency_config(self: Any) -> Any:
    """PutProvisionedConcurrencyConfig: starts them all anew, whatever waited before."""
    target, requested = _target(self), int(self._get_param("ProvisionedConcurrentExecutions"))
    _check(self.backend, target, requested)
    _start(target, requested)
    return ActionResult(target.named.provisioned.describe())


@adds(LambdaResponse, "GetProvisionedConcurrencyConfig")
def get_provisioned_concurrency_config(self: Any) -> Any:
    """GetProvisionedConcurrencyConfig: IN_PROGRESS until all have started, FAILED when one could not."""
    if self._get_param("List"):
        raise NotImplementedError("ListProvisionedConcurrencyConfigs")
    config = _config(_target(self).named)
    if config is None:
        message = "No Provisioned Concurrency Config found for this function"
        raise AwsError("ProvisionedConcurrencyConfigNotFoundException", message)
    return ActionResult(config.describe())


@adds(LambdaResponse, "DeleteProvisionedConcurrencyConfig")
def delete_provisioned_concurrency_config(self: Any) -> Any:
    """DeleteProvisionedConcurrencyConfig: what waits ends, what is busy when it has finished."""
    target = _target(self)
    target.named.provisioned = None
    invocations.stop_ahead(target.arn)
    return ActionResult({})


@corrects(LambdaResponse, "UpdateAlias")
def update_alias(self: Any) -> Any:
    """UpdateAlias: environments of the version that the alias leads to from now on are started."""
    answer = moto_update_alias(self)
    name, alias = self.path.split("/")[3], self.path.rstrip("/").rsplit("/", 1)[-1]
    target = _alias(self.backend, unquote(name), unquote(alias))
    if (config := _config(target.named)) is not None:
        _check(self.backend, target, config.requested)
        _start(target, config.requested)
    return answer


@corrects(LambdaResponse, "DeleteAlias")
def delete_alias(self: Any) -> Any:
    """DeleteAlias: with it goes what waits for it."""
    name, alias = self.path.split("/")[3], self.path.rstrip("/").rsplit("/", 1)[-1]
    target = _alias(self.backend, unquote(name), unquote(alias))
    answer = moto_delete_alias(self)
    invocations.stop_ahead(target.arn)
    return answer


def _start(target: _Target, requested: int) -> None:
    fleet = invocations.start_ahead(target.version, target.arn, requested, "provisioned-concurrency")
    target.named.provisioned = _Config(requested, f"{clock.now():%Y-%m-%dT%H:%M:%S+0000}", fleet)


def _target(self: Any) -> _Target:
    """What the request names. Raises AwsError for what is not published, and moto's errors for what does not exist."""
    name, qualifier = unquote(self.path.split("/")[3]), self._get_param("Qualifier")
    if qualifier == "$LATEST":
        raise AwsError("InvalidParameterValueException", UNPUBLISHED)
    if not qualifier.isdigit():
        return _alias(self.backend, name, qualifier)
    version = self.backend.get_function(name, qualifier)
    return _Target(version.function_arn, version, version)


def _alias(backend: Any, name: str, qualifier: str) -> _Target:
    function = backend.get_function(name)
    alias = backend.get_alias(qualifier, function.function_name)
    return _Target(alias.arn, alias, backend.get_function(function.function_name, alias.function_version))


def _check(backend: Any, target: _Target, requested: int) -> None:
    version = target.version
    if version.version == "$LATEST":
        raise AwsError("InvalidParameterValueException", UNPUBLISHED)
    if snap_start.is_restored(version):
        message = "Provisioned concurrency cannot be configured for a version with SnapStart."
        raise AwsError("InvalidParameterValueException", message)
    others = [item for item in _all_of(backend, version.function_name) if item.arn != target.arn]
    reserved = backend.get_function(version.function_name).reserved_concurrency
    if reserved is not None and requested + sum(item.named.provisioned.requested for item in others) > int(reserved):
        message = (
            "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function"
        )
        raise AwsError("InvalidParameterValueException", message)
    same = [item for item in others if item.version is version and (item.named is version) != (target.named is version)]
    if same and target.named is version:
        raise AwsError("ResourceConflictException", "Version is pointed by a Provisioned Concurrency alias")
    if same:
        message = "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"
        raise AwsError("ResourceConflictException", message)
    if getattr(target.named, "routing_config", None):
        raise NotImplementedError("provisioned concurrency of an alias with weights")
    if requested > invocations.MOST_ENVIRONMENTS:
        raise NotImplementedError(f"more than {invocations.MOST_ENVIRONMENTS} environments")


def _all_of(backend: Any, name: str) -> list[_Target]:
    """Everything of a function that has a configuration."""
    versions = [item for item in backend.list_versions_by_function(name) if str(item.version) != "$LATEST"]
    found = [_Target(item.function_arn, item, item) for item in versions]
    found += [_alias(backend, name, alias.name) for alias in backend.list_aliases(name)]
    return [item for item in found if _config(item.named)]


def _config(named: Any) -> _Config | None:
    return getattr(named, "provisioned", None)
