"""IP sets where moto is kinder than AWS WAF: API_CreateIPSet, API_UpdateIPSet, API_DeleteIPSet."""

import json
from typing import Any

from moto.wafv2.models import GLOBAL_REGION, wafv2_backends
from moto.wafv2.responses import WAFV2Response

from localcloud.extensions import AwsError, corrects
from localcloud.wafv2 import definition, web_acls

moto_create_ip_set = WAFV2Response.create_ip_set
moto_update_ip_set = WAFV2Response.update_ip_set
moto_delete_ip_set = WAFV2Response.delete_ip_set


@corrects(WAFV2Response, "CreateIPSet")
def create_ip_set(self: Any) -> Any:
    """CreateIPSet: refuses what is no CIDR of its version, and a second set of the same name."""
    body = json.loads(self.body)
    _check(body["Addresses"], body["IPAddressVersion"])
    if any(ip_set.name == body["Name"] for ip_set in _sets(self, body["Scope"]).values()):
        raise AwsError("WAFDuplicateItemException", web_acls.DUPLICATE)
    return moto_create_ip_set(self)


@corrects(WAFV2Response, "UpdateIPSet")
def update_ip_set(self: Any) -> Any:
    """UpdateIPSet: refuses what is no CIDR of the set's version."""
    body = json.loads(self.body)
    for ip_set in _sets(self, body["Scope"]).values():
        if ip_set.ip_set_id == body["Id"]:
            _check(body["Addresses"], ip_set.ip_address_version)
    return moto_update_ip_set(self)


@corrects(WAFV2Response, "DeleteIPSet")
def delete_ip_set(self: Any) -> Any:
    """DeleteIPSet: refused while a web ACL refers to it."""
    body = json.loads(self.body)
    for arn, ip_set in _sets(self, body["Scope"]).items():
        if ip_set.ip_set_id == body["Id"] and web_acls.uses_ip_set(_backend(self, body["Scope"]), arn):
            raise AwsError("WAFAssociatedItemException", web_acls.ASSOCIATED)
    return moto_delete_ip_set(self)


def _check(addresses: list[str], version: str) -> None:
    try:
        definition.check_addresses(addresses, version)
    except definition.DefinitionError as error:
        raise AwsError(error.code, str(error)) from error


def _backend(self: Any, scope: str) -> Any:
    return wafv2_backends[self.current_account][GLOBAL_REGION if scope == "CLOUDFRONT" else self.region]


def _sets(self: Any, scope: str) -> dict[str, Any]:
    sets: dict[str, Any] = _backend(self, scope).ip_sets
    return sets
