"""Bytes to a verified OCSP answer about one certificate (RFC 6960 §3.2, §4.2)."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from cryptography import x509
from cryptography.x509 import ocsp

from idp.jpki.errors import CardUnverifiable, Unverifiable
from idp.jpki.ocsp_question import OcspQuestion, hash_issuer
from idp.jpki.ocsp_signer import SignerRefused, check_signer
from idp.jpki.ports import StatusState

# A response of one certificate with its responder's certificate has 2,000 to 4,000 bytes.
OCSP_LIMIT_BYTES: Final = 65_536
CLOCK_SKEW_SECONDS: Final = 300
_ANSWERS_LIMIT: Final = 16
# In DER a critical extension holds TRUE just before its OCTET STRING. No extension of a response has to be critical
# (RFC 6960 §4.4), and one that is says that who does not read it must not believe the rest.
_CRITICAL_MARK: Final = b"\x01\x01\xff\x04"
_CERT_ID_HASHES: Final = frozenset({"sha1", "sha256"})
_STATES: Final = {
    ocsp.OCSPCertStatus.REVOKED: StatusState.REVOKED,
    ocsp.OCSPCertStatus.UNKNOWN: StatusState.UNKNOWN,
    ocsp.OCSPCertStatus.GOOD: StatusState.GOOD,
}
# Where a response answers twice for one certificate, the worse answer counts.
_WORST_FIRST: Final = (StatusState.REVOKED, StatusState.ON_HOLD, StatusState.UNKNOWN, StatusState.GOOD)


class OcspRefused(CardUnverifiable):
    """A response that must not be used, so the status stays unknown; ``detail`` is for the operator."""

    def __init__(self, detail: str, reason: Unverifiable = Unverifiable.STATUS_UNAVAILABLE) -> None:
        super().__init__(reason, detail)


@dataclass(frozen=True, slots=True)
class VerifiedOcspAnswer:
    """What an authorised responder says of the certificate that was asked about, and for how long it says so."""

    state: StatusState
    this_update: datetime
    next_update: datetime | None


@dataclass(frozen=True, slots=True)
class _Single:
    state: StatusState
    this_update: datetime
    next_update: datetime | None


def verify_ocsp_response(
    unverified_der: bytes, question: OcspQuestion, now: datetime, maximum_age_seconds: int
) -> VerifiedOcspAnswer:
    """Establish that a response answers the question, now, and by whom it may be answered.

    Takes:   DER, at most 64 KiB; maximum_age_seconds, how long ago thisUpdate may be.
    Returns: good, revoked, on hold or unknown; unknown is the responder's word for "not mine to say", not for revoked.
    Raises:  OcspRefused: status_stale where only the time is wrong, status_unavailable for everything else.
    Source:  RFC 6960 §2.2, §3.2 (the six requirements below), §4.2.1, §4.2.2.1, §4.4.1; RFC 9654 §2.1.
    Stricter: an answer without the nonce is refused where the operator says that the responder returns it.
    """
    if len(unverified_der) > OCSP_LIMIT_BYTES:
        raise OcspRefused("OCSP response is too long")
    try:
        return _verify(unverified_der, question, now, timedelta(seconds=maximum_age_seconds))
    except OcspRefused:
        raise
    except SignerRefused as fault:
        raise OcspRefused(str(fault)) from fault
    except Exception as fault:
        # As in certificate.py: what hostile bytes make the library raise is no closed list.
        raise OcspRefused(f"OCSP response cannot be read ({type(fault).__name__})") from fault


def _verify(unverified_der: bytes, question: OcspQuestion, now: datetime, maximum_age: timedelta) -> VerifiedOcspAnswer:
    unverified = ocsp.load_der_ocsp_response(unverified_der)
    # §2.3, §4.2.1: any other status than successful carries no answer and is not signed.
    if unverified.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise OcspRefused(f"OCSP responder answered {unverified.response_status.name.lower()}")

    # "1. The certificate identified in a received response corresponds to the certificate that was identified in the
    #     corresponding request"
    singles = _matching(unverified, question)

    # "2. The signature on the response is valid"
    # "3. The identity of the signer matches the intended recipient of the request"
    # "4. The signer is currently authorized to provide a response for the certificate in question"
    check_signer(unverified, question.anchor, now)
    _check_extensions(unverified, question)

    # "5. The time at which the status being indicated is known to be correct (thisUpdate) is sufficiently recent"
    # "6. When available, the time at or before which newer information will be available about the status of the
    #     certificate (nextUpdate) is greater than the current time"
    skew = timedelta(seconds=CLOCK_SKEW_SECONDS)
    for single in singles:
        _check_times(single, now, skew, maximum_age)
    worst = min(singles, key=lambda single: (_WORST_FIRST.index(single.state), single.this_update))
    return VerifiedOcspAnswer(worst.state, worst.this_update, worst.next_update)


def _matching(response: ocsp.OCSPResponse, question: OcspQuestion) -> list[_Single]:
    answers = list(islice(response.responses, _ANSWERS_LIMIT + 1))
    if len(answers) > _ANSWERS_LIMIT:
        raise OcspRefused("OCSP response answers too much")
    found = list(_about(answers, question))
    if not found:
        raise OcspRefused("OCSP response is about another certificate")
    return found


def _about(answers: list[ocsp.OCSPSingleResponse], question: OcspQuestion) -> Iterator[_Single]:
    serial_number = int.from_bytes(question.serial, "big")
    for answer in answers:
        algorithm = answer.hash_algorithm.name
        if (
            answer.serial_number == serial_number
            and algorithm in _CERT_ID_HASHES
            and (answer.issuer_name_hash, answer.issuer_key_hash) == hash_issuer(question.anchor, algorithm)
        ):
            yield _Single(_state_of(answer), answer.this_update_utc, answer.next_update_utc)


def _state_of(answer: ocsp.OCSPSingleResponse) -> StatusState:
    # §2.2: "revoked" is permanent or, with the reason certificateHold, for a time.
    if answer.revocation_reason is x509.ReasonFlags.certificate_hold:
        return StatusState.ON_HOLD
    return _STATES[answer.certificate_status]


def _check_extensions(response: ocsp.OCSPResponse, question: OcspQuestion) -> None:
    nonces = [e.value.nonce for e in response.extensions if isinstance(e.value, x509.OCSPNonce)]
    # The library shows the extensions of an answer only where it is alone, so they are looked for in the bytes.
    if _CRITICAL_MARK in response.tbs_response_bytes:
        raise OcspRefused("critical OCSP extension")
    if question.nonce is not None and not hmac.compare_digest(b"".join(nonces), question.nonce):
        raise OcspRefused("OCSP response is not to this request (nonce)")


def _check_times(single: _Single, now: datetime, skew: timedelta, maximum_age: timedelta) -> None:
    if single.this_update > now + skew:
        raise OcspRefused("OCSP answer is from the future")
    if single.next_update is not None and single.next_update < single.this_update:
        raise OcspRefused("OCSP answer ends before it begins")
    if single.next_update is not None and single.next_update + skew < now:
        raise OcspRefused("OCSP answer is past its nextUpdate", Unverifiable.STATUS_STALE)
    if now - single.this_update > maximum_age:
        raise OcspRefused("OCSP answer is too old", Unverifiable.STATUS_STALE)
