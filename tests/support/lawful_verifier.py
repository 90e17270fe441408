"""A client with a registered legal basis that asks for the signature itself."""

import json
from dataclasses import replace

from idp.oidc.registration import client_fingerprint
from idp.sandbox.pki import IssuedCertificate
from tests.support.browser import Browser
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty

SCOPE = "openid name birthdate address gender"
ATTRIBUTES = ("name", "birthdate", "address", "gender")
SERIAL = "certificate_serial"
ELECTRONIC_SIGNATURE = {
    "type": {"value": "electronic_signature"},
    "signature_type": None,
    "issuer": None,
    "serial_number": None,
    "created_at": None,
}


def entitle(provider: Provider, party: RelyingParty, *, is_lawful: bool = True) -> None:
    """Register, or withdraw, a legal basis."""
    changed = replace(party.client, is_lawful_verifier=is_lawful)
    changed = replace(changed, fingerprint=client_fingerprint(changed))
    provider.change_client(changed)
    party.client = changed


def asking_for_the_signature(*claims: str, place: str = "userinfo") -> dict[str, str]:
    """The parameter that asks for verified claims with the signature as their evidence."""
    verification = {"trust_framework": None, "time": None, "evidence": [ELECTRONIC_SIGNATURE]}
    wanted = {"verification": verification, "claims": dict.fromkeys(claims or ATTRIBUTES)}
    return {"claims": json.dumps({place: {"txn": None, "verified_claims": wanted}})}


def to_the_signature(browser: Browser, parameters: dict[str, str], *items: str, person: str = "hanako") -> None:
    """Sign in, agree to exactly these items, and arrive where the signing card is asked for."""
    browser.authorize(parameters)
    browser.use_sandbox_card(person)
    if "/new-browser" in browser.html:
        browser.submit("/new-browser")
    form = browser.form("/consent")
    fields = {name: value for name, value in form.fields.items() if not name.startswith("item-")}
    browser.post(form.action, fields | {f"item-{item}": "on" for item in items} | {"decision": "allow"})


def signing_card(provider: Provider, person: str = "hanako") -> IssuedCertificate:
    """A test person's certificate for digital signatures, with its key."""
    issued = provider.cards[person].digital_signature
    assert issued is not None
    return issued


def presenter_of(provider: Provider, browser: Browser, person: str = "hanako") -> PresenterDouble:
    """Whoever holds the signing card at the page that this browser is on."""
    return PresenterDouble(provider.app, provider.settings.issuer, signing_card(provider, person), browser.handle)


def newest_txn(provider: Provider) -> str:
    """The last sign-in that released claims."""
    return [str(txn) for event, _, txn, _ in provider.audit_events() if event == "claims_released"][-1]
