"""Builds ``docs/card-presenter-protocol-vectors.json``: what the protocol demands, computed apart from the agent.

It imports nothing of the agent nor of the provider: JCS by the rfc8785 package, RSA by cryptography. Both sides are
tested against the file. Run: ``python tests/build_vectors.py`` in ``agent/``; ``test_agent_vectors.py`` compares.
"""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any, Final

import rfc8785
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

HERE: Final = Path(__file__).parent
KEY: Final = HERE / "test-only-key.pem"
VECTORS: Final = HERE.parents[1] / "docs" / "card-presenter-protocol-vectors.json"
DIGEST_INFO: Final = bytes.fromhex("3031300d060960864801650304020105000420")
ISSUERS: Final = ("https://login.example.jp", "https://id.example.org/tenants/a", "http://127.0.0.1:8000")
HANDLE: Final = "h" * 42 + "A"
NONCE: Final = "n" * 42 + "A"

PLAIN: Final[dict[str, Any]] = {
    "txn": "t" * 42 + "A",
    "action": "sign-in",
    "flow": "same-device",
    "client_id": "library",
    "client_name": "City Library",
    "client_status": "reviewed",
    "redirect_uri": "https://library.example.jp/callback",
    "acr": "",
    "claims": [],
    "statement": "",
    "request_hash": "r" * 42 + "A",
    "locale": "en",
    "issued_at": "2026-04-01T00:00:00Z",
    "expires_at": "2026-04-01T00:05:00Z",
}

# A declaration of will: the statement names who gets what, when and what for.
SIGNING: Final[dict[str, Any]] = {
    **PLAIN,
    "action": "step-up",
    "acr": "https://login.example.jp/acr/digital-signature",
    "claims": ["name", "birthdate"],
    "statement": "I agree that library.example.jp is given my name and my birth date. 1 April 2026",
}

ACCEPTED: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("ascii", ISSUERS[0], {}),
    ("japanese-name", ISSUERS[0], {"client_name": "さくら市立図書館", "client_status": "unreviewed", "locale": "ja"}),
    ("issuer-with-path", ISSUERS[1], {"acr": "https://id.example.org/tenants/a/acr/user-authentication"}),
    ("sandbox-issuer", ISSUERS[2], {"redirect_uri": "http://127.0.0.1:8001/callback"}),
    ("statement-with-line-feeds", ISSUERS[0], {"statement": "第1条 同意します。\n\n第2条 I agree.", "locale": "ja"}),
    ("quotes-and-backslashes", ISSUERS[0], {"client_name": 'The "A\\B" </script> & Co', "statement": '\\n "q" \\u00'}),
    ("beyond-the-basic-plane", ISSUERS[0], {"client_name": "𠮷野家 😀", "statement": "𩸽と𠀋"}),
    ("ideographic-variation-sequence", ISSUERS[0], {"client_name": "葛\U000e0100城市"}),
    ("slash-delete-and-latin1-stay-unescaped", ISSUERS[0], {"client_name": "é/\u00a0ü", "client_id": "a/b~c d"}),
    ("longest-name-in-code-points", ISSUERS[0], {"client_name": "𠮷" * 64}),
    ("longest-statement", ISSUERS[0], {"statement": "あ" * 2000}),
    ("claims-keep-their-order", ISSUERS[0], {"claims": ["name", "birthdate", "address", "name"], "action": "step-up"}),
    ("most-claims", ISSUERS[0], {"claims": [f"claim_{number:02}" + "x" * 56 for number in range(64)]}),
    ("address-of-an-app", ISSUERS[0], {"redirect_uri": "jp.example.app:/callback", "action": "merge"}),
    ("a-label-host-and-port", ISSUERS[0], {"redirect_uri": "https://xn--eckwd4c7c.xn--zckzah:8443/cb?x=%E3%81%82"}),
)  # fmt: skip

