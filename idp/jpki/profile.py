"""Credential profiles: what a certificate of each kind looks like, as data (J-LIS profile v3.2).

Algorithms, policy and ``amr`` are data because the phone's policy is not public and because the next card changes key,
digest and validity. ``conformance`` is the one reader of the rules.
"""

from dataclasses import dataclass
from typing import Final, Literal

from idp.evidence import CredentialKind

Purpose = Literal["user-authentication", "digital-signature"]
CardAlgorithm = Literal["RS256", "ES384"]

CLIENT_AUTHENTICATION: Final = "1.3.6.1.5.5.7.3.2"
# A UUID arc (X.667): nobody assigns below it but this project, and no certificate of J-LIS can carry it.
SANDBOX_ARC: Final = "2.25.328653170194599493379844654296709440124"
CPS_QUALIFIER: Final = "1.3.6.1.5.5.7.2.1"

DIGITAL_SIGNATURE: Final = "digital_signature"
CONTENT_COMMITMENT: Final = "content_commitment"


@dataclass(frozen=True, slots=True)
class KeyRule:
    """Which key a profile allows, and so which algorithm its proof must name.

    ``certificate_signatures`` are the algorithm OIDs that may sign the certificate itself.
    """

    algorithm: CardAlgorithm
    certificate_signatures: frozenset[str]


RSA_2048: Final = KeyRule("RS256", frozenset({"1.2.840.113549.1.1.11"}))
ECDSA_P384: Final = KeyRule("ES384", frozenset({"1.2.840.10045.4.3.3"}))


@dataclass(frozen=True, slots=True)
class CredentialProfile:
    """One kind of certificate that is accepted, and what it says about a sign-in.

    ``key_usage`` are exactly the bits that must be set; ``extended_key_usage`` exactly the one that must be there, or
    None for no such extension. ``sandbox`` profiles chain to sandbox anchors only, and the others never do.
    """

    name: str
    purpose: Purpose
    credential_kind: CredentialKind
    policy_oid: str
    key_rule: KeyRule
    key_usage: frozenset[str]
    extended_key_usage: str | None
    amr: tuple[str, ...]
    sandbox: bool = False


def _user_authentication(
    name: str, policy_oid: str, *, phone: bool = False, key_rule: KeyRule = RSA_2048, sandbox: bool = False
) -> CredentialProfile:
    return CredentialProfile(
        name=name,
        purpose="user-authentication",
        credential_kind="phone" if phone else "card",
        policy_oid=policy_oid,
        key_rule=key_rule,
        key_usage=frozenset({DIGITAL_SIGNATURE}),
        extended_key_usage=CLIENT_AUTHENTICATION,
        amr=("hwk",) if phone else ("sc", "pin"),
        sandbox=sandbox,
    )


def _digital_signature(name: str, policy_oid: str, *, sandbox: bool = False) -> CredentialProfile:
    return CredentialProfile(
        name=name,
        purpose="digital-signature",
        credential_kind="card",
        policy_oid=policy_oid,
        key_rule=RSA_2048,
        key_usage=frozenset({DIGITAL_SIGNATURE, CONTENT_COMMITMENT}),
        extended_key_usage=None,
        amr=("sc", "pin"),
        sandbox=sandbox,
    )


CARD_USER_AUTHENTICATION: Final = _user_authentication("card-user-authentication", "1.2.392.200149.8.5.1.3.30")
CARD_DIGITAL_SIGNATURE: Final = _digital_signature("card-digital-signature", "1.2.392.200149.8.5.1.1.20")
PRODUCTION_PROFILES: Final = (CARD_USER_AUTHENTICATION, CARD_DIGITAL_SIGNATURE)

SANDBOX_CARD_USER_AUTHENTICATION: Final = _user_authentication(
    "sandbox-card-user-authentication", f"{SANDBOX_ARC}.3.30", sandbox=True
)
SANDBOX_PHONE_USER_AUTHENTICATION: Final = _user_authentication(
    "sandbox-phone-user-authentication", f"{SANDBOX_ARC}.3.40", phone=True, sandbox=True
)
SANDBOX_NEXT_USER_AUTHENTICATION: Final = _user_authentication(
    "sandbox-next-card-user-authentication", f"{SANDBOX_ARC}.3.50", key_rule=ECDSA_P384, sandbox=True
)
SANDBOX_CARD_DIGITAL_SIGNATURE: Final = _digital_signature(
    "sandbox-card-digital-signature", f"{SANDBOX_ARC}.1.20", sandbox=True
)
SANDBOX_PROFILES: Final = (
    SANDBOX_CARD_USER_AUTHENTICATION,
    SANDBOX_PHONE_USER_AUTHENTICATION,
    SANDBOX_NEXT_USER_AUTHENTICATION,
    SANDBOX_CARD_DIGITAL_SIGNATURE,
)
