"""The published vectors: the agent signs exactly what the protocol says and refuses every hostile case."""

import base64
import hashlib
import json
from typing import Any

import pytest
from build_vectors import VECTORS, build
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from mynumber_card_agent.links import make_tag, parse_link
from mynumber_card_agent.opening import parse_opening
from mynumber_card_agent.outcomes import AgentError, Outcome
from mynumber_card_agent.presenter_api import PresenterApi
from mynumber_card_agent.return_url import parse_return_url
from mynumber_card_agent.signed_bytes import encode_canonical, make_digest_info, make_signed_bytes
from mynumber_card_agent.transaction import parse_transaction

LOADED: dict[str, Any] = json.loads(VECTORS.read_text(encoding="ascii"))


def _named(cases: list[dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[case["name"] for case in cases])


def test_the_committed_vectors_are_what_the_script_builds() -> None:
    assert VECTORS.read_text(encoding="ascii") == build()


@_named(LOADED["signed"])
def test_signed_bytes_are_those_of_the_vector(case: dict[str, Any]) -> None:
    members = parse_transaction(case["transaction"]).members
    assert encode_canonical(members).hex() == case["jcs_hex"]
    signed = make_signed_bytes(case["issuer"], case["purpose"], case["nonce"], members)
    assert signed.hex() == case["signed_bytes_hex"]
    assert make_digest_info(signed).hex() == case["rs256_digest_info_hex"]


@_named(LOADED["signed"])
def test_the_vectors_signature_verifies_over_the_agents_bytes(case: dict[str, Any]) -> None:
    key = load_pem_private_key(LOADED["test_only_key"]["private_key_pem"].encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    signed = make_signed_bytes(case["issuer"], case["purpose"], case["nonce"], case["transaction"])
    signature = base64.urlsafe_b64decode(case["rs256_signature"] + "==")
    key.public_key().verify(signature, signed, padding.PKCS1v15(), SHA256())


@_named(LOADED["refused_members"])
def test_a_member_against_its_rule_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(AgentError) as refusal:
        parse_transaction({**LOADED["base_transaction"], case["member"]: case["value"]})
    assert refusal.value.outcome is Outcome.INVALID_ANSWER
    assert case["member"] in refusal.value.detail


@_named(LOADED["openings"]["refused"])
def test_a_malformed_opening_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(AgentError) as refusal:
        parse_opening(case["body"].encode("utf-8"), LOADED["openings"]["issuer"])
    assert refusal.value.outcome is Outcome.INVALID_ANSWER


def test_the_well_formed_opening_is_accepted() -> None:
    opening = parse_opening(LOADED["openings"]["accepted"].encode("utf-8"), LOADED["openings"]["issuer"])
    assert opening.expires_in_seconds == 287


def test_the_well_formed_declaration_is_accepted() -> None:
    body = LOADED["openings"]["accepted_declaration"].encode("utf-8")
    assert parse_opening(body, LOADED["openings"]["issuer"]).purpose == "digital-signature"


@pytest.mark.parametrize("case", LOADED["tags"], ids=lambda case: case["issuer"])
def test_tags(case: dict[str, str]) -> None:
    assert make_tag(case["issuer"]) == case["tag"]


@pytest.mark.parametrize("case", LOADED["commitments"])
def test_the_commitment_is_the_hash_of_the_secrets_bytes(case: dict[str, str]) -> None:
    secret = base64.urlsafe_b64decode(case["secret"] + "=")
    invitation = parse_link(LOADED["links"]["accepted"][0]["link"], LOADED["links"]["issuers"])
    api = PresenterApi(invitation, randomness=lambda size: secret[:size])
    assert api._commitment == case["commitment"]
    assert hashlib.sha256(secret).digest() == base64.urlsafe_b64decode(case["commitment"] + "=")


@pytest.mark.parametrize("case", LOADED["links"]["accepted"], ids=lambda case: case["link"])
def test_a_link_chooses_a_configured_issuer(case: dict[str, str]) -> None:
    invitation = parse_link(case["link"], LOADED["links"]["issuers"])
    assert (invitation.issuer, invitation.handle) == (case["issuer"], case["handle"])


@_named(LOADED["links"]["refused"])
def test_a_link_never_adds_an_issuer(case: dict[str, str]) -> None:
    with pytest.raises(AgentError) as refusal:
        parse_link(case["link"], LOADED["links"]["issuers"])
    assert refusal.value.outcome in (Outcome.UNKNOWN_ISSUER, Outcome.INVALID_LINK)


@_named(LOADED["return_urls"])
def test_only_the_issuers_own_return_address_is_accepted(case: dict[str, Any]) -> None:
    if case["accepted"]:
        assert parse_return_url(case["return_url"], case["issuer"]) == case["return_url"]
        return
    with pytest.raises(AgentError) as refusal:
        parse_return_url(case["return_url"], case["issuer"])
    assert refusal.value.outcome is Outcome.INVALID_ANSWER
