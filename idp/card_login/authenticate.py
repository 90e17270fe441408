"""A proven card and the account it reaches become an ``Authentication``: the card half's last word."""

import secrets

from idp.card_login.proven_card import ProvenCard
from idp.evidence import Authentication
from idp.identifiers import Randomness, new_identifier


def acr_of_card(issuer: str, proven: ProvenCard) -> str:
    """The level that a user authentication reaches here.

    Without a known status it is ``…-unchecked``, which never satisfies a request for the checked level.
    """
    level = f"{issuer}/acr/user-authentication"
    return level if proven.status_time is not None else f"{level}-unchecked"


def authenticate(
    issuer: str, proven: ProvenCard, account_id: str, randomness: Randomness = secrets.token_bytes
) -> Authentication:
    """What the protocol half is told of this card sign-in.

    Raises: ValueError: the card was proven for a digital signature, which opens no session by itself (protocol §1); its
            evidence joins the authentication of a user authentication certificate of the same person.
    Source: OIDC Core §2 (acr, amr, auth_time); RFC 8176 §2.
    """
    if proven.purpose != "user-authentication":
        raise ValueError("a digital signature opens no session by itself")
    return Authentication(
        account_id=account_id,
        auth_time=proven.verified_at,
        acr=acr_of_card(issuer, proven),
        amr=proven.amr,
        status_time=proven.status_time,
        evidence=(proven.to_evidence(new_identifier(randomness)),),
    )
