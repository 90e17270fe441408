"""What may happen when a card is presented, for a developer to pick: each outcome as a real proof or cancellation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from idp.jpki.chain import ChainedCertificate
from idp.jpki.errors import CardUnverifiable, Unverifiable
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

    def check_good(self, certificate: ChainedCertificate, now: datetime) -> Status | None:
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
    if outcome == "bad_signature":
        return _sign(card.user_authentication, message + b"something else")
    answer = _sign(card.user_authentication, message)
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
