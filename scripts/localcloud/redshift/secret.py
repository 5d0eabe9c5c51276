"""The password that Redshift keeps in Secrets Manager for a cluster made with ManageMasterPassword.

The name `redshift!<cluster>-<user>` and the content are those of "Managing Amazon Redshift admin passwords using AWS
Secrets Manager" in the Cluster Management Guide. Nothing rotates it.
"""

import json
import secrets
from typing import Any

from moto.secretsmanager.models import secretsmanager_backends


def create(cluster: Any, kms_key_id: str | None) -> None:
    """Store a password for the admin of `cluster` and note its place on the cluster."""
    cluster.master_user_password = secrets.token_urlsafe(24)
    secret = _backend(cluster).create_managed_secret(
        service_name="redshift",
        secret_id=f"redshift!{cluster.cluster_identifier}-{cluster.master_username}",
        secret_string=json.dumps({"username": cluster.master_username, "password": cluster.master_user_password}),
        description=f"Admin password of the Redshift cluster {cluster.cluster_identifier}",
        kms_key_id=kms_key_id,
    )
    cluster.master_password_secret_arn = secret.arn
    cluster.master_password_secret_kms_key_id = kms_key_id


def delete(cluster: Any) -> None:
    """Remove the secret of `cluster`, if it has one."""
    if arn := getattr(cluster, "master_password_secret_arn", None):
        _backend(cluster).delete_secret(arn, recovery_window_in_days=None, force_delete_without_recovery=True)


def _backend(cluster: Any) -> Any:
    return secretsmanager_backends[cluster.account_id][cluster.region]
