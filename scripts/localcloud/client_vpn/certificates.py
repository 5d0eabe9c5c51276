"""Certificates that endpoints use stay where they are (API_DeleteCertificate)."""

from typing import Any

from moto.acm.responses import AWSCertificateManagerResponse
from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends

from localcloud.client_vpn.requests import opened
from localcloud.extensions import AwsError, corrects

moto_delete_certificate = AWSCertificateManagerResponse.delete_certificate


@corrects(AWSCertificateManagerResponse, "DeleteCertificate")
def delete_certificate(self: Any) -> ActionResult:
    """DeleteCertificate: not while a Client VPN endpoint has it."""
    arn = self._get_param("CertificateArn")
    with opened(ec2_backends[self.current_account][self.region]) as (vpn, _):
        users = [endpoint.id for endpoint in vpn.endpoints.values() if arn in _certificates(endpoint.settings)]
    if users:
        raise AwsError("ResourceInUseException", f"Certificate {arn} in account {self.current_account} is in use.")
    return moto_delete_certificate(self)


def _certificates(settings: dict[str, Any]) -> set[str]:
    mutual = [option.get("MutualAuthentication", {}) for option in settings["AuthenticationOptions"]]
    roots = {option["ClientRootCertificateChain"] for option in mutual if option}
    return roots | {settings["ServerCertificateArn"]}
