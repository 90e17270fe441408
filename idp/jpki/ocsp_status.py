"""Status by asking the authority's OCSP responder (RFC 6960)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from idp.identifiers import Randomness, new_identifier
from idp.jpki.errors import CardUnverifiable, Unverifiable
from idp.jpki.named_certificate import NamedCertificate
from idp.jpki.ocsp import VerifiedOcspAnswer, verify_ocsp_response
from idp.jpki.ocsp_cache import OcspCache
from idp.jpki.ocsp_question import NONCE_BYTES, OcspQuestion, encode_ocsp_request
from idp.jpki.ports import Status, StatusState


class OcspExchange(Protocol):
    """The way to one responder."""

    def ask(self, request: bytes) -> bytes:
        """The responder's answer to a request, both DER, the answer unverified.

        Raises: CardUnverifiable: status_unavailable.
        """
        ...


@dataclass(frozen=True, slots=True)
class OcspResponder:
    """One configured responder; ``has_nonce`` says that it returns the nonce of a request."""

    exchange: OcspExchange
    has_nonce: bool = False


class OcspRevocation:
    """A ``RevocationSource`` that asks the responder of a certificate's authority.

    Takes: responders by the SHA-256 of the authority's public key; maximum_age_seconds, how old an answer may be when
           it arrives; cache_seconds, for how long at most it is kept. An answer without nextUpdate is never kept.
    """

    def __init__(
        self,
        responders: Mapping[bytes, OcspResponder],
        *,
        maximum_age_seconds: int = 86_400,
        cache_seconds: int = 900,
        randomness: Randomness = secrets.token_bytes,
    ) -> None:
        self._responders = dict(responders)
        self._maximum_age_seconds = maximum_age_seconds
        self._cache_for = timedelta(seconds=cache_seconds)
        self._randomness = randomness
        self._cache = OcspCache()

    def find_status(self, certificate: NamedCertificate, now: datetime) -> Status:
        """The status as the responder says, or said so lately that it need not be asked again.

        Raises: CardUnverifiable: status_unavailable, status_stale.
        """
        anchor, serial = certificate.anchor, certificate.serial
        answer = self._cache.find(anchor.issuer_key_id, serial, now)
        if answer is None:
            answer = self._ask(certificate, now)
            self._keep(certificate, answer, now)
        return Status(answer.state, answer.this_update, "ocsp", new_identifier(self._randomness))

    def _ask(self, certificate: NamedCertificate, now: datetime) -> VerifiedOcspAnswer:
        responder = self._responders.get(certificate.anchor.issuer_key_id)
        if responder is None:
            raise CardUnverifiable(Unverifiable.STATUS_UNAVAILABLE, "no OCSP responder for this authority")
        nonce = self._randomness(NONCE_BYTES) if responder.has_nonce else None
        question = OcspQuestion(certificate.anchor, certificate.serial, nonce)
        unverified = responder.exchange.ask(encode_ocsp_request(question))
        return verify_ocsp_response(unverified, question, now, self._maximum_age_seconds)

    def _keep(self, certificate: NamedCertificate, answer: VerifiedOcspAnswer, now: datetime) -> None:
        # RFC 6960 §2.4: without nextUpdate newer information is available all the time. Unknown may soon be known.
        if answer.next_update is not None and answer.state is not StatusState.UNKNOWN:
            until = min(answer.next_update, now + self._cache_for)
            self._cache.keep(certificate.anchor.issuer_key_id, certificate.serial, answer, now, until)
