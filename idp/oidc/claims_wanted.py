"""What a request asks of a person, scopes and ``claims`` parameter together, as far as this client may be told it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from idp.assurance.claims_policy import ClaimsPolicy, SupportedClaim, supported_claims
from idp.assurance.constraint import ANY_VALUE, Constraint
from idp.assurance.evaluation import Omission, Omitted
from idp.assurance.feasibility import find_needed_kind
from idp.assurance.verified_claims_request import WantedVerifiedClaims
from idp.evidence import EvidenceKind
from idp.oidc.claims_request import ClaimsRequest, WantedClaims, is_known_name
from idp.oidc.client import Client
from idp.oidc.scope_claims import claims_of_scopes, is_registered

Place = Literal["userinfo", "id_token"]
PLACES: Final[tuple[Place, ...]] = ("userinfo", "id_token")
TXN: Final = "txn"
# Claims about the sign-in, which are in the ID token anyway or nowhere; asking for them asks nothing of the person.
SIGN_IN_CLAIMS: Final = frozenset(
    {"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", TXN}
)


@dataclass(frozen=True, slots=True)
class WantedClaim:
    """One plain claim that this client may be told; ``scopes`` where only scopes ask for it."""

    claim: SupportedClaim
    constraint: Constraint
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimsAsked:
    """All that one authorization request asks for, before anything is known of the person.

    ``request`` is the ``claims`` parameter, if there was one.
    """

    scope: tuple[str, ...]
    request: ClaimsRequest | None
    client: Client
    policy: ClaimsPolicy

    def wanted(self, place: Place) -> WantedClaims:
        """What the ``claims`` parameter wants at a place."""
        if self.request is None:
            return WantedClaims()
        return self.request.userinfo if place == "userinfo" else self.request.id_token

    def plain(self, place: Place) -> tuple[WantedClaim, ...]:
        """The plain claims that may go to a place. What a claim must be holds also where a scope asks for it."""
        asked = dict(self.wanted(place).claims)
        of_scopes = claims_of_scopes(self.scope) if place == "userinfo" else {}
        found = []
        for name in (*asked, *(name for name in of_scopes if name not in asked)):
            claim = self.find_claim(name)
            if isinstance(claim, SupportedClaim):
                found.append(WantedClaim(claim, asked.get(name, ANY_VALUE), () if name in asked else of_scopes[name]))
        return tuple(found)

    def verified(self) -> Iterator[tuple[Place, int, WantedVerifiedClaims]]:
        """The wanted ``verified_claims`` objects, with place and number."""
        for place in PLACES:
            for index, wanted in enumerate(self.wanted(place).verified):
                yield place, index, wanted

    def needed_kind(self, wanted: WantedVerifiedClaims, requested_at: datetime) -> EvidenceKind | Omitted:
        """The certificate that one ``verified_claims`` object needs, or why no card gives it to this client."""
        names = [name for name, _ in wanted.claims or ()]
        return find_needed_kind(
            wanted,
            self.policy,
            requested_at,
            releasable=frozenset(name for name in names if isinstance(self.find_claim(name), SupportedClaim)),
            is_serial_offered=self.client.is_lawful_verifier,
        )

    def find_claim(self, name: str) -> SupportedClaim | Omission:
        """The claim behind a name, or why this client cannot have it."""
        is_scope_claim = name in claims_of_scopes(self.scope)
        is_known = is_scope_claim or (self.request is not None and is_known_name(self.request, name, self.policy))
        if not is_known:
            return Omission.UNSUPPORTED
        claim = supported_claims(self.policy)[name]
        return claim if is_registered(claim, self.client) else Omission.NOT_REGISTERED
