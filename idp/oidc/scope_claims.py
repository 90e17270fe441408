"""Which claims a scope asks for (OIDC Core §5.4), and which a client is registered to ask for."""

from typing import Final

from idp.assurance.claims_policy import SupportedClaim
from idp.oidc.client import Client

# ``profile`` and ``address`` are the standard's, the rest the government provider's; each gives what a signing
# certificate carries of it, and that is less than the standard lists under ``profile``.
CLAIMS_OF_SCOPE: Final[dict[str, tuple[str, ...]]] = {
    "profile": ("name", "birthdate", "gender"),
    "name": ("name",),
    "address": ("address",),
    "birthdate": ("birthdate",),
    "gender": ("gender",),
}


def claims_of_scopes(scope: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The claims that scopes ask for at userinfo, each with the scopes it comes from."""
    asked: dict[str, tuple[str, ...]] = {}
    for value in scope:
        for claim in CLAIMS_OF_SCOPE.get(value, ()):
            asked[claim] = (*asked.get(claim, ()), value)
    return asked


def is_registered(claim: SupportedClaim, client: Client) -> bool:
    """Whether a client may be told a claim, by whatever way it asks.

    An attribute needs a scope that covers it in the registration (RFC 7591 §2, scope). A derived answer needs none:
    it is what a client asks for that is not to have the attribute.
    """
    return claim.predicate is not None or claim.base in claims_of_scopes(client.scope)