ACCEPTED_SIGNING: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("digital-signature", ISSUERS[0], SIGNING),
    (
        "digital-signature-in-japanese",
        ISSUERS[0],
        {
            **SIGNING,
            "client_name": "さくら銀行",
            "redirect_uri": "https://bank.example.jp/cb",
            "claims": ["name", "address"],
            "statement": "私は、bank.example.jp(さくら銀行)に次の情報を渡すことに同意します。\n・氏名\n・住所",
            "locale": "ja",
        },
    ),
    ("digital-signature-longest-statement", ISSUERS[1], {**SIGNING, "acr": "", "statement": "あ" * 2000}),
)

REFUSED: Final[tuple[tuple[str, str, Any], ...]] = (
    ("nul", "client_name", "Bank\x00"),
    ("line-feed-in-a-name", "client_name", "Bank\nreviewed"),
    ("tab", "client_name", "Bank\tA"),
    ("delete", "client_name", "Bank\x7f"),
    ("next-line-c1", "client_name", "Bank\x85A"),
    ("right-to-left-override", "client_name", "Bank \u202eknaB"),
    ("left-to-right-isolate", "client_name", "Bank\u2066A\u2069"),
    ("zero-width-joiner", "client_name", "Ba\u200dnk"),
    ("zero-width-space", "client_name", "Ba\u200bnk"),
    ("soft-hyphen", "client_name", "Ba\u00adnk"),
    ("byte-order-mark", "client_name", "\ufeffBank"),
    ("language-tag-character", "client_name", "Bank\U000e0041"),
    ("lone-high-surrogate", "client_name", "Bank\ud800"),
    ("lone-low-surrogate", "client_name", "Bank\udc00"),
    ("private-use", "client_name", "Bank\ue000"),
    ("private-use-beyond-the-basic-plane", "client_name", "Bank\U0010fffd"),
    ("unassigned", "client_name", "Bank\u0378"),
    ("noncharacter", "client_name", "Bank\uffff"),
    ("combining-grapheme-joiner", "client_name", "Ba\u034fnk"),
    ("hangul-choseong-filler", "client_name", "Ba\u115fnk"),
    ("hangul-jungseong-filler", "client_name", "Ba\u1160nk"),
    ("khmer-vowel-inherent-aq", "client_name", "Ba\u17b4nk"),
    ("khmer-vowel-inherent-aa", "client_name", "Ba\u17b5nk"),
    ("hangul-filler-alone", "client_name", "\u3164"),
    ("halfwidth-hangul-filler", "client_name", "Bank\uffa0"),
    ("line-separator", "client_name", "Bank\u2028A"),
    ("paragraph-separator", "client_name", "Bank\u2029A"),
    ("decomposed", "client_name", "カ\u3099"),
    ("compatibility-ideograph-that-nfc-replaces", "client_name", "\ufa19社"),
    ("empty-name", "client_name", ""),
    ("65-characters", "client_name", "a" * 65),
    ("leading-space", "client_name", " Bank"),
    ("trailing-space", "client_name", "Bank "),
    ("leading-em-space", "client_name", "\u2003Bank"),
    ("trailing-ogham-space", "client_name", "Bank\u1680"),
    ("leading-ideographic-space", "client_name", "\u3000Bank"),
    ("trailing-no-break-space", "client_name", "Bank\u00a0"),
    ("name-is-a-number", "client_name", 7),
    ("name-is-null", "client_name", None),
    ("carriage-return-in-a-statement", "statement", "a\r\nb"),
    ("tab-in-a-statement", "statement", "a\tb"),
    ("line-separator-in-a-statement", "statement", "a\u2028b"),
    ("override-in-a-statement", "statement", "pay \u202e1000"),
    ("lone-surrogate-in-a-statement", "statement", "\ud83d"),
    ("2001-characters", "statement", "a" * 2001),
    ("trailing-line-feed", "statement", "I agree\n"),
    ("leading-line-feed", "statement", "\nI agree"),
    ("filler-in-a-statement", "statement", "pay\u31641000"),
    ("trailing-ideographic-space-in-a-statement", "statement", "I agree\u3000"),
    ("decomposed-statement", "statement", "e\u0301"),
    ("unknown-action", "action", "pay"),
    ("cross-device", "flow", "cross-device"),
    ("unknown-status", "client_status", "trusted"),
    ("empty-client-id", "client_id", ""),
    ("long-client-id", "client_id", "a" * 256),
    ("client-id-beyond-ascii", "client_id", "図書館"),
    ("client-id-with-line-feed", "client_id", "a\nb"),
    ("relative-address", "redirect_uri", "/callback"),
    ("address-without-host", "redirect_uri", "https:///callback"),
    ("address-with-user-information", "redirect_uri", "https://bank.example.jp@evil.example/"),
    ("address-with-backslash", "redirect_uri", "https://bank.example.jp\\@evil.example/"),
    ("address-with-fragment", "redirect_uri", "https://a.example/cb#x"),
    ("address-with-space", "redirect_uri", "https://a.example/c b"),
    ("address-with-u-label", "redirect_uri", "https://例え.テスト/"),
    ("address-with-port-zero", "redirect_uri", "https://a.example:0/"),
    ("address-with-a-port-beyond-all", "redirect_uri", "https://a.example:65536/"),
    ("web-address-without-slashes", "redirect_uri", "https:a.example/cb"),
    ("address-with-escaped-host", "redirect_uri", "https://a%2eexample/"),
    ("long-address", "redirect_uri", "https://a.example/" + "a" * 1983),
    ("long-acr", "acr", "a" * 256),
    ("acr-beyond-ascii", "acr", "é"),
    ("claims-are-a-string", "claims", "name"),
    ("65-claims", "claims", ["a"] * 65),
    ("long-claim", "claims", ["a" * 65]),
    ("claim-beyond-ascii", "claims", ["氏名"]),
    ("claim-is-a-number", "claims", [1]),
    ("short-txn", "txn", "t" * 42),
    ("txn-with-padding", "txn", "t" * 42 + "="),
    ("long-request-hash", "request_hash", "r" * 44),
    ("unknown-locale", "locale", "fr"),
    ("time-with-offset", "issued_at", "2026-04-01T09:00:00+09:00"),
    ("time-with-fraction", "issued_at", "2026-04-01T00:00:00.0Z"),
    ("no-such-day", "issued_at", "2026-02-30T00:00:00Z"),
    ("expires-as-it-begins", "expires_at", "2026-04-01T00:00:00Z"),
    ("time-with-a-space", "issued_at", "2026-04-01 00:00:00Z"),
    ("leap-second", "issued_at", "2026-06-30T23:59:60Z"),
    ("expires-before-it-begins", "expires_at", "2026-03-31T23:59:59Z"),
    ("time-in-full-width-digits", "expires_at", "２０２６-04-01T00:05:00Z"),
)  # fmt: skip

