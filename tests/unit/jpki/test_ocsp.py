"""An answer is used only if an authorised responder gives it, now, about the certificate that was asked about."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.jpki.errors import CardUnverifiable, Unverifiable
from idp.jpki.ocsp import CLOCK_SKEW_SECONDS, OCSP_LIMIT_BYTES, OcspRefused, VerifiedOcspAnswer, verify_ocsp_response
from idp.jpki.ocsp_question import encode_ocsp_request, hash_issuer
from idp.jpki.ports import StatusState
from tests.unit.jpki.certificates import DAY, NOW, Leaf, ec_key, key_usage, name, rsa_key, trust
from tests.unit.jpki.ocsp_responses import (
    ANCHOR,
    CRITICAL,
    NONCE,
    REVOKED,
    SERIAL,
    UNKNOWN,
    Answer,
    Delegate,
    Response,
    one,
    question,
)
from tests.unit.jpki.revocation_lists import HOUR

MAXIMUM_AGE_SECONDS = 7200
SECOND = timedelta(seconds=1)
SKEW = timedelta(seconds=CLOCK_SKEW_SECONDS)
AUTHORITY = x509.BasicConstraints(True, None)


def verify(response: Response | bytes, nonce: bytes | None = None, now=NOW) -> VerifiedOcspAnswer:
    der = response if isinstance(response, bytes) else response.der()
    return verify_ocsp_response(der, question(nonce), now, MAXIMUM_AGE_SECONDS)


def refusal_of(response: Response | bytes, nonce: bytes | None = None) -> Unverifiable:
    with pytest.raises(OcspRefused) as refusal:
        verify(response, nonce)
    return refusal.value.reason


def delegated(**changes: object) -> Response:
    return Response(delegate=Delegate(**changes))


@pytest.mark.parametrize(
    ("status", "state"),
    [(ocsp.OCSPCertStatus.GOOD, "good"), (REVOKED, "revoked"), (UNKNOWN, "unknown")],
)
def test_the_responders_word_is_taken_as_it_is(status: ocsp.OCSPCertStatus, state: str):
    assert verify(one(status=status)) == VerifiedOcspAnswer(StatusState(state), NOW - HOUR, NOW + HOUR)


@pytest.mark.parametrize("reason", [found for found in x509.ReasonFlags if found is not x509.ReasonFlags.unspecified])
def test_only_the_reason_certificate_hold_is_no_revocation_for_good(reason: x509.ReasonFlags):
    expected = StatusState.ON_HOLD if reason is x509.ReasonFlags.certificate_hold else StatusState.REVOKED
    assert verify(one(status=REVOKED, reason=reason)).state is expected


TAKEN = {
    "signed by the authority itself": Response(delegate=None),
    "signed by the authority, named by its name": Response(delegate=None, by=ocsp.OCSPResponderEncoding.NAME),
    "responder by name": Response(by=ocsp.OCSPResponderEncoding.NAME),
    "responder with an RSA key": delegated(key=rsa_key("responder")),
    "responder with P-384": Response(delegate=Delegate(key=ec_key("responder")), digest=hashes.SHA384()),
    "responder with the key usage": delegated(more=[(key_usage("digital_signature"), True)]),
    "certID by SHA-256": one(algorithm=hashes.SHA256()),
    "a nonce nobody asked for": Response(nonce=bytes(16)),
    "an extension of the answer that may be ignored": one(critical=False),
    "an extension that may be ignored": Response(more=[(CRITICAL[0], False)]),
    "no nextUpdate": one(next_update=None),
    "thisUpdate ahead by the skew": one(this_update=NOW + SKEW),
    "nextUpdate past by the skew": one(next_update=NOW - SKEW),
    "as old as allowed": one(this_update=NOW - timedelta(seconds=MAXIMUM_AGE_SECONDS)),
    "another certificate answered too": Response(answers=(Answer(serial=5, status=REVOKED), Answer())),
    "another certificate's answer is old": Response(
        answers=(Answer(serial=5, this_update=NOW - DAY, next_update=NOW - HOUR), Answer())
    ),
    "responder's certificate among others": Response(
        attached=(Delegate(key=ec_key("other", "P-256")).certificate(), Delegate().certificate())
    ),
}


@pytest.mark.parametrize("response", TAKEN.values(), ids=TAKEN.keys())
def test_what_the_standard_allows_is_taken(response: Response):
    assert verify(response).state is StatusState.GOOD


OTHER = trust().anchors[1]
REFUSED = {
    # 1 the certificate
    "another serial number": one(serial=SERIAL + 1),
    "no answer": Response(answers=()),
    "another generation's key": one(key_hash=hash_issuer(OTHER, "sha1")[1]),
    "another issuer's name": one(name_hash=bytes(20)),
    "another hash": one(algorithm=hashes.SHA384(), name_hash=bytes(48), key_hash=bytes(48)),
    # 2 the signature
    "signed by a forger in the responder's name": Response(signing_key=ec_key("forger", "P-256")),
    "signed by a forger in the authority's name": Response(delegate=None, signing_key=rsa_key("forger")),
    "signed with SHA-1": Response(delegate=Delegate(key=rsa_key("responder")), digest=hashes.SHA1()),
    # 3 and 4 the signer
    "responder not attached": Response(attached=()),
    "responder of another authority": delegated(signing_key=rsa_key("authority-2")),
    "responder of another name": delegated(issuer=name("Other")),
    "responder that signed itself": delegated(signing_key=ec_key("responder", "P-256")),
    "responder without purpose": delegated(purposes=None),
    "responder for another purpose": delegated(purposes=(ExtendedKeyUsageOID.CLIENT_AUTH,)),
    "responder for any purpose": delegated(purposes=(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,)),
    "responder without ocsp-nocheck": delegated(no_check=False),
    "responder not yet valid": delegated(not_before=NOW + SECOND),
    "responder expired": delegated(not_after=NOW - SECOND),
    "responder that may not sign": delegated(more=[(key_usage("key_agreement"), True)]),
    "responder that is an authority": delegated(more=[(AUTHORITY, True)]),
    "responder with an unknown critical extension": delegated(more=[CRITICAL]),
    "responder with a weak key": delegated(key=rsa_key("weak responder", 1024)),
    "too many certificates": Response(attached=(Delegate().certificate(),) * 5),
    # the rest of the response
    "unknown critical extension": Response(more=[CRITICAL]),
    "critical extension of the answer": one(critical=True),
    "critical extension of one of two answers": Response(answers=(Answer(), Answer(serial=5, critical=True))),
    "critical nonce": Response(more=[(x509.OCSPNonce(bytes(16)), True)]),
    "ends before it begins": one(next_update=NOW - 2 * HOUR),
    "thisUpdate in the future": one(this_update=NOW + SKEW + SECOND, next_update=NOW + HOUR),
    "too many answers": Response(answers=(*(Answer(serial=number) for number in range(1, 17)), Answer())),
}


@pytest.mark.parametrize("response", REFUSED.values(), ids=REFUSED.keys())
def test_any_other_response_leaves_the_status_unknown(response: Response):
    assert refusal_of(response) is Unverifiable.STATUS_UNAVAILABLE


@pytest.mark.parametrize(
    "old",
    [
        one(next_update=NOW - SKEW - SECOND),
        one(this_update=NOW - timedelta(seconds=MAXIMUM_AGE_SECONDS + 1)),
        one(this_update=NOW - timedelta(seconds=MAXIMUM_AGE_SECONDS + 1), next_update=None),
        one(status=REVOKED, next_update=NOW - SKEW - SECOND),
    ],
    ids=["past nextUpdate", "too old", "too old without nextUpdate", "old revocation"],
)
def test_an_old_answer_is_stale(old: Response):
    assert refusal_of(old) is Unverifiable.STATUS_STALE


HELD = Answer(status=REVOKED, reason=x509.ReasonFlags.certificate_hold)


@pytest.mark.parametrize("others", [(Answer(),), (HELD,), (Answer(status=UNKNOWN), Answer())])
def test_of_two_answers_about_one_certificate_the_worse_counts(others: tuple[Answer, ...]):
    for answers in ((Answer(status=REVOKED), *others), (*others, Answer(status=REVOKED))):
        assert verify(Response(answers=answers)).state is StatusState.REVOKED


@pytest.mark.parametrize("status", [found for found in ocsp.OCSPResponseStatus if found.name != "SUCCESSFUL"])
def test_a_responder_that_gives_no_answer_is_unavailable(status: ocsp.OCSPResponseStatus):
    der = ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)
    assert refusal_of(der) is Unverifiable.STATUS_UNAVAILABLE


def test_the_nonce_that_was_sent_comes_back():
    assert verify(Response(nonce=NONCE), NONCE).state is StatusState.GOOD


@pytest.mark.parametrize("nonce", [None, bytes(32), NONCE[:-1], NONCE + b"\0"])
def test_another_nonce_or_none_is_the_answer_to_another_request(nonce: bytes | None):
    assert refusal_of(Response(nonce=nonce), NONCE) is Unverifiable.STATUS_UNAVAILABLE


def test_a_response_above_the_limit_is_not_read():
    assert refusal_of(bytes(OCSP_LIMIT_BYTES + 1)) is Unverifiable.STATUS_UNAVAILABLE


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_noise_is_refused_in_one_way(noise: bytes):
    assert refusal_of(noise) is Unverifiable.STATUS_UNAVAILABLE


WHOLE = Response(nonce=NONCE).der()


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_mutated_response_is_refused_or_says_the_same(data: st.DataObject):
    der = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 3))):
        der[data.draw(st.integers(0, len(der) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        # Bytes that nobody signs (the padding of a bit string, an unused certificate's) may change without harm.
        assert verify(bytes(der), NONCE) == verify(WHOLE, NONCE)
    except CardUnverifiable as refusal:
        assert refusal.reason is Unverifiable.STATUS_UNAVAILABLE


def test_the_request_names_one_certificate_and_carries_the_nonce():
    request = ocsp.load_der_ocsp_request(encode_ocsp_request(question(NONCE)))
    assert (request.serial_number, request.hash_algorithm.name) == (SERIAL, "sha1")
    assert request.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == NONCE
    assert len(ocsp.load_der_ocsp_request(encode_ocsp_request(question())).extensions) == 0


def test_the_issuers_hashes_are_those_of_an_independent_builder():
    certificate = x509.load_der_x509_certificate(Leaf().der())
    built = ocsp.OCSPRequestBuilder().add_certificate(certificate, ANCHOR.certificate, hashes.SHA256()).build()
    assert hash_issuer(ANCHOR, "sha256") == (built.issuer_name_hash, built.issuer_key_hash)
