"""Tags of endpoints, whose ids moto takes for malformed."""

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.responses import EC2Response
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, EC2_RESOURCE_TO_PREFIX

from localcloud.client_vpn.requests import endpoint_not_found, opened
from localcloud.extensions import corrects

PREFIX = "cvpn-endpoint-"

moto_create_tags = EC2Response.create_tags
moto_delete_tags = EC2Response.delete_tags


@corrects(EC2Response, "CreateTags")
def create_tags(self: Any) -> ActionResult:
    """CreateTags: of Client VPN endpoints too."""
    if not _ours(self):
        return moto_create_tags(self)
    tags = {tag["Key"]: tag["Value"] for tag in self._get_param("Tags", [])}
    self.ec2_backend.create_tags(self._get_param("Resources"), tags)
    return ActionResult({})


@corrects(EC2Response, "DeleteTags")
def delete_tags(self: Any) -> ActionResult:
    """DeleteTags: of Client VPN endpoints too."""
    if not _ours(self):
        return moto_delete_tags(self)
    tags = {tag["Key"]: tag.get("Value") for tag in self._get_param("Tags", [])}
    self.ec2_backend.delete_tags(self._get_param("Resources"), tags)
    return ActionResult({})


def _ours(self: Any) -> bool:
    """Whether the request is about endpoints. Raises AwsError when one does not exist."""
    resources = self._get_param("Resources", [])
    endpoints = [resource for resource in resources if resource.startswith(PREFIX)]
    if endpoints and len(endpoints) < len(resources):
        raise NotImplementedError("tags for Client VPN endpoints and other resources at once")
    with opened(self.ec2_backend) as (vpn, _):
        for endpoint_id in endpoints:
            if endpoint_id not in vpn.endpoints:
                raise endpoint_not_found(endpoint_id)
    self.error_on_dryrun()
    return bool(endpoints)


def install() -> None:
    """Let DescribeTags know what kind of resource an endpoint is; harmless when repeated."""
    EC2_RESOURCE_TO_PREFIX["client-vpn-endpoint"] = "cvpn"
    EC2_PREFIX_TO_RESOURCE["cvpn"] = "client-vpn-endpoint"
