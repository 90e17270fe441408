"""What the release of claims needs from stores, matched structurally."""

from typing import Protocol

from idp.oidc.claims_release import ReleasedClaims


class ReleasedClaimsReader(Protocol):
    """What was released under a grant, kept encrypted and only as long as the grant."""

    def find_released_claims(self, grant_id: str) -> ReleasedClaims | None:
        """The claims of a live grant; None if it has none."""
        ...


class ReleasedClaimsWriter(Protocol):
    """Writes in the transaction in which the grant is recorded."""

    def insert_released_claims(self, grant_id: str, claims: ReleasedClaims) -> None:
        """Record what a grant releases; the store encrypts it, bound to the grant's id."""
        ...
