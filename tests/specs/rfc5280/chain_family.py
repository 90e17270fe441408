"""A family of certificates: every kind, every authority generation, each fault of the profile alone and in pairs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from itertools import combinations
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from idp.jpki.profile import (
    CARD_DIGITAL_SIGNATURE,
    CARD_USER_AUTHENTICATION,
    SANDBOX_NEXT_USER_AUTHENTICATION,
    SANDBOX_PHONE_USER_AUTHENTICATION,
    CredentialProfile,
)
from idp.jpki.trust_anchors import TrustAnchors
from tests.unit.jpki.certificates import (
    NOW,
    SIGNING_AUTHORITY_NAME,
    Fault,
    Leaf,
    anchor,
    ec_key,
    ed25519_key,
    key_usage,
    name,
    policies,
    rsa_key,
    signing_leaf,
)

SECOND: Final = timedelta(seconds=1)
# The sandbox's profiles of phone and next card, as an operator's settings would describe real ones.
PHONE: Final = replace(SANDBOX_PHONE_USER_AUTHENTICATION, policy_oid="2.25.1.3.40", sandbox=False)
NEXT_CARD: Final = replace(SANDBOX_NEXT_USER_AUTHENTICATION, policy_oid="2.25.1.3.50", sandbox=False)
# The two others differ from the first in one value; pairs of faults would say the same again.
PAIRED: Final = ("card, generation 1", "next card (P-384), generation 3", "signing certificate")
PROFILES: Final = (CARD_USER_AUTHENTICATION, CARD_DIGITAL_SIGNATURE, PHONE, NEXT_CARD)


@dataclass(frozen=True)
class Kind:
    """One kind of certificate without fault; ``authority`` signed it."""

    leaf: Leaf
    profile: CredentialProfile

    @property
    def authority_key_id(self) -> bytes:
        return x509.SubjectKeyIdentifier.from_public_key(self.leaf.signing_key.public_key()).digest


@cache
def kinds() -> Mapping[str, Kind]:
    next_policies = policies(NEXT_CARD.policy_oid)
    next_card = Leaf(key=ec_key("holder"), signing_key=ec_key("authority-3"), policies=next_policies)
    return {
        "card, generation 1": Kind(Leaf(), CARD_USER_AUTHENTICATION),
        "card, generation 2": Kind(Leaf(signing_key=rsa_key("authority-2")), CARD_USER_AUTHENTICATION),
        "next card (P-384), generation 3": Kind(next_card, NEXT_CARD),
        "phone": Kind(Leaf(policies=policies(PHONE.policy_oid)), PHONE),
        "signing certificate": Kind(signing_leaf(), CARD_DIGITAL_SIGNATURE),
    }


@cache
def family_trust() -> TrustAnchors:
    """Three generations under one name, the third with P-384, and the authority for signing."""
    return TrustAnchors(
        [
            anchor(),
            anchor(Fault(key=rsa_key("authority-2"), serial=8)),
            anchor(Fault(key=ec_key("authority-3"), serial=9)),
            anchor(Fault(subject=SIGNING_AUTHORITY_NAME, key=rsa_key("signing-authority")), "digital-signature"),
        ]
    )


def faults(kind: Kind) -> dict[str, dict[str, Any]]:
    """What may be wrong, as changes to the certificate."""
    own = kind.leaf.policies
    is_signing = kind.profile is CARD_DIGITAL_SIGNATURE
    is_curve = kind.profile is NEXT_CARD
    oid = kind.profile.policy_oid
    forger = ec_key("forger") if is_curve else rsa_key("forger")
    usual = ["digital_signature", "content_commitment"] if is_signing else ["digital_signature"]
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.25.1.99"), b"\x05\x00")
    found: dict[str, dict[str, Any]] = {
        "forged signature": {"signing_key": forger, "authority_key_id": kind.authority_key_id},
        "not yet valid": {"not_before": NOW + SECOND, "not_after": kind.leaf.not_after},
        "expired": {"not_after": NOW - SECOND},
        "other issuer": {"issuer": name("Other")},
        "unknown critical extension": {"more": [(unknown, True)]},
        "unknown extension": {"more": [(unknown, False)]},
        "is an authority": {"constraints": x509.BasicConstraints(True, None)},
        "is expressly none": {"constraints": x509.BasicConstraints(False, None)},
        "no policy": {"policies": None},
        "another policy": {"policies": policies("1.2.392.200149.8.5.1.0.30")},
        "a second policy": {"policies": policies(oid, "1.2.3")},
        "policy not critical": {"policies": own, "policies_critical": False},
        "no key usage": {"usage": None},
        "key usage not critical": {"usage_critical": False},
        "one usage more": {"usage": key_usage(*usual, "key_encipherment")},
        "usage without signing": {"usage": key_usage("key_agreement")},
        "purpose server": {"extended": ("1.3.6.1.5.5.7.3.1",)},
        "purpose client and server": {"extended": ("1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1")},
        "key of 1024 bits": {"key": rsa_key("small", 1024)},
        "exponent 3": {"key": rsa_key("low exponent", 2048, 3)},
        "P-256 key": {"key": ec_key("holder", "P-256")},
        "Ed25519 key": {"key": ed25519_key()},
        "no authority key id": {"without_authority_key_id": True},
        "another authority key id": {"authority_key_id": bytes(20), "without_authority_key_id": False},
        "signature with SHA-512": {"signature_digest": hashes.SHA512()},
    }
    if is_signing:
        found["purpose client"] = {"extended": ("1.3.6.1.5.5.7.3.2",)}
    else:
        found["no purpose"] = {"extended": None}
    if is_curve:
        found["RSA key"] = {"key": rsa_key("holder")}
    else:
        found["P-384 key"] = {"key": ec_key("holder")}
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
        found["signature by PSS"] = {"signature_padding": pss, "signature_digest": hashes.SHA256()}
    return found


@dataclass(frozen=True)
class Member:
    """One certificate of the family."""

    kind: str
    faults: tuple[str, ...]
    leaf: Leaf


def members() -> Iterator[Member]:
    """Every kind without fault and with each fault; those of PAIRED with each two that do not touch the same field."""
    for label, kind in kinds().items():
        known = faults(kind)
        yield Member(label, (), kind.leaf)
        for fault, changes in known.items():
            yield Member(label, (fault,), replace(kind.leaf, **changes))
        if label not in PAIRED:
            continue
        for (first, one), (second, two) in combinations(sorted(known.items()), 2):
            if not one.keys() & two.keys():
                yield Member(label, (first, second), replace(kind.leaf, **one, **two))
