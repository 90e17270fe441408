"""The published vectors, from the provider's side: both halves of the protocol agree to the byte."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from idp.presenter.signed_bytes import message_to_sign
from idp.presenter.transaction import CardTransaction
from idp.web.pages.step_page import StepPages

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[3] / "docs" / "card-presenter-protocol-vectors.json").read_text("utf-8")
)


def named(vectors: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {vector["name"]: vector for vector in vectors}


def transaction(members: dict[str, Any]) -> CardTransaction:
    claims = members["claims"]
    return CardTransaction(**members | {"claims": tuple(claims) if isinstance(claims, list) else claims})


@pytest.mark.parametrize("vector", VECTORS["signed"], ids=named(VECTORS["signed"]).keys())
def test_the_published_signatures_verify_over_our_bytes(vector: dict[str, Any]) -> None:
    key = VECTORS["test_only_key"]
    public_key = rsa.RSAPublicNumbers(key["e"], int(key["n_hex"], 16)).public_key()
    canonical = transaction(vector["transaction"]).canonical()
    message = message_to_sign(vector["purpose"], vector["issuer"], vector["nonce"], canonical)
    signature = base64.urlsafe_b64decode(vector["rs256_signature"] + "==")
    public_key.verify(signature, message, padding.PKCS1v15(), SHA256())


@pytest.mark.parametrize("vector", VECTORS["tags"], ids=[vector["issuer"] for vector in VECTORS["tags"]])
def test_the_tag_in_our_links_is_the_published_one(vector: dict[str, str]) -> None:
    class Parts:
        issuer = vector["issuer"]

    pages = StepPages(Parts(), None, None, None, base="", has_sandbox=False)  # type: ignore[arg-type]
    assert pages._issuer_tag == vector["tag"]
