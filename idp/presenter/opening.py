"""The opening: one presenter's hold on one transaction, as a state machine of values.

Every function takes the stored opening and returns the next one; storing it with compare-and-swap is the caller's, so
of several callers with one nonce, one goes on. The allowed moves:

    waiting -> opened -> proving -> proved -> returned
                  ^---------'  (refused, tries left)
    any but returned -> ended
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.identifiers import Randomness, encode_base64url, new_identifier
from idp.presenter.errors import PresenterError, PresenterErrorCode
from idp.presenter.transaction import Purpose

# A check takes milliseconds; a server that was killed in the middle of one must not lock the person out.
PROVING_LIMIT: Final = timedelta(seconds=15)
_RETURN_CONTEXT: Final = b"mynumber-idp/v1/return\x00"


class OpeningState(StrEnum):
    """Where the presenter is."""

    WAITING = "waiting"
    OPENED = "opened"
    PROVING = "proving"
    PROVED = "proved"
    RETURNED = "returned"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Opening:
    """The stored state. ``transaction`` is the frozen RFC 8785 text; hashes and the commitment are base64url.

    ``purpose`` is set where the opening is made and never changes. A proof for ``digital-signature`` opens no session:
    it counts only beside a user authentication of the same person in the same sign-in (protocol §1).
    ``proving_since`` and ``expires_at`` are in epoch seconds; ``last_error`` is the last refusal's code, for the
    waiting page. ``refused_hash`` names the proof that was refused last, so that its answer can be given again.
    """

    state: OpeningState = OpeningState.WAITING
    tries_left: int = 5
    commitment: str = ""
    nonce: str = ""
    transaction: str = ""
    proof_hash: str = ""
    return_salt: str = ""
    return_hash: str = ""
    proving_since: int = 0
    expires_at: int = 0
    last_error: str = ""
    purpose: Purpose = "user-authentication"
    refused_hash: str = ""
    refused_reference: str = ""


class TransactionSpoiled(Exception):
    """The request is refused and the transaction ends with it: store ``ended`` first, then answer ``error``."""

    def __init__(self, ended: Opening, error: PresenterError) -> None:
        super().__init__(error.code.value)
        self.ended = ended
        self.error = error


def open_transaction(
    opening: Opening,
    commitment: str,
    transaction: str,
    expires_at: datetime,
    now: datetime,
    randomness: Randomness = secrets.token_bytes,
) -> Opening:
    """Give the transaction to the presenter that committed first; the same one may ask again.

    Takes:   ``transaction``, the RFC 8785 text to freeze, and its expiry; used by the first opening only.
    Returns: an opening in state ``opened``; the same value if nothing changed.
    Raises:  PresenterError transaction_ended, proof_in_progress; TransactionSpoiled already_opened for another
             commitment.
    Source:  card presenter protocol §3.1.
    """
    if opening.state in (OpeningState.ENDED, OpeningState.RETURNED):
        raise PresenterError(PresenterErrorCode.TRANSACTION_ENDED)
    if opening.state is OpeningState.WAITING:
        return replace(
            opening,
            state=OpeningState.OPENED,
            commitment=commitment,
            nonce=new_identifier(randomness),
            transaction=transaction,
            expires_at=to_epoch_seconds(expires_at),
        )
    if not hmac.compare_digest(opening.commitment, commitment):
        error = PresenterError(PresenterErrorCode.ALREADY_OPENED)
        raise TransactionSpoiled(end_opening(opening, PresenterErrorCode.ALREADY_OPENED), error)
    if opening.state is OpeningState.OPENED:
        return opening
    if opening.state is OpeningState.PROVING and now - from_epoch_seconds(opening.proving_since) > PROVING_LIMIT:
        freed = refuse_proof(opening, opening.last_error, randomness)
        if freed.state is OpeningState.ENDED:
            raise TransactionSpoiled(freed, PresenterError(PresenterErrorCode.TRANSACTION_ENDED))
        return freed
    if opening.state is OpeningState.PROVING:
        raise PresenterError(PresenterErrorCode.PROOF_IN_PROGRESS)
    raise PresenterError(PresenterErrorCode.TRANSACTION_ENDED)


def check_secret(opening: Opening, secret: str) -> None:
    """Establish that the caller is the presenter that opened the transaction.

    Raises: PresenterError not_open, transaction_ended, invalid_secret.
    Source: card presenter protocol §3.4.
    """
    if opening.state is OpeningState.WAITING:
        raise PresenterError(PresenterErrorCode.NOT_OPEN)
    if opening.state in (OpeningState.ENDED, OpeningState.RETURNED):
        raise PresenterError(PresenterErrorCode.TRANSACTION_ENDED)
    commitment = encode_base64url(hashlib.sha256(_secret_bytes(secret)).digest())
    if not hmac.compare_digest(opening.commitment, commitment):
        raise PresenterError(PresenterErrorCode.INVALID_SECRET)


def take_nonce(opening: Opening, now: datetime) -> tuple[Opening, str]:
    """Spend the nonce, before anything of the proof is looked at; one try a nonce.

    Returns: the opening in state ``proving`` and the nonce; storing it decides which of several callers goes on.
    Raises:  PresenterError proof_in_progress, transaction_ended.
    Source:  card presenter protocol §3.4.
    """
    if opening.state is OpeningState.PROVING:
        raise PresenterError(PresenterErrorCode.PROOF_IN_PROGRESS)
    if opening.state is not OpeningState.OPENED or to_epoch_seconds(now) >= opening.expires_at:
        raise PresenterError(PresenterErrorCode.TRANSACTION_ENDED)
    taken = replace(
        opening,
        state=OpeningState.PROVING,
        nonce="",
        tries_left=opening.tries_left - 1,
        proving_since=to_epoch_seconds(now),
    )
    return taken, opening.nonce


def refuse_proof(
    opening: Opening,
    reason: str,
    randomness: Randomness = secrets.token_bytes,
    *,
    proof_hash: str = "",
    reference: str = "",
) -> Opening:
    """Give the next nonce, or end the transaction when the tries are used up.

    Takes: proof_hash and reference of the refused proof, for whoever lost the answer and repeats the body.
    """
    if opening.tries_left <= 0:
        refused = end_opening(opening, reason)
    else:
        refused = replace(opening, state=OpeningState.OPENED, nonce=new_identifier(randomness), last_error=reason)
    return replace(refused, refused_hash=proof_hash, refused_reference=reference)


def accept_proof(
    opening: Opening, secret: str, proof_hash: str, randomness: Randomness = secrets.token_bytes
) -> Opening:
    """Record that the card was proven; the return secret itself is not stored, only what repeats it for its owner."""
    salted = replace(
        opening,
        state=OpeningState.PROVED,
        proof_hash=proof_hash,
        return_salt=new_identifier(randomness),
        last_error="",
    )
    return replace(salted, return_hash=_hash(return_secret(salted, secret)))


def return_secret(opening: Opening, secret: str) -> str:
    """The secret of the return address, the same for every repetition of the accepted proof.

    It follows from the presenter's secret, which is not stored, so neither a poller nor a reader of the store has it.
    """
    mac = hmac.digest(_secret_bytes(secret), _RETURN_CONTEXT + opening.return_salt.encode("ascii"), "sha256")
    return encode_base64url(mac)


def is_repeated_proof(opening: Opening, proof_hash: str) -> bool:
    """Whether this is the accepted proof again, from a presenter that lost the answer."""
    return opening.state is OpeningState.PROVED and hmac.compare_digest(opening.proof_hash, proof_hash)


def is_repeated_refusal(opening: Opening, proof_hash: str) -> bool:
    """Whether this is the proof that was refused last, again; its answer is in the opening and costs no try.

    The secret needs no second check: the very same body held it when it was refused.
    """
    is_answered = opening.state in (OpeningState.OPENED, OpeningState.ENDED)
    return is_answered and bool(opening.refused_hash) and hmac.compare_digest(opening.refused_hash, proof_hash)


def is_return_secret(opening: Opening, unverified_secret: str) -> bool:
    """Whether an address opened in a browser carries this opening's return secret."""
    return bool(opening.return_hash) and hmac.compare_digest(opening.return_hash, _hash(unverified_secret))


def mark_returned(opening: Opening) -> Opening:
    """Use the return address up."""
    return replace(opening, state=OpeningState.RETURNED)


def end_opening(opening: Opening, reason: str) -> Opening:
    """End the presenter's part; what a person reads about it follows from ``reason``."""
    return replace(
        opening, state=OpeningState.ENDED, nonce="", last_error=str(reason), refused_hash="", refused_reference=""
    )


def _secret_bytes(secret: str) -> bytes:
    return base64.urlsafe_b64decode(secret + "=")


def _hash(text: str) -> str:
    return encode_base64url(hashlib.sha256(text.encode("utf-8", "replace")).digest())
