"""Web ACLs and their associations where moto is kinder than AWS WAF, or forgetful; and their evaluation.

API_CreateWebACL, API_UpdateWebACL ("replaces the existing settings"), API_AssociateWebACL, API_DeleteWebACL,
API_CheckCapacity and API_ListResourcesForWebACL in the AWS WAF API Reference.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from moto.apigateway.models import apigateway_backends
from moto.core.utils import get_service_model
from moto.wafv2.models import GLOBAL_REGION, WAFV2Backend, wafv2_backends
from moto.wafv2.responses import WAFV2Response

from localcloud.cloudwatch import vended_metrics
from localcloud.extensions import AwsError, adds, corrects
from localcloud.wafv2 import definition
from localcloud.wafv2.evaluation import Verdict, evaluate
from localcloud.wafv2.geography import country
from localcloud.wafv2.statements import Surroundings, parts
from localcloud.wafv2.web_request import WebRequest

NOT_THERE = "AWS WAF could not perform the operation because your resource does not exist."
ASSOCIATED = "AWS WAF could not perform the operation because your resource is being used by another resource."
DUPLICATE = (
    "AWS WAF could not perform the operation because some resource in your request is a duplicate of an existing one."
)

moto_create_web_acl = WAFV2Response.create_web_acl
moto_update_web_acl = WAFV2Response.update_web_acl
moto_delete_web_acl = WAFV2Response.delete_web_acl
moto_associate_web_acl = WAFV2Response.associate_web_acl


@corrects(WAFV2Response, "CreateWebACL")
def create_web_acl(self: Any) -> Any:
    """CreateWebACL: refuses what AWS refuses, and what cannot be evaluated here; knows what the rules take."""
    body = json.loads(self.body)
    backend = _backend(self, body["Scope"])
    units = _check(body, backend)
    if any(acl.name == body["Name"] and _scope(acl.arn) == body["Scope"] for acl in backend.wacls.values()):
        raise AwsError("WAFDuplicateItemException", DUPLICATE)
    answer = moto_create_web_acl(self)
    backend.wacls[json.loads(answer[2])["Summary"]["ARN"]].capacity = units
    return answer


@corrects(WAFV2Response, "UpdateWebACL")
def update_web_acl(self: Any) -> Any:
    """UpdateWebACL: what the request leaves out is gone afterwards, rules too."""
    body = json.loads(self.body)
    backend = _backend(self, body["Scope"])
    units = _check(body, backend)
    answer = moto_update_web_acl(self)
    acl = backend.get_web_acl(None, body["Name"], body["Id"])
    acl.capacity = units
    acl.rules = acl.rules if body.get("Rules") else []
    acl.description = body.get("Description") or ""
    acl.custom_response_bodies = body.get("CustomResponseBodies")
    return answer


@corrects(WAFV2Response, "DeleteWebACL")
def delete_web_acl(self: Any) -> Any:
    """DeleteWebACL: refused while something is associated."""
    body = json.loads(self.body)
    backend = _backend(self, body["Scope"])
    acl = next((acl for acl in backend.wacls.values() if acl.id == body["Id"]), None)
    if acl is not None and list(_resources(acl)):
        raise AwsError("WAFAssociatedItemException", ASSOCIATED)
    return moto_delete_web_acl(self)


@corrects(WAFV2Response, "AssociateWebACL")
def associate_web_acl(self: Any) -> Any:
    """AssociateWebACL: the resource must exist; it has one web ACL at a time."""
    body = json.loads(self.body)
    backend, resource = self.wafv2_backend, body["ResourceArn"]
    if body["WebACLArn"] not in backend.wacls or not _exists(resource, backend.account_id):
        raise AwsError("WAFNonexistentItemException", NOT_THERE)
    dissociate(backend, resource)
    return moto_associate_web_acl(self)


@corrects(WAFV2Response, "GetWebACLForResource")
def get_web_acl_for_resource(self: Any) -> Any:
    """GetWebACLForResource: says nothing where there is none."""
    acl = self.wafv2_backend.get_web_acl_for_resource(json.loads(self.body)["ResourceArn"])
    return 200, {"Content-Type": "application/json"}, json.dumps({"WebACL": acl.to_dict()} if acl else {})


@adds(WAFV2Response, "ListResourcesForWebACL")
def list_resources_for_web_acl(self: Any) -> Any:
    """ListResourcesForWebACL: the ARNs; load balancers where the request names no type, as on AWS."""
    body = json.loads(self.body)
    acl = self.wafv2_backend.wacls.get(body["WebACLArn"])
    if acl is None:
        raise AwsError("WAFNonexistentItemException", NOT_THERE)
    kind = body.get("ResourceType", "APPLICATION_LOAD_BALANCER")
    services = {"API_GATEWAY": ":apigateway:", "APPLICATION_LOAD_BALANCER": ":elasticloadbalancing:"}
    if kind not in services:
        raise NotImplementedError(f"the resource type {kind}")
    found = [arn for arn in _resources(acl) if services[kind] in arn]
    return 200, {"Content-Type": "application/json"}, json.dumps({"ResourceArns": found})


@adds(WAFV2Response, "CheckCapacity")
def check_capacity(self: Any) -> Any:
    """CheckCapacity: the web ACL capacity units that rules take."""
    body = json.loads(self.body)
    around_them = {"DefaultAction": {"Allow": {}}, "VisibilityConfig": {"MetricName": "capacity"}}
    units = _check(body | around_them, _backend(self, body["Scope"]))
    return 200, {"Content-Type": "application/json"}, json.dumps({"Capacity": units})


def dissociate(backend: WAFV2Backend, resource_arn: str) -> None:
    """End every association of a resource, one that is deleted perhaps."""
    for acl in backend.wacls.values():
        acl.associated_resources = [arn for arn in acl.associated_resources if arn != resource_arn]


def uses_ip_set(backend: WAFV2Backend, arn: str) -> bool:
    """Whether a rule of some web ACL refers to the IP set."""
    return any(
        body.get("ARN") == arn
        for acl in backend.wacls.values()
        for rule in acl.rules
        for _, body in parts(rule.statement)
    )


def judge(account: str, region: str, resource_arn: str, request: WebRequest) -> tuple[str, Verdict] | None:
    """What the web ACL that is associated with a resource does with a request: its ARN, and the verdict.

    None where there is no web ACL. CloudWatch gets its metrics.
    """
    backend: WAFV2Backend = wafv2_backends[account][region]
    acl = backend.get_web_acl_for_resource(resource_arn)
    if acl is None:
        return None
    described: Mapping[str, Any] = acl.to_dict()
    ip_sets = {arn: ip_set.addresses for arn, ip_set in backend.ip_sets.items()}
    verdict = evaluate(described, request, Surroundings(ip_sets, country))
    vended_metrics.record_web_request(region, described, verdict)
    return acl.arn, verdict


def _check(body: Mapping[str, Any], backend: WAFV2Backend) -> int:
    countries = get_service_model("wafv2").shape_for("CountryCode").enum
    try:
        return definition.check(body, countries, backend.ip_sets)
    except definition.DefinitionError as error:
        raise AwsError(error.code, str(error)) from error


def _backend(self: Any, scope: str) -> WAFV2Backend:
    region = GLOBAL_REGION if scope == "CLOUDFRONT" else self.region
    return wafv2_backends[self.current_account][region]


def _scope(arn: str) -> str:
    return "CLOUDFRONT" if arn.split(":")[5].startswith("global") else "REGIONAL"


def _resources(acl: Any) -> Iterator[str]:
    return (arn for arn in acl.associated_resources if _exists(arn, acl.account))


def _exists(resource_arn: str, account: str) -> bool:
    """Whether a stage exists; of resources of other services nothing is known, they are taken to exist."""
    _, _, service, region, _, name = resource_arn.split(":", 5)
    if service != "apigateway":
        return True
    match name.split("/"):
        case ["", "restapis", api_id, "stages", stage]:
            api = apigateway_backends[account][region].apis.get(api_id)
            return api is not None and stage in api.stages
        case _:
            return False
