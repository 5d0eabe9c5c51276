"""Deployments as AWS has them: what an API was when it was deployed, whatever is changed afterwards.

"Updates to REST APIs that require redeployment" in the API Gateway Developer Guide: resources, methods, integrations
and the resource policy do. moto's deployments are empty, and deploying to a stage makes the stage anew.
"""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.apigateway.responses import APIGatewayResponse
from moto.wafv2.models import wafv2_backends

from localcloud.extensions import AwsError, corrects
from localcloud.wafv2 import web_acls

moto_create_deployment = APIGatewayResponse.create_deployment
moto_delete_deployment = APIGatewayResponse.delete_deployment
moto_create_stage = APIGatewayResponse.create_stage
moto_delete_stage = APIGatewayResponse.delete_stage


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An API as it was deployed: its resources in the shape of GetResources with their methods, and its policy."""

    resources: list[Mapping[str, Any]]
    policy: str | None


@corrects(APIGatewayResponse, "CreateDeployment")
def create_deployment(self: Any) -> Any:
    """CreateDeployment: takes the API as it is now; a stage that exists stays, web ACL and all."""
    api = _api(self)
    name = self._get_param("stageName")
    former = api.stages.get(name)
    answer = moto_create_deployment(self)
    deployment_id = json.loads(answer[2])["id"]
    resources = [resource.to_dict() for resource in api.resources.values()]
    api.deployments[deployment_id].snapshot = Snapshot(copy.deepcopy(resources), api.policy)
    if former is not None:
        former.deployment_id = deployment_id
        api.stages[name] = former
    return answer


@corrects(APIGatewayResponse, "DeleteDeployment")
def delete_deployment(self: Any) -> Any:
    """DeleteDeployment: refused while a stage points to it."""
    deployment_id = self.path.split("/")[4]
    if any(stage.deployment_id == deployment_id for stage in _api(self).stages.values()):
        message = "Active stages pointing to this deployment must be moved or deleted"
        raise AwsError("BadRequestException", message)
    deployment = _api(self).deployments.get(deployment_id)
    if deployment is not None:
        deployment.stage_name = None  # moto takes the stage that was deployed to first for the one that points here
    return moto_delete_deployment(self)


@corrects(APIGatewayResponse, "CreateStage")
def create_stage(self: Any) -> Any:
    """CreateStage: the deployment must exist."""
    if self._get_param("deploymentId") not in _api(self).deployments:
        raise AwsError("BadRequestException", "Deployment id does not exist")
    return moto_create_stage(self)


@corrects(APIGatewayResponse, "DeleteStage")
def delete_stage(self: Any) -> Any:
    """DeleteStage: ends its association with a web ACL, which another stage of that name would not have."""
    api, name = _api(self), self.path.split("/")[4]
    answer = moto_delete_stage(self)
    web_acls.dissociate(wafv2_backends[self.current_account][self.region], stage_arn(self.region, api.id, name))
    return answer


def stage_arn(region: str, api_id: str, stage: str) -> str:
    """The ARN of a stage, as AWS WAF names it."""
    return f"arn:aws:apigateway:{region}::/restapis/{api_id}/stages/{stage}"


def deployed(api: Any, stage: Any) -> Snapshot | None:
    """What moto's `stage` of moto's `api` serves; None where its deployment is none of ours."""
    deployment = api.deployments.get(stage.deployment_id)
    return getattr(deployment, "snapshot", None)


def _api(self: Any) -> Any:
    return self.backend.get_rest_api(self.path.split("/")[2])
