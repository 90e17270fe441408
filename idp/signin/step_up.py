"""From a signed-in person to their digital signature: a transaction of its own, beside the sign-in, never without it.

A digital signature opens no session. It counts only beside a user authentication of the same person in the same
sign-in, at most ten minutes old (card presenter protocol §1).
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from idp.identifiers import new_identifier
from idp.identity.errors import CredentialRevoked
from idp.identity.linking import find_or_open_account
from idp.presenter.opening import Opening
from idp.signin.parts import SigninParts
from idp.signin.ports import SigninWriter
from idp.signin.record import Authenticated, Signin
from idp.signin.start import Started, put_signin

LONGEST_BETWEEN: Final = timedelta(minutes=10)


class AnotherPerson(Exception):
    """The signing card is not the person's who signed in; nothing of it may be released or kept."""


def start_step_up(parts: SigninParts, former: Signin, agreed: tuple[str, ...], now: datetime) -> Started:
    """Begin the transaction in which the person signs what they agreed to.

    It keeps the sign-in's ``txn``, request and first card; the choice is frozen into what is signed.
    """
    signing = replace(
        former,
        tx=new_identifier(),
        issued_at=former.issued_at,
        expires_at=min(now + parts.lifetimes.signin, _latest(former)),
        opening=Opening(tries_left=parts.presenter_tries, purpose="digital-signature"),
        identified=former.identified or former.proven,
        proven=None,
        agreed=agreed,
    )
    return put_signin(parts, signing, now)


def is_recent(signin: Signin, now: datetime) -> bool:
    """Whether the user authentication beside the signature is young enough."""
    return now <= _latest(signin)


def attach_signature(
    parts: SigninParts, writer: SigninWriter, signin: Signin, who: Authenticated, now: datetime
) -> str:
    """Establish that the signing card is the person's who signed in, by linkage and by nothing else.

    Returns: the signing credential; what is released under it ends with it.
    Raises:  AnotherPerson: it reaches another account or none; leave the transaction with it, so that nothing stays.
             CredentialRefused.
    """
    if signin.proven is None:
        raise RuntimeError("a returned signature has no proven card")
    presented = signin.proven.presented
    found = find_or_open_account(writer, presented, linkage=parts.linkage, now=now, txn=signin.txn)
    if found.is_new or found.account_id != who.account_id:
        raise AnotherPerson
    if presented.linkage is not None:
        # A sign-in survives a contradiction, which is audited for a merge, and an announced credential of which nothing
        # is recorded yet; somebody's name must not leave on either.
        linked = parts.linkage.find_linked_account(writer, presented)
        if linked is None or linked.account_id != who.account_id:
            raise AnotherPerson
    if not writer.touch_credential(found.credential_id, now, presented.serial, presented.listed_by):
        raise CredentialRevoked(found.account_id, found.credential_id)
    return found.credential_id


def _latest(signin: Signin) -> datetime:
    if signin.authenticated is None:
        raise RuntimeError("a step-up without a signed-in person")
    return signin.authenticated.auth_time + LONGEST_BETWEEN
