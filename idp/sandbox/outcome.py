"""What may happen when a card is presented, for a developer to pick: each outcome as a real proof or cancellation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from idp.jpki.errors import CardUnverifiable, Unverifiable
from idp.jpki.named_certificate import NamedCertificate
from idp.jpki.ports import Status
from idp.sandbox.cast import EXPIRED, ORDINARY, REVOKED
from idp.sandbox.cast_cards import CastCard
from idp.sandbox.pki import IssuedCertificate

CANCELLATIONS: Final = (
    "cancelled",
    "wrong_pin",
    "locked",
    "no_reader",
    "no_card",
    "wrong_card",
    "no_certificate",
    "removed",
    "timeout",
)
OUTAGES: Final = ("status_unavailable", "status_stale")
_REFUSALS: Final = ("expired", "revoked", "wrong_purpose", "bad_signature", "unsupported_algorithm", "malformed")
OUTCOMES: Final = ("ok", *CANCELLATIONS, *_REFUSALS, *OUTAGES)
_COORDINATE_BYTES: Final = 48


@dataclass(frozen=True, slots=True)
class CardAnswer:
    """What a presenter would send of a card: certificate (DER), algorithm, signature."""

    certificate: bytes = field(repr=False)
    algorithm: str
    signature: bytes = field(repr=False)


class BrokenRevocation:
    """A status source that is down or stale, as the developer chose."""

    def __init__(self, reason: Unverifiable) -> None:
        self._reason = reason

    def check_good(self, certificate: NamedCertificate, now: datetime) -> Status | None:
        """Never an answer.

        Raises: CardUnverifiable with the chosen reason.
        """
        raise CardUnverifiable(self._reason, "chosen on the sandbox page")


def answer_as(card: CastCard, outcome: str, cards: Mapping[str, CastCard], message: bytes) -> CardAnswer:
    """The card's answer to a challenge, spoilt as the outcome says.

    Takes:  cards, the whole cast by slug: an expired or a revoked card is the cast's own; message, the signed bytes.
    """
    if outcome == "expired":
        return _sign(cards[EXPIRED.slug].user_authentication, message)
    if outcome == "revoked":
        return _sign(cards[REVOKED.slug].user_authentication, message)
    if outcome == "wrong_purpose":
        signing = card.digital_signature or cards[ORDINARY.slug].digital_signature
        return _sign(signing or card.user_authentication, message)
    return _spoil(card.user_authentication, outcome, message)


def declare_as(card: CastCard, outcome: str, cards: Mapping[str, CastCard], message: bytes) -> CardAnswer | None:
    """The answer of the card's signing key to a declaration, spoilt as the outcome says.

    It opens no session by itself; whose card it is, the provider compares (``different_person``).
    Takes:   as ``answer_as``; message, the signed bytes for the purpose ``digital-signature``.
    Returns: None where the card has no digital signature certificate, such as a child's: the presenter then cancels
             with ``no_certificate`` before it asks for the password.
    """
    signing = {"expired": cards[EXPIRED.slug], "revoked": cards[REVOKED.slug]}.get(outcome, card).digital_signature
    if signing is None:
        return None
    if outcome == "wrong_purpose":
        return _sign(card.user_authentication, message)
    return _spoil(signing, outcome, message)


def _spoil(issued: IssuedCertificate, outcome: str, message: bytes) -> CardAnswer:
    if outcome == "bad_signature":
        return _sign(issued, message + b"something else")
    answer = _sign(issued, message)
    if outcome == "unsupported_algorithm":
        return CardAnswer(answer.certificate, "PS256", answer.signature)
    if outcome == "malformed":
        return CardAnswer(answer.certificate[:-7], answer.algorithm, answer.signature)
    return answer


def _sign(issued: IssuedCertificate, message: bytes) -> CardAnswer:
    key = issued.private_key
    if isinstance(key, rsa.RSAPrivateKey):
        return CardAnswer(issued.certificate_der, "RS256", key.sign(message, padding.PKCS1v15(), SHA256()))
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(SHA384())))
    raw = r.to_bytes(_COORDINATE_BYTES, "big") + s.to_bytes(_COORDINATE_BYTES, "big")
    return CardAnswer(issued.certificate_der, "ES384", raw)
