"""Whether a key of KMS lets a service of AWS use what it encrypts.

"Key policies in AWS KMS" in its Developer Guide. The policy of a key that AWS manages never lets another service in.
"""

import json

from moto.kms.models import kms_backends

from localcloud import ACCOUNT_ID
from localcloud.resource_policy import ServiceCall, admits

ACTIONS = ("kms:Decrypt", "kms:GenerateDataKey")
"""What a service does that puts something into an encrypted topic or queue."""


def key_admits(name: str, region: str, *, service: str, source_arn: str) -> bool:
    """Whether the key, named by its id, ARN or alias, lets `service` write on behalf of `source_arn`."""
    if name.split(":")[-1].startswith("alias/aws/"):
        return False
    backend = kms_backends[ACCOUNT_ID][region]
    key = backend.keys.get(backend.any_id_to_key_id(name))
    if key is None:
        return False
    statements = json.loads(key.policy)["Statement"]
    return all(admits(statements, ServiceCall(service, action, key.arn, source_arn)) for action in ACTIONS)
