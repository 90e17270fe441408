"""A transaction that a throwaway card signed, and what is kept of it."""

from typing import Any

from idp.card_login.kept_proof import KeptProof
from idp.presenter.signed_bytes import message_to_sign
from idp.presenter.transaction import CardTransaction, format_time
from tests.unit.jpki.certificates import DAY, NOW, PrivateKey, rsa_key, sign, signing_leaf

ISSUER = "https://id.example.jp"
NONCE = "n" * 42 + "A"
TXN = "t" * 42 + "A"
STATEMENT = "情報の提供についての同意\n\n私は、次の相手に"
CONSENT_ITEMS = ("name", "birthdate", "certificate_serial")


def transaction(**changes: Any) -> CardTransaction:
    members: dict[str, Any] = {
        "txn": TXN,
        "action": "step-up",
        "flow": "same-device",
        "client_id": "bank",
        "client_name": "銀行",
        "client_status": "reviewed",
        "redirect_uri": "https://bank.example/cb",
        "acr": f"{ISSUER}/acr/user-authentication",
        "claims": CONSENT_ITEMS,
        "statement": STATEMENT,
        "request_hash": "r" * 42 + "A",
        "locale": "ja",
        "issued_at": format_time(NOW),
        "expires_at": format_time(NOW + DAY / 1440),
    }
    return CardTransaction(**members | changes)


def kept(
    signed: str | None = None,
    *,
    issuer: str = ISSUER,
    certificate: bytes | None = None,
    key: PrivateKey | None = None,
    **changes: Any,
) -> KeptProof:
    """What is kept of a transaction (RFC 8785 text) that this key signed for this issuer."""
    text = transaction().canonical().decode() if signed is None else signed
    message = message_to_sign("digital-signature", issuer, NONCE, text.encode())
    algorithm, signature = sign(key or rsa_key("holder"), message)
    members: dict[str, Any] = {
        "issuer": issuer,
        "nonce": NONCE,
        "transaction": text,
        "algorithm": algorithm,
        "signature": signature,
        "certificate": certificate or signing_leaf().der(),
    }
    return KeptProof(**members | changes)