REFUSED_LINKS: Final = (
    ("unknown-tag", f"mynumber-card:{'A' * 22}.{HANDLE}"),
    ("another-address", f"https://evil.example/card#{HANDLE}"),
    ("issuer-as-user-information", f"https://login.example.jp@evil.example/card#{HANDLE}"),
    ("issuer-in-upper-case", f"https://LOGIN.example.jp/card#{HANDLE}"),
    ("issuer-with-its-port", f"https://login.example.jp:443/card#{HANDLE}"),
    ("plain-http", f"http://login.example.jp/card#{HANDLE}"),
    ("another-path", f"https://login.example.jp/cards#{HANDLE}"),
    ("issuer-of-a-prefix", f"https://login.example.jp.evil.example/card#{HANDLE}"),
    ("handle-in-the-query", f"https://login.example.jp/card?{HANDLE}"),
    ("short-handle", f"https://login.example.jp/card#{HANDLE[:42]}"),
    ("empty", ""),
    ("another-scheme", f"mynumber:{'A' * 22}.{HANDLE}"),
)

RETURN_URLS: Final = (
    ("plain", f"{ISSUERS[0]}/card/return/{HANDLE}", True),
    ("another-origin", f"https://evil.example/card/return/{HANDLE}", False),
    ("another-port", f"https://login.example.jp:8443/card/return/{HANDLE}", False),
    ("plain-http", f"http://login.example.jp/card/return/{HANDLE}", False),
    ("longer-host", f"https://login.example.jp.evil.example/card/return/{HANDLE}", False),
    ("user-information", f"https://login.example.jp@evil.example/card/return/{HANDLE}", False),
    ("another-path", f"{ISSUERS[0]}/authorize", False),
    ("dot-segments", f"{ISSUERS[0]}/card/return/../../authorize", False),
    ("escaped-dot-segments", f"{ISSUERS[0]}/card/return/%2e%2e/x", False),
    ("backslash", f"{ISSUERS[0]}/card/return/..\\x", False),
    ("line-feed", f"{ISSUERS[0]}/card/return/{HANDLE}\nx", False),
    ("nothing-after-the-prefix", f"{ISSUERS[0]}/card/return/", False),
    ("javascript", "javascript:alert(1)", False),
)


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _sha256(text: str | bytes) -> bytes:
    return hashlib.sha256(text.encode("utf-8") if isinstance(text, str) else text).digest()


