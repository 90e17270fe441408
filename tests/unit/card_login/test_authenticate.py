"""What the protocol half is told of a proven card: a level, a means, times; nothing that names the card."""

from dataclasses import replace
from datetime import UTC, datetime

from idp.card_login.authenticate import acr_of_card, authenticate
from idp.card_login.proven_card import ProvenCard
from idp.evidence import Check
from idp.identity.credential import LookupDigest, PresentedCredential

ISSUER = "https://login.example.jp"
NOW = datetime(2026, 4, 1, tzinfo=UTC)
PROVEN = ProvenCard(
    presented=PresentedCredential((LookupDigest("key", b"d" * 32),), "sandbox-card", "card", NOW),
    amr=("sc", "pin"),
    credential_kind="card",
    checks=(Check("one", "signature", NOW), Check("two", "crl", NOW)),
    status_time=NOW,
    verified_at=NOW,
)


def test_a_known_status_gives_the_level_and_an_unknown_one_never_does() -> None:
    assert acr_of_card(ISSUER, PROVEN) == f"{ISSUER}/acr/user-authentication"
    unchecked = acr_of_card(ISSUER, replace(PROVEN, status_time=None))
    assert unchecked == f"{ISSUER}/acr/user-authentication-unchecked"


def test_the_authentication_says_when_how_and_on_what_evidence() -> None:
    authentication = authenticate(ISSUER, PROVEN, "account", randomness=lambda count: bytes(count))
    assert (authentication.account_id, authentication.auth_time, authentication.amr) == ("account", NOW, ("sc", "pin"))
    assert authentication.status_time == NOW
    (evidence,) = authentication.evidence
    assert evidence.kind == "user-authentication"
    assert evidence.checks == PROVEN.checks
    assert "dddd" not in repr(authentication)
