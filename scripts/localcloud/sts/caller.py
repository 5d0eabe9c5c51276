"""Who sends a request: the account and principal behind its access key.

- a key that STS gave out: the role's account; refused once it has expired, or without its session token;
- twelve digits: that account, as its root user. Only the local cloud knows such keys;
- a key of an IAM user: the user's account;
- any other, `test` for instance: the root user of the account 123456789012.
"""

import re
from dataclasses import dataclass

from moto.core.request import Request
from moto.iam.models import get_account_id_from, iam_backends

from localcloud import ACCOUNT_ID
from localcloud.missing import credential_scope
from localcloud.refusal import RefusalError
from localcloud.sts import sessions
from localcloud.sts.sessions import Session

ACCOUNT = re.compile(r"\d{12}")


@dataclass(frozen=True, slots=True)
class Caller:
    """The sender of one request; `region` is the one that it is signed for."""

    account: str
    region: str
    access_key: str
    token: str
    session: Session | None

    @classmethod
    def of(cls, request: Request) -> "Caller | None":
        """Read the sender off a request; None for an unsigned one."""
        scope = credential_scope(request)
        if not scope:
            return None
        access_key = scope[0]
        token = request.headers.get("X-Amz-Security-Token") or request.args.get("X-Amz-Security-Token", "")
        session = sessions.find(access_key)
        if session:
            account = session.account
        else:
            account = access_key if ACCOUNT.fullmatch(access_key) else get_account_id_from(access_key)
        return cls(account, scope[2], access_key, token, session)

    @property
    def arn(self) -> str:
        """The principal as policies and errors name it."""
        if self.session:
            return self.session.arn
        user = iam_backends[self.account]["aws"].get_user_from_access_key_id(self.access_key)
        return str(user.arn) if user else f"arn:aws:iam::{self.account}:root"

    @property
    def function(self) -> str | None:
        """The name of the function that sends it, by its own credentials or those of a role that it assumed."""
        return self.session.function if self.session else None

    @property
    def is_known(self) -> bool:
        """Whether the credentials are whole: those of a session need its token."""
        return self.session is None or self.session.token == self.token

    @property
    def has_expired(self) -> bool:
        """Whether the credentials were good once."""
        return self.session is not None and self.session.has_expired()


def account_of(text: str | None) -> str:
    """The account that an admin request names, 123456789012 by default. Raises RefusalError 400 for what is none."""
    account = ACCOUNT_ID if text is None else text
    if not ACCOUNT.fullmatch(account):
        raise RefusalError(400, f"account must be 12 digits, not {account!r}.")
    return account
