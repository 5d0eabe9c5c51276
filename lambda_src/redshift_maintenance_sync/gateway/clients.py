"""boto3, as every file of this package uses it: how clients are made, and what their errors mean."""

from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, CredentialProvider, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError

from common.errors import TransientError
from redshift_maintenance_sync.model import NotDeferrable, Unavailable
from redshift_maintenance_sync.settings import MemberAccount

WORKERS = 8
"""Calls under way at once: 1,000 clusters with three calls each of 100 ms take 38 s."""

CONFIG = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 5},
    max_pool_connections=WORKERS,
)


def own_session() -> boto3.Session:
    """The function's own account, by the credentials that Lambda gives it."""
    return boto3.Session()


def member_session(own: boto3.Session, member: MemberAccount, name: str) -> boto3.Session:
    """Another account, by its role: assumed with the first call, and again before the credentials expire.

    `name` is what CloudTrail shows there as the session's.
    """
    arguments = {"RoleSessionName": name[:64], **({"ExternalId": member.external_id} if member.external_id else {})}
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=lambda service, **keys: own.client(service, config=CONFIG),
        source_credentials=own.get_credentials(),
        role_arn=member.role_arn,
        extra_args=arguments,
    )
    session = botocore.session.get_session()
    session.get_component("credential_provider").insert_before("env", AssumedRole(fetcher))
    return boto3.Session(botocore_session=session)


class AssumedRole(CredentialProvider):
    """Credentials that are fetched with the first call, and anew before they expire."""

    METHOD = "assume-role"

    def __init__(self, fetcher: AssumeRoleCredentialFetcher) -> None:
        super().__init__()
        self._fetcher = fetcher

    def load(self) -> DeferredRefreshableCredentials:
        """What botocore asks for when a client is made."""
        return DeferredRefreshableCredentials(self._fetcher.fetch_credentials, self.METHOD)


@contextmanager
def errors_of(action: str) -> Iterator[None]:
    """Turn what boto3 raises into errors that say who must act, with AWS's code and message.

    Raises TransientError, and for a cluster that AWS will not change now Unavailable or NotDeferrable.
    """
    try:
        yield
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        match code:
            case "ClusterNotFound":
                why = "it was deleted since it was listed"
            case "InvalidClusterState" if action == "ModifyClusterMaintenance":
                raise NotDeferrable(f"Redshift refuses the deferment: {message}") from error
            case "InvalidClusterState":
                why = f"{action} is not possible in its state, tried again in the next run: {message}"
            case "ConditionalCheckFailedException":
                why = "another run has changed its state meanwhile; looked at again in the next run"
            case _:
                raise TransientError(f"{action}: {code}: {message}") from error
        raise Unavailable(why) from error
    except BotoCoreError as error:
        raise TransientError(f"{action}: {error}") from error
