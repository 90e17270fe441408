"""The rebinding ceremony: fresh proofs of the old and of the new credential, in one browser, within ten minutes.

``identity.attachment`` has the rules; here each proof is held against the session in which the ceremony was begun.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from idp.card_login.proven_card import ProvenCard
from idp.identifiers import new_identifier
from idp.identity.attachment import attach_credential, is_announced
from idp.identity.credential import Credential, CredentialState
from idp.identity.errors import AttachRefusal, LinkRefused
from idp.identity.link_request import request_link
from idp.jpki.errors import Rejection
from idp.log import log_line
from idp.presenter.errors import PresenterErrorCode
from idp.presenter.opening import Opening
from idp.signin.attaching import Attaching, AttachPart
from idp.signin.own_account import own_account_address
from idp.signin.own_account_session import OwnSession, new_own_signin
from idp.signin.parts import SigninParts
from idp.signin.place import Place, audit_refusal, fail_at, finish_at
from idp.signin.record import Signin
from idp.signin.start import Started, put_signin
from idp.signin.step import Step, StepUp
from idp.signin.what_is_missing import find_usable_session

LONGEST_BETWEEN: Final = timedelta(minutes=10)
_LINK_REFUSALS: Final = {
    "credential_known": AttachRefusal.CREDENTIAL_KNOWN,
    "voucher_too_young": AttachRefusal.VOUCHER_TOO_YOUNG,
    "voucher_not_active": Rejection.SUSPENDED,
    "no_such_account": Rejection.SUSPENDED,
    "requests_pending": AttachRefusal.REQUESTS_PENDING,
}


class NotProven(Exception):
    """A proof does not bring the ceremony on; ``reason`` is a text key, ``account_id`` for the audit."""

    def __init__(self, reason: StrEnum, account_id: str | None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.account_id = account_id


def has_ceremony(parts: SigninParts) -> bool:
    """Whether a person brings their cards together here; a platform operator that knows whose they are does it alone.

    Source: docs/decisions/0003-linking.md, 6 and 7.
    """
    return parts.verifier.linkage is None


def start_attaching(parts: SigninParts, session: OwnSession, language: str, now: datetime) -> Started:
    """Begin the ceremony for the account of this browser's session, with the card that vouches."""
    return _start(parts, Attaching(AttachPart.VOUCHER, session.account_id, session.account_id), language, now)


def start_request(parts: SigninParts, session: OwnSession, account_id: str, language: str, now: datetime) -> Started:
    """Begin a request to operators, with the new card.

    Takes: account_id, that of the session, or one that signed in with this browser before.
    """
    return _start(parts, Attaching(AttachPart.REQUEST, account_id, session.account_id), language, now)


def _start(parts: SigninParts, attaching: Attaching, language: str, now: datetime) -> Started:
    return put_signin(parts, replace(new_own_signin(parts, language, now), attaching=attaching), now)


def restart_attaching(parts: SigninParts, former: Signin, attaching: Attaching, now: datetime) -> Started:
    """Begin the failed part again; the whole ceremony where the voucher was proven too long ago."""
    if attaching.vouched_at is not None and now <= attaching.vouched_at + LONGEST_BETWEEN:
        return _start_newcomer(parts, former, attaching, now)
    part = AttachPart.REQUEST if attaching.part is AttachPart.REQUEST else AttachPart.VOUCHER
    return _start(parts, Attaching(part, attaching.account_id, attaching.begun_by), former.language, now)


def after_attaching_card(parts: SigninParts, place: Place, attaching: Attaching) -> Step:
    """Hold a returned proof against the ceremony: go on to the other card, attach it, or record the request.

    Raises: SigninConflict: another request was faster.
    Effect: one durable transaction at the end; a refusal is audited and nothing else stays.
    """
    proven = place.signin.proven
    if proven is None:
        raise RuntimeError("a returned ceremony has no proven card")
    if not _is_begun_here(parts, place, attaching):
        return fail_at(parts, place, PresenterErrorCode.TRANSACTION_ENDED.value)
    try:
        if attaching.part is AttachPart.VOUCHER:
            return _go_on(parts, place, _vouch(parts, proven, attaching, place.now))
        if attaching.part is AttachPart.NEWCOMER:
            _attach(parts, proven, place.signin, attaching, place.now)
        else:
            _request(parts, proven, place.signin, attaching, place.now)
    except NotProven as refused:
        audit_refusal(parts, place, refused.account_id, refused.reason)
        return fail_at(parts, place, refused.reason.value)
    return finish_at(parts, place, own_account_address(parts.issuer), None)


def _is_begun_here(parts: SigninParts, place: Place, attaching: Attaching) -> bool:
    session = find_usable_session(parts, place.browser, place.now)
    is_in_time = attaching.vouched_at is None or place.now <= attaching.vouched_at + LONGEST_BETWEEN
    return session is not None and session.account_id == attaching.begun_by and is_in_time