def _tag(issuer: str) -> str:
    return _encode(_sha256(issuer)[:16])


def _load_key() -> rsa.RSAPrivateKey:
    key = load_pem_private_key(KEY.read_bytes(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def _accepted(name: str, issuer: str, changes: dict[str, Any], key: rsa.RSAPrivateKey, purpose: str) -> dict[str, Any]:
    transaction = {**PLAIN, **changes}
    canonical = rfc8785.dumps(transaction)
    signed = (
        b"mynumber-idp/v1/" + purpose.encode("ascii") + b"\x00" + _sha256(issuer) + _sha256(NONCE) + _sha256(canonical)
    )
    return {
        "name": name,
        "issuer": issuer,
        "purpose": purpose,
        "nonce": NONCE,
        "transaction": transaction,
        "jcs_hex": canonical.hex(),
        "issuer_sha256_hex": _sha256(issuer).hex(),
        "nonce_sha256_hex": _sha256(NONCE).hex(),
        "transaction_sha256_hex": _sha256(canonical).hex(),
        "signed_bytes_hex": signed.hex(),
        "rs256_digest_info_hex": (DIGEST_INFO + _sha256(signed)).hex(),
        "rs256_signature": _encode(key.sign(signed, padding.PKCS1v15(), SHA256())),
        "es384_digest_hex": hashlib.sha384(signed).hexdigest(),
    }


def _opening(**changes: Any) -> dict[str, Any]:
    opening = {"format": "mynumber-card/1", "issuer": ISSUERS[0], "purpose": "user-authentication", "nonce": NONCE}
    return {**opening, "transaction": PLAIN, "expires_in": 287, **changes}


def _signing(**changes: Any) -> str:
    return json.dumps(_opening(purpose="digital-signature", transaction={**SIGNING, **changes}))


def _refused_openings() -> list[dict[str, str]]:
    whole = json.dumps(_opening())
    without = {name: value for name, value in PLAIN.items() if name != "statement"}
    cases = {
        "another-format": json.dumps(_opening(format="mynumber-card/2")),
        "another-issuer": json.dumps(_opening(issuer=ISSUERS[1])),
        "issuer-with-a-trailing-slash": json.dumps(_opening(issuer=ISSUERS[0] + "/")),
        "issuer-in-upper-case": json.dumps(_opening(issuer="https://LOGIN.example.jp")),
        "unknown-purpose": json.dumps(_opening(purpose="payment")),
        "short-nonce": json.dumps(_opening(nonce=NONCE[1:])),
        "no-time-left": json.dumps(_opening(expires_in=0)),
        "time-as-text": json.dumps(_opening(expires_in="287")),
        "time-as-a-truth": json.dumps(_opening(expires_in=True)),
        "time-that-is-no-number": json.dumps(_opening(expires_in=float("nan"))),
        "unknown-member": json.dumps(_opening(extra="")),
        "unknown-member-in-the-transaction": json.dumps(_opening(transaction={**PLAIN, "amount": "1000"})),
        "missing-member-in-the-transaction": json.dumps(_opening(transaction=without)),
        "doubled-member": whole[:-1] + ', "purpose": "user-authentication"}',
        "doubled-member-in-the-transaction": whole.replace('"acr": ""', '"acr": "", "client_name": "Other"'),
        "doubled-member-in-another-spelling": whole.replace('"acr": ""', '"acr": "", "client\\u005fname": "Other"'),
        "text-after-the-object": whole + "{}",
        "array": f"[{whole}]",
        "byte-order-mark": "\ufeff" + whole,
        "raw-control-character": whole.replace("City Library", "City\x01Library"),
        "deeply-nested": "[" * 5_000,
        "declaration-without-statement": _signing(statement=""),
        "declaration-without-claims": _signing(claims=[]),
        "declaration-that-signs-in": _signing(action="sign-in"),
        "declaration-that-attaches": _signing(action="attach-credential"),
        "declaration-that-deletes": _signing(action="delete"),
    }
    return [{"name": name, "body": body} for name, body in cases.items()]


def build() -> str:
    """The whole file as ASCII text, so that every invisible character is an escape that can be read."""
    key = _load_key()
    numbers = key.public_key().public_numbers()
    vectors = {
        "about": "Test vectors of the card presenter protocol, version 1. Built by agent/tests/build_vectors.py.",
        "format": "mynumber-card/1",
        "test_only_key": {
            "about": "Made for this file. Everybody knows it: it must be trusted nowhere.",
            "private_key_pem": KEY.read_text(encoding="ascii"),
            "n_hex": f"{numbers.n:x}",
            "e": numbers.e,
        },
        "tags": [{"issuer": issuer, "tag": _tag(issuer)} for issuer in ISSUERS],
        "commitments": [
            {"secret": _encode(secret), "commitment": _encode(hashlib.sha256(secret).digest())}
            for secret in (bytes(32), bytes(range(32)), b"\xff" * 32)
        ],
        "signed": [_accepted(*case, key, "user-authentication") for case in ACCEPTED]
        + [_accepted(*case, key, "digital-signature") for case in ACCEPTED_SIGNING],
        "base_transaction": PLAIN,
        "refused_members": [{"name": name, "member": member, "value": value} for name, member, value in REFUSED],
        "openings": {
            "issuer": ISSUERS[0],
            "accepted": json.dumps(_opening()),
            "accepted_declaration": _signing(),
            "refused": _refused_openings(),
        },
        "links": {
            "issuers": list(ISSUERS),
            "accepted": [
                {"link": form + ignored, "issuer": issuer, "handle": HANDLE}
                for issuer in ISSUERS
                for form in (f"mynumber-card:{_tag(issuer)}.{HANDLE}", f"{issuer}/card#{HANDLE}")
                for ignored in ("", "?issuer=https://evil.example", "&x=y")
            ],
            "refused": [{"name": name, "link": link} for name, link in REFUSED_LINKS],
        },
        "return_urls": [{"name": n, "issuer": ISSUERS[0], "return_url": u, "accepted": a} for n, u, a in RETURN_URLS],
    }
    return json.dumps(vectors, indent=1, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    VECTORS.write_text(build(), encoding="ascii")
