"""What a test PKI writes into its certificates: the sandbox's marks, or, for throwaway authorities of tests, none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from idp.jpki.profile import (
    CARD_DIGITAL_SIGNATURE,
    CARD_USER_AUTHENTICATION,
    SANDBOX_CARD_DIGITAL_SIGNATURE,
    SANDBOX_CARD_USER_AUTHENTICATION,
    SANDBOX_NEXT_USER_AUTHENTICATION,
    SANDBOX_PHONE_USER_AUTHENTICATION,
    Purpose,
)
from idp.jpki.trust_anchors import SANDBOX_ORGANIZATION


@dataclass(frozen=True, slots=True)
class Marks:
    """Names and policies of one test PKI.

    ``service`` stands in the alternative names of issuer and authority; policies are keyed "card", "phone", "next-card"
    and "digital-signature".
    """

    organization: str
    authority: str
    service: str
    policies: Mapping[str, str]

    @property
    def sandbox(self) -> bool:
        """Whether anchors and certificates carry the sandbox's marks."""
        return self.organization == SANDBOX_ORGANIZATION

    def unit(self, purpose: Purpose) -> str:
        """The organizational unit that tells the two kinds of authority apart."""
        kind = "user authentication" if purpose == "user-authentication" else "digital signature"
        return f"{self.organization} for {kind}"


SANDBOX_MARKS: Final = Marks(
    organization=SANDBOX_ORGANIZATION,
    authority="Sandbox of an OpenID Provider, not an authority",
    service="公的個人認証サービスではない試験用",
    policies={
        "card": SANDBOX_CARD_USER_AUTHENTICATION.policy_oid,
        "phone": SANDBOX_PHONE_USER_AUTHENTICATION.policy_oid,
        "next-card": SANDBOX_NEXT_USER_AUTHENTICATION.policy_oid,
        "digital-signature": SANDBOX_CARD_DIGITAL_SIGNATURE.policy_oid,
    },
)


def unmarked(organization: str = "THROWAWAY TEST AUTHORITY") -> Marks:
    """Marks of a throwaway authority that production takes only by a listed fingerprint, as it takes any other.

    Its certificates carry the real policies, so tests of production run without a switch; phone and next card, whose
    policies are not public, get documentation values that the test's settings describe.
    """
    return Marks(
        organization=organization,
        authority="Made for one test run",
        service="使い捨ての試験用",
        policies={
            "card": CARD_USER_AUTHENTICATION.policy_oid,
            "phone": "2.25.1.3.40",
            "next-card": "2.25.1.3.50",
            "digital-signature": CARD_DIGITAL_SIGNATURE.policy_oid,
        },
    )
