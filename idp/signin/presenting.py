"""The presenter's side of a sign-in: open, prove, cancel, each answered from the stored state only."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from idp.audit import AuditEvent, AuditRecord
from idp.card_login.kept_proof import KeptProof
from idp.card_login.prove import digests_of_refused_card, hash_proof, prove_card
from idp.card_login.proven_card import ProvenCard
from idp.card_login.sealed_attributes import seal_attributes
from idp.card_login.sealed_proof import seal_proof
from idp.clock import to_epoch_seconds
from idp.identifiers import new_reference
from idp.jpki.errors import CardError, Rejection, Unverifiable
from idp.log import log_line
from idp.presenter.errors import PresenterError, PresenterErrorCode
from idp.presenter.message import FORMAT, CancelRequest, OpenRequest, ProofRequest
from idp.presenter.opening import (
    Opening,
    TransactionSpoiled,
    accept_proof,
    check_secret,
    end_opening,
    is_repeated_proof,
    is_repeated_refusal,
    open_transaction,
    refuse_proof,
    return_secret,
    take_nonce,
)
from idp.signin.card_transaction import describe_for_card
from idp.signin.parts import SigninParts
from idp.signin.shelf import SigninConflict, StoredSignin

_UNVERIFIABLE: Final = frozenset(reason.value for reason in Unverifiable)


class CardRefused(Exception):
    """The card's outcome for the presenter: 422 for a no, 503 for not known, with what it may still do.

    Made of the stored opening alone, so that a repetition of the refused proof is given the same answer.
    Source: card presenter protocol §3.4.
    """

    def __init__(self, refused: Opening) -> None:
        super().__init__(refused.last_error)
        self.status = 503 if refused.last_error in _UNVERIFIABLE else 422
        self.reference = refused.refused_reference
        self.members: dict[str, Any] = {
            "error": refused.last_error,
            "next_nonce": refused.nonce,
            "tries_left": refused.tries_left if refused.nonce else 0,
            "reference": self.reference,
        }


def open_for_presenter(parts: SigninParts, handle: str, request: OpenRequest, now: datetime) -> dict[str, Any]:
    """Show the transaction to the presenter that committed first, frozen from then on.

    Raises: PresenterError.
    Source: card presenter protocol §3.1.
    """
    stored = _find(parts, handle, now)
    signin = stored.signin
    expires_at = min(signin.expires_at, now + parts.lifetimes.opening)
    transaction = signin.opening.transaction or describe_for_card(parts, signin, now, expires_at)
    try:
        opening = open_transaction(signin.opening, request.commitment, transaction, expires_at, now)
    except TransactionSpoiled as spoiled:
        _store(parts, stored, spoiled.ended, now)
        log_line("card_opened_twice", "warning", txn=signin.txn, client_id=signin.request.client_id)
        raise spoiled.error from None
    if opening != signin.opening:
        _store(parts, stored, opening, now)
    return {
        "format": FORMAT,
        "issuer": parts.issuer,
        "purpose": opening.purpose,
        "nonce": opening.nonce,
        "transaction": json.loads(opening.transaction),
        "expires_in": max(0, opening.expires_at - to_epoch_seconds(now)),
    }


def prove_for_presenter(
    parts: SigninParts, handle: str, proof: ProofRequest, body: bytes, now: datetime
) -> dict[str, Any]:
    """Verify a card's proof over the nonce it was given, which is spent first.

    Returns: the address to open in the person's browser.
    Raises:  PresenterError; CardRejected or CardUnverifiable as CardRefused.
    Effect:  a card found revoked ends, with its sessions, grants and tokens, in one durable transaction.
    Source:  card presenter protocol §3.4.
    """
    stored = _find(parts, handle, now)
    opening = stored.signin.opening
    proof_hash = hash_proof(body)
    if is_repeated_refusal(opening, proof_hash):
        raise CardRefused(opening)
    check_secret(opening, proof.secret)
    if is_repeated_proof(opening, proof_hash):
        return _return_url(parts, stored, opening, proof.secret)
    taken, nonce = take_nonce(opening, now)
    stored = _store(parts, stored, taken, now)
    try:
        proven = prove_card(parts.verifier, proof, nonce, taken.transaction, now, purpose=taken.purpose)
    except CardError as refusal:
        raise _refuse(parts, stored, refusal, proof_hash, now) from None
    accepted = accept_proof(taken, proof.secret, proof_hash)
    sealed = seal_attributes(parts.sealer, stored.signin.txn, proven)
    kept = _keep_proof(parts, stored, sealed, proof, nonce)
    stored = _store(parts, stored, accepted, now, proven=kept)
    return _return_url(parts, stored, accepted, proof.secret)


def cancel_for_presenter(parts: SigninParts, handle: str, request: CancelRequest, now: datetime) -> dict[str, Any]:
    """End the presenter's part with the reason that the person's page then explains.

    Raises: PresenterError.
    Source: card presenter protocol §3.5.
    """
    stored = _find(parts, handle, now)
    check_secret(stored.signin.opening, request.secret)
    # A card that was accepted and not returned with goes too, and with it what was sealed of its holder.
    _store(parts, stored, end_opening(stored.signin.opening, request.reason), now, proven=None)
    log_line("card_cancelled", txn=stored.signin.txn, reason=request.reason)
    return {}


def _keep_proof(
    parts: SigninParts, stored: StoredSignin, proven: ProvenCard, proof: ProofRequest, nonce: str
) -> ProvenCard:
    # Of everybody else's sign-ins the proof is forgotten here: a certificate names its holder, a signature its card.
    signin = stored.signin
    if proven.purpose != "digital-signature":
        return proven
    client = parts.clients.find_client(signin.request.client_id)
    if client is None or not client.is_lawful_verifier:
        return proven
    kept = KeptProof(
        issuer=parts.issuer,
        nonce=nonce,
        transaction=signin.opening.transaction,
        algorithm=proof.algorithm,
        signature=proof.unverified_signature,
        certificate=proof.unverified_certificate,
    )
    return seal_proof(parts.sealer, signin.txn, proven, kept)


def _find(parts: SigninParts, handle: str, now: datetime) -> StoredSignin:
    stored = parts.shelf.find_by_handle(handle, now)
    if stored is None:
        raise PresenterError(PresenterErrorCode.INVALID_HANDLE)
    return stored


def _store(parts: SigninParts, stored: StoredSignin, opening: Opening, now: datetime, **changes: Any) -> StoredSignin:
    try:
        return parts.shelf.replace(stored, replace(stored.signin, opening=opening, **changes), now)
    except SigninConflict:
        # Whoever was first decides; the presenter asks again and learns where the transaction stands.
        raise PresenterError(PresenterErrorCode.PROOF_IN_PROGRESS, "changed in between") from None


def _return_url(parts: SigninParts, stored: StoredSignin, opening: Opening, secret: str) -> dict[str, Any]:
    return {"return_url": f"{parts.issuer}/card/return/{stored.key}.{return_secret(opening, secret)}"}


def _refuse(
    parts: SigninParts, stored: StoredSignin, refusal: CardError, proof_hash: str, now: datetime
) -> CardRefused:
    signin = stored.signin
    reason, reference = refusal.reason.value, new_reference()
    opening = refuse_proof(signin.opening, reason, proof_hash=proof_hash, reference=reference)
    # First what lasts: a presenter that cancels at this moment must not keep a revoked card's sessions alive.
    if refusal.possession_proven:
        _record_refusal(parts, stored, refusal, now)
    _store(parts, stored, opening, now)
    log_line(
        "card_refused", "warning", txn=signin.txn, client_id=signin.request.client_id, reason=reason,
        detail=refusal.detail, reference=reference,
    )  # fmt: skip
    return CardRefused(opening)


def _record_refusal(parts: SigninParts, stored: StoredSignin, refusal: CardError, now: datetime) -> None:
    # Only a card that answered may cause a durable write: its certificate alone can be read by anybody near it.
    signin = stored.signin
    digests = digests_of_refused_card(parts.verifier, refusal)
    with parts.store.writing() as writer:
        credential = writer.find_credential(digests)
        account_id = None if credential is None else credential.account_id
        writer.append_audit(
            AuditRecord(
                AuditEvent.CARD_REFUSED, now, account_id, signin.request.client_id, signin.txn, refusal.reason.value
            )
        )
        if credential is not None and refusal.reason is Rejection.REVOKED:
            writer.revoke_credential(credential.credential_id, now)
            writer.append_audit(AuditRecord(AuditEvent.CREDENTIAL_REVOKED, now, account_id, txn=signin.txn))