def _vouch(parts: SigninParts, proven: ProvenCard, attaching: Attaching, now: datetime) -> Attaching:
    known = parts.store.find_credential(proven.presented.digests)
    if known is None or known.account_id != attaching.account_id:
        raise NotProven(Rejection.DIFFERENT_PERSON, attaching.account_id)
    _check_active(known)
    if is_announced(known.credential_id, parts.store.find_attachments(known.account_id), now):
        raise NotProven(AttachRefusal.VOUCHER_TOO_YOUNG, known.account_id)
    return replace(
        attaching,
        part=AttachPart.NEWCOMER,
        voucher_id=known.credential_id,
        vouched_at=proven.verified_at,
        check_ids=tuple(check.id for check in proven.checks),
    )


def _check_active(known: Credential) -> None:
    if known.state is CredentialState.REVOKED:
        raise NotProven(Rejection.REVOKED, known.account_id)
    if known.state is CredentialState.SUSPENDED or not known.is_account_active:
        raise NotProven(Rejection.SUSPENDED, known.account_id)


def _go_on(parts: SigninParts, place: Place, vouched: Attaching) -> StepUp:
    # The former record goes by its version, so that a reload beside the return does not make two transactions.
    stored = parts.shelf.replace(place.stored, place.signin, place.now)
    started = _start_newcomer(parts, place.signin, vouched, place.now)
    parts.shelf.remove(stored, place.now)
    return StepUp(place.signin.tx, started.tx, started.cookie_secret)


def _start_newcomer(parts: SigninParts, former: Signin, vouched: Attaching, now: datetime) -> Started:
    latest = now if vouched.vouched_at is None else vouched.vouched_at + LONGEST_BETWEEN
    joining = replace(
        former,
        tx=new_identifier(),
        issued_at=now,
        expires_at=min(now + parts.lifetimes.signin, latest),
        opening=Opening(tries_left=parts.presenter_tries),
        proven=None,
        attaching=vouched,
    )
    return put_signin(parts, joining, now)


def _attach(parts: SigninParts, proven: ProvenCard, signin: Signin, attaching: Attaching, now: datetime) -> None:
    """Attach the newcomer, once; a repeated return finds it attached by this ceremony and changes nothing."""
    if _is_attached(parts, proven, signin, attaching):
        return
    _check_is_new(parts.store.find_credential(proven.presented.digests), attaching)
    check_ids = (*attaching.check_ids, *(check.id for check in proven.checks))
    try:
        with parts.store.writing() as writer:
            attach_credential(
                writer, proven.presented, attaching.voucher_id, now=now, txn=signin.txn, check_ids=check_ids
            )
    except LinkRefused as refused:
        # The same return in another tab may have attached it since it was looked for.
        if not _is_attached(parts, proven, signin, attaching):
            raise NotProven(_LINK_REFUSALS[refused.reason], attaching.account_id) from None
        return
    log_line("credential_attached", txn=signin.txn)


def _is_attached(parts: SigninParts, proven: ProvenCard, signin: Signin, attaching: Attaching) -> bool:
    known = parts.store.find_credential(proven.presented.digests)
    return known is not None and any(
        each.credential_id == known.credential_id
        and each.attached_by == attaching.voucher_id
        and each.attached_at >= signin.issued_at
        for each in parts.store.find_attachments(attaching.account_id)
    )


def _check_is_new(known: Credential | None, attaching: Attaching) -> None:
    if known is None:
        return
    _check_active(known)
    if known.credential_id == attaching.voucher_id:
        raise NotProven(AttachRefusal.SAME_CREDENTIAL, known.account_id)
    is_mine = known.account_id == attaching.account_id
    raise NotProven(AttachRefusal.CREDENTIAL_YOURS if is_mine else AttachRefusal.CREDENTIAL_KNOWN, known.account_id)


def _request(parts: SigninParts, proven: ProvenCard, signin: Signin, attaching: Attaching, now: datetime) -> None:
    """Ask operators, once for each card; what they do about a card with an account of its own is theirs to judge."""
    known = parts.store.find_credential(proven.presented.digests)
    if known is not None:
        _check_active(known)
        if known.account_id == attaching.account_id:
            raise NotProven(AttachRefusal.CREDENTIAL_YOURS, known.account_id)
    is_of_session = known is not None and known.account_id == attaching.begun_by
    if attaching.begun_by != attaching.account_id and not is_of_session:
        # Whoever asks for another account than the one signed in to asks with the card that signed in.
        raise NotProven(Rejection.DIFFERENT_PERSON, attaching.begun_by)
    try:
        with parts.store.writing() as writer:
            waiting = writer.find_account_link_requests(attaching.account_id, now)
            if all(each.lookup not in proven.presented.digests for each in waiting):
                request_link(writer, proven.presented, attaching.account_id, now=now, txn=signin.txn)
    except LinkRefused as refused:
        raise NotProven(_LINK_REFUSALS[refused.reason], attaching.account_id) from None
    log_line("link_requested", txn=signin.txn)
