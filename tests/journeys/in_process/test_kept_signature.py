"""The signature itself, kept for a lawful verifier: verified years later by whoever must show it."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from jsonschema import Draft202012Validator

from examples.verify_evidence import verify
from idp.cli.main import main
from idp.cli.session import Session
from idp.jpki.profile import SANDBOX_CARD_DIGITAL_SIGNATURE
from idp.web.openapi.schemas import SCHEMAS
from tests.journeys.in_process.test_linked_person import with_operator
from tests.support.client_assertion import KeyedClient
from tests.support.lawful_verifier import (
    ATTRIBUTES,
    SCOPE,
    SERIAL,
    asking_for_the_signature,
    entitle,
    newest_txn,
    signing_card,
    to_the_signature,
)
from tests.support.provider import Provider

YEARS = 6 * 365 * 86_400


@pytest.fixture
def linked(provider: Provider) -> Provider:
    return with_operator(provider)


@pytest.fixture
def keyed(linked: Provider) -> KeyedClient:
    client = KeyedClient(linked, scope=SCOPE)
    entitle(linked, client.party)
    return client


def signed_evidence(client: KeyedClient, *items: str) -> dict[str, Any]:
    """What the client reads after a sign-in in which these items were agreed to."""
    browser = client.provider.browser()
    to_the_signature(browser, client.party.request(**asking_for_the_signature()), *items)
    browser.use_sandbox_card("hanako")
    assert client.party.code(browser.last)
    answer = client.get_evidence(newest_txn(client.provider)).get_json()
    Draft202012Validator(SCHEMAS["Evidence"]).validate(answer)
    return dict(answer)


def authority_of(provider: Provider, certificate: x509.Certificate) -> x509.Certificate:
    anchors = [a.certificate for a in provider.parts.trust.anchors if a.purpose == "digital-signature"]
    key_id = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    found = (a.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest for a in anchors)
    return dict(zip(found, anchors, strict=True))[key_id or b""]


@pytest.fixture
def command_line(linked: Provider) -> Callable[..., Result]:
    def run(*arguments: str) -> Result:
        session = Session(build=lambda *_: linked.parts, clock=linked.clock)
        session.__dict__["settings"] = linked.settings
        return CliRunner().invoke(main, ["evidence", *arguments, "--json"], obj=session)

    return run


def test_a_client_verifies_years_later_with_what_it_was_given_and_asks_nobody(keyed: KeyedClient) -> None:
    evidence = signed_evidence(keyed, *ATTRIBUTES, SERIAL)
    assert evidence["withheld"] == []
    certificate = x509.load_der_x509_certificate(base64.b64decode(evidence["proof"]["certificate"]))
    authority = authority_of(keyed.provider, certificate)
    policy = SANDBOX_CARD_DIGITAL_SIGNATURE.policy_oid
    statement = verify(evidence, authority, policy)
    assert statement == evidence["statement"]
    assert "この電子署名" in statement
    for member, altered in (("nonce", "n" * 43), ("transaction", evidence["proof"]["transaction"] + " ")):
        with pytest.raises(ValueError, match="its key did not sign this"):
            verify(evidence | {"proof": evidence["proof"] | {member: altered}}, authority, policy)
    with pytest.raises(ValueError, match="another statement"):
        verify(evidence | {"statement": "another"}, authority, policy)
    with pytest.raises(ValueError, match="another client"):
        verify(evidence | {"client_id": "another"}, authority, policy)


def test_what_the_certificate_says_beyond_the_agreement_stays_with_the_provider(keyed: KeyedClient) -> None:
    evidence = signed_evidence(keyed, "name", SERIAL)
    assert evidence["withheld"] == ["certificate"]
    assert "certificate" not in evidence["proof"]
    with pytest.raises(ValueError, match="certificate withheld"):
        verify(evidence, x509.load_der_x509_certificate(signing_card(keyed.provider).certificate_der))
    assert signed_evidence(keyed, "name")["withheld"] == ["certificate", "signature"]


def test_the_operator_verifies_years_later_and_it_is_audited(
    keyed: KeyedClient, command_line: Callable[..., Result]
) -> None:
    evidence = signed_evidence(keyed, "name")
    keyed.provider.clock.advance(YEARS)
    result = command_line("verify", evidence["txn"])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["verdict"] == "good"
    assert [step["verdict"] for step in answer["steps"]] == ["good"] * 5
    assert keyed.provider.audit_events()[-1][0] == "evidence_read"
    assert keyed.provider.audit_events()[-1][2:] == (evidence["txn"], "operator")
    shown = json.loads(command_line("show", evidence["txn"]).stdout)
    assert base64.b64decode(shown["proof"]["certificate"]) == signing_card(keyed.provider).certificate_der
