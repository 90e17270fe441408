"""From a presenter's proof to a proven card: the bytes are rebuilt here, and verified in ``jpki``."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from idp.card_login.kept_serial import SerialKeeping
from idp.card_login.proven_card import ProvenCard
from idp.evidence import BasicFour
from idp.identifiers import encode_base64url
from idp.identity.credential import LookupDigest, PresentedCredential
from idp.identity.linkage import LinkageResolver
from idp.identity.lookup_keys import LookupKeys, digest_credential
from idp.jpki.attributes import parse_basic_four
from idp.jpki.certificate import parse_certificate
from idp.jpki.errors import CardError, CardRejected, ProvenCredential
from idp.jpki.ports import RevocationCheck
from idp.jpki.profile import CredentialProfile
from idp.jpki.trust_anchors import TrustAnchors
from idp.jpki.verify import VerifiedCertificate, verify_card
from idp.presenter.message import ProofRequest
from idp.presenter.signed_bytes import message_to_sign
from idp.presenter.transaction import Purpose


@dataclass(frozen=True, slots=True)
class CardVerifier:
    """What this installation verifies cards with."""

    issuer: str
    profiles: Sequence[CredentialProfile]
    trust: TrustAnchors
    revocation: RevocationCheck
    lookup_keys: LookupKeys
    linkage: LinkageResolver | None = None
    keeping: SerialKeeping | None = None

    def with_revocation(self, revocation: RevocationCheck) -> "CardVerifier":
        """The same verifier with another status source; the sandbox plays outages with it."""
        return replace(self, revocation=revocation)


def prove_card(
    verifier: CardVerifier,
    proof: ProofRequest,
    nonce: str,
    canonical_transaction: str,
    now: datetime,
    *,
    purpose: Purpose = "user-authentication",
) -> ProvenCard:
    """Establish which credential signed this nonce and this transaction for this issuer.

    A digital signature opens no session by itself: it counts only beside a user authentication of the same person in
    the same sign-in, which is for the caller to hold.
    Takes:   the nonce, already spent; the transaction as it was frozen at opening; the opening's purpose.
    Returns: the card; with the holder's attributes, in the clear, iff the purpose is ``digital-signature``. They are
             sealed before anything is stored (``seal_attributes``).
    Raises:  CardRejected, attributes_unreadable among its reasons; CardUnverifiable.
    Source:  card presenter protocol §1, §3.3; docs/architecture.md, "The card".
    """
    certificate = verify_card(
        proof.unverified_certificate,
        message_to_sign(purpose, verifier.issuer, nonce, canonical_transaction.encode("utf-8")),
        proof.algorithm,
        proof.unverified_signature,
        purpose=purpose,
        profiles=verifier.profiles,
        trust=verifier.trust,
        revocation=verifier.revocation,
        now=now,
    )
    proven = _with_serial(verifier, proof, certificate, _proven(certificate, verifier.lookup_keys, now), now)
    if purpose == "digital-signature":
        attributes = _read_attributes(proof.unverified_certificate, certificate)
        proven = replace(proven, purpose=purpose, attributes=attributes)
    return proven if verifier.linkage is None else _resolve(verifier.linkage, certificate, proven, now)


def digests_of_refused_card(verifier: CardVerifier, refusal: CardError) -> tuple[LookupDigest, ...]:
    """Under which digests a card is stored that proved possession and was refused then; empty if it proved nothing."""
    if refusal.proven is None:
        return ()
    return digest_credential(verifier.lookup_keys, refusal.proven.issuer_key_id, refusal.proven.serial)


def hash_proof(body: bytes) -> str:
    """By what a repetition of the same proof is known: SHA-256 of the body, base64url."""
    return encode_base64url(hashlib.sha256(body).digest())


def _with_serial(
    verifier: CardVerifier, proof: ProofRequest, certificate: VerifiedCertificate, proven: ProvenCard, now: datetime
) -> ProvenCard:
    if verifier.keeping is None:
        return proven
    presented = proven.presented
    serial = verifier.keeping.keep_serial(proof.unverified_certificate, certificate, presented.digests[0], now)
    listed_by = verifier.keeping.name_lists(proof.unverified_certificate, certificate)
    return replace(proven, presented=replace(presented, serial=serial, listed_by=listed_by))


def _resolve(
    linkage: LinkageResolver, certificate: VerifiedCertificate, proven: ProvenCard, now: datetime
) -> ProvenCard:
    # Here, because nobody keeps the serial number, and because a durable transaction never waits for a network.
    issuer_key_id, serial = certificate.issuer_key_id, certificate.serial
    try:
        answer = linkage.resolve_linkage(proven.presented.digests, issuer_key_id, serial, now)
    except CardError as refusal:
        refusal.proven = ProvenCredential(issuer_key_id, serial)
        raise
    return replace(proven, presented=replace(proven.presented, linkage=answer))


def _read_attributes(verified_der: bytes, certificate: VerifiedCertificate) -> BasicFour:
    try:
        return parse_basic_four(parse_certificate(verified_der))
    except CardRejected as refusal:
        refusal.proven = ProvenCredential(certificate.issuer_key_id, certificate.serial)
        raise


def _proven(certificate: VerifiedCertificate, lookup_keys: LookupKeys, now: datetime) -> ProvenCard:
    profile = certificate.profile
    return ProvenCard(
        presented=PresentedCredential(
            digests=digest_credential(lookup_keys, certificate.issuer_key_id, certificate.serial),
            profile=profile.name,
            kind=profile.credential_kind,
            valid_until=certificate.not_after,
        ),
        amr=profile.amr,
        credential_kind=profile.credential_kind,
        checks=certificate.checks,
        status_time=None if certificate.status is None else certificate.status.this_update,
        verified_at=now,
    )
