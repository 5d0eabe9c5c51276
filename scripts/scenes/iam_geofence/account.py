"""What is in the account before the fence: a certificate, an identity provider, and roles for the policy."""

import json
from typing import Any

import trustme

from localcloud import ACCOUNT_ID
from localcloud.client import LocalCloud

ANALYST, BREAK_GLASS, KEEPER, FUNCTION = "analyst", "break-glass", "deploy", "report-function"
PROVIDER = "people"
HOST = "vpn.example.com"

_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT_ID}, "Action": "sts:AssumeRole"}],
}
_ANYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
_METADATA = (
    '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com">'
    '<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
    '<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" '
    'Location="https://idp.example.com/sso"/></IDPSSODescriptor></EntityDescriptor>'
)
"""IAM takes at least 1,000 characters of metadata: it is padded by a comment."""


def arn_of(role: str) -> str:
    """The ARN of one of the roles."""
    return f"arn:aws:iam::{ACCOUNT_ID}:role/{role}"


def furnish(cloud: LocalCloud) -> dict[str, Any]:
    """Make all of it; returns `certificate_arn` and `provider_arn`."""
    authority = trustme.CA()
    certificate = authority.issue_cert(HOST)
    imported = cloud.client("acm").import_certificate(
        Certificate=certificate.cert_chain_pems[0].bytes(),
        PrivateKey=certificate.private_key_pem.bytes(),
        CertificateChain=authority.cert_pem.bytes(),
    )
    iam = cloud.client("iam")
    metadata = f"{_METADATA}<!--{' ' * 1000}-->"
    provider = iam.create_saml_provider(SAMLMetadataDocument=metadata, Name=PROVIDER)
    for role in (ANALYST, BREAK_GLASS, KEEPER, FUNCTION):
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(_TRUST))
        iam.put_role_policy(RoleName=role, PolicyName="anything", PolicyDocument=json.dumps(_ANYTHING))
    return {"certificate_arn": imported["CertificateArn"], "provider_arn": provider["SAMLProviderArn"]}
