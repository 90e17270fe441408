"""DPoP proofs: RFC 9449 §4.3, point by point; proofs are made by another implementation."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.oidc.dpop import PresentedProof, verify_proof, verify_pushed_key
from idp.oidc.errors import ErrorCode, OAuthError
from tests.support.dpop_key import DPoPKey, encode_json
from tests.unit.oidc.memory_stores import MemoryOnce
from tests.unit.oidc.samples import ISSUER, NOW, TOKEN_ENDPOINT, proof_policy
from tests.unit.oidc.token_world import refusal_of

OWNER = DPoPKey()
TOKEN = "a" * 43


def verify(proof: str, *, once: MemoryOnce | None = None, seconds: int = 0, **changed: Any) -> str:
    presented = PresentedProof(proof, changed.pop("method", "POST"), changed.pop("url", TOKEN_ENDPOINT))
    policy = proof_policy(once or MemoryOnce(), is_nonce_required=changed.pop("is_nonce_required", False))
    return verify_proof(presented, policy, NOW + timedelta(seconds=seconds), **changed)


def make(key: DPoPKey = OWNER, *, method: str = "POST", url: str = TOKEN_ENDPOINT, **changed: Any) -> str:
    return key.proof(method, url, NOW, **changed)


def refused(proof: str, **how: Any) -> OAuthError:
    error = refusal_of(lambda: verify(proof, **how))
    assert (error.code, error.status) == (ErrorCode.INVALID_DPOP_PROOF, 400)
    return error


@pytest.mark.parametrize("alg", ["ES256", "PS256", "EdDSA"])
def test_f12_a_proof_names_the_key_of_its_sender(alg: str) -> None:
    """F12, F27: the algorithms of FAPI 2.0; the thumbprint is jwcrypto's too."""
    key = DPoPKey(alg=alg)
    assert verify(make(key)) == key.thumbprint


def test_the_newer_name_of_eddsa_is_understood() -> None:
    """RFC 9864 §2.2."""
    key = DPoPKey(alg="EdDSA")
    assert verify(make(key, header={"alg": "Ed25519"})) == key.thumbprint


@pytest.mark.parametrize("joined", [", ", ",", " "])
def test_two_headers_are_refused_however_a_gateway_joined_them(joined: str) -> None:
    """RFC 9449 §4.3 (1)."""
    refused(joined.join((make(), make())))


@pytest.mark.parametrize("proof", ["", "a.b", "a.b.c.d", "..", make().rpartition(".")[0] + ".", "é.b.c", "\n" + make()])
def test_what_is_not_one_jwt_is_refused(proof: str) -> None:
    """RFC 9449 §4.3 (2)."""
    refused(proof)


@pytest.mark.parametrize("name", ["jti", "htm", "htu", "iat"])
@pytest.mark.parametrize("value", [None, "", 7.5j, [], True])
def test_a_required_claim_that_is_missing_or_of_another_type_is_refused(name: str, value: Any) -> None:
    """RFC 9449 §4.3 (3)."""
    if isinstance(value, complex):
        value = {"a": 1}
    refused(make(**{name: value}))


@pytest.mark.parametrize("typ", [None, "JWT", "dpop", "DPOP+JWT", "at+jwt", 1])
def test_another_type_is_refused(typ: Any) -> None:
    """RFC 9449 §4.3 (4)."""
    refused(make(header={"typ": typ}))


@pytest.mark.parametrize(
    "alg", [None, "none", "None", "HS256", "RS256", "ES384", "es256", "PS256", "EdDSA", 5, ["ES256"]]
)
def test_f27_another_algorithm_than_the_keys_is_refused(alg: Any) -> None:
    """RFC 9449 §4.3 (5), RFC 8725 §3.1."""
    refused(make(header={"alg": alg}))


def test_f27_an_unsigned_proof_is_refused() -> None:
    header = encode_json({"typ": "dpop+jwt", "alg": "none", "jwk": OWNER.public})
    claims = make().split(".")[1]
    refused(f"{header}.{claims}.")
    refused(f"{header}.{claims}.AAAA")


def test_a_signature_by_another_key_is_refused() -> None:
    """RFC 9449 §4.3 (6)."""
    refused(make(header={"jwk": DPoPKey("thief").public}))


def test_changed_claims_are_refused() -> None:
    header, _, signature = make().split(".")
    refused(f"{header}.{make().split('.')[1]}.{signature}")


@pytest.mark.parametrize("member", [{"d": "AAAA"}, {"k": "AAAA"}, {"p": "AAAA"}, {"oth": []}])
def test_a_private_key_in_the_header_is_refused(member: dict[str, Any]) -> None:
    """RFC 9449 §4.3 (7)."""
    refused(make(header={"jwk": OWNER.public | member}))


@pytest.mark.parametrize(
    "jwk",
    [
        None,
        "text",
        [],
        {},
        {"kty": "EC"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "EC", "crv": "P-256", "x": 1, "y": "AA"},
        {"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"},
        {"kty": "oct", "k": "AAAA"},
        OWNER.public | {"y": OWNER.public["x"]},
        OWNER.public | {"x": OWNER.public["x"] + "="},
    ],
)
def test_what_is_no_public_key_on_its_curve_is_refused(jwk: Any) -> None:
    """RFC 8725 §3.4."""
    refused(make(header={"jwk": jwk}))


def test_f28_a_short_rsa_key_is_refused() -> None:
    from jwcrypto import jwk

    key = DPoPKey(alg="PS256")
    key.key = jwk.JWK.generate(kty="RSA", size=1024)
    refused(make(key))


@pytest.mark.parametrize(
    "member", [{"x5c": ["AAAA"]}, {"jku": "https://evil.example"}, {"crit": ["exp"]}, {"b64": False}, {"zip": "DEF"}]
)
def test_a_header_member_that_would_change_the_reading_is_refused(member: dict[str, Any]) -> None:
    refused(make(header=member))


def test_a_key_id_in_the_header_is_passed_over() -> None:
    assert verify(make(header={"kid": "1"})) == OWNER.thumbprint


@pytest.mark.parametrize("method", ["GET", "post", "POST ", "PUT"])
def test_another_method_is_refused(method: str) -> None:
    """RFC 9449 §4.3 (8)."""
    refused(make(method=method))


@pytest.mark.parametrize(
    "url",
    [
        "https://idp.example/userinfo",
        "https://idp.example/token/",
        "https://idp.example/TOKEN",
        "https://evil.example/token",
        "http://idp.example/token",
        "https://idp.example:444/token",
        "https://idp.example@evil.example/token",
        "https://user@idp.example/token",
        "https://idp.example/%2Ftoken",
        "/token",
        "https://[/token",
        "https://idp.example:99999/token",
    ],
)
def test_another_address_is_refused(url: str) -> None:
    """RFC 9449 §4.3 (9)."""
    refused(make(url=url))


@pytest.mark.parametrize(
    "url",
    [
        "https://idp.example/token?a=b",
        "https://idp.example/token#f",
        "HTTPS://IDP.example:443/token",
        "https://idp.example/%74oken",
    ],
)
def test_the_same_address_in_another_spelling_is_accepted(url: str) -> None:
    """RFC 9449 §4.3 (9): without query and fragment, normalised as RFC 3986 §6.2.2 and §6.2.3 say."""
    assert verify(make(url=url))


@pytest.mark.parametrize(
    ("seconds", "is_accepted"), [(-60, True), (-61, False), (-10, True), (120, True), (121, False)]
)
def test_f13_a_proof_is_of_now(seconds: int, is_accepted: bool) -> None:
    """RFC 9449 §4.3 (11), F13: 0 to 10 seconds in the future are accepted, more than 60 are not."""
    if is_accepted:
        assert verify(make(), seconds=seconds)
    else:
        refused(make(), seconds=seconds)


@pytest.mark.parametrize("iat", [-1, 1e300, float("inf"), float("nan"), 253_402_300_800])
def test_a_time_that_is_none_is_refused(iat: float) -> None:
    refused(make(iat=iat))


def test_a_proof_is_good_once() -> None:
    """RFC 9449 §11.1."""
    once, proof = MemoryOnce(), make()
    assert verify(proof, once=once)
    refused(proof, once=once)


def test_one_jti_of_two_keys_is_no_replay() -> None:
    once = MemoryOnce()
    assert verify(make(jti="same"), once=once) != verify(make(DPoPKey("thief"), jti="same"), once=once)


def test_a_jti_is_remembered_as_long_as_its_proof_could_be_accepted() -> None:
    once = MemoryOnce()
    verify(make(), once=once, seconds=-60)
    (expires_at,) = once.seen.values()
    assert expires_at > NOW + timedelta(seconds=120)


def test_a_refused_proof_makes_nobody_write() -> None:
    once = MemoryOnce()
    for proof in (make(htm="GET"), make(iat=0), make(nonce="x"), make(header={"jwk": DPoPKey("thief").public})):
        with pytest.raises(OAuthError):
            verify(proof, once=once)
    assert once.seen == {}


@pytest.mark.parametrize("changed", [{"ath": None}, {"ath": "x"}, {"access_token": "b" * 43}, {"ath": 1}])
def test_a_proof_for_another_access_token_is_refused(changed: dict[str, Any]) -> None:
    """RFC 9449 §4.3 (12)."""
    refused(make(**{"access_token": TOKEN, **changed}), access_token=TOKEN)


def test_f10_a_nonce_is_asked_for_where_it_is_required() -> None:
    """RFC 9449 §8: the answer carries the nonce to use."""
    error = refusal_of(lambda: verify(make(), is_nonce_required=True))
    assert (error.code, error.status) == (ErrorCode.USE_DPOP_NONCE, 400)
    ((name, nonce),) = error.headers
    assert name == "DPoP-Nonce"
    assert verify(make(nonce=nonce), is_nonce_required=True)


@pytest.mark.parametrize("nonce", ["", "x", "é", 1, [], "A" * 22])
def test_a_nonce_that_is_not_ours_is_answered_with_ours(nonce: Any) -> None:
    error = refusal_of(lambda: verify(make(nonce=nonce)))
    assert error.code is ErrorCode.USE_DPOP_NONCE
    assert error.headers


def test_f12_a_pushed_request_is_bound_to_the_key_of_its_proof() -> None:
    """RFC 9449 §10.1."""
    policy = proof_policy(MemoryOnce())

    def pushed(dpop_jkt: str | None, proof: str | None) -> str | None:
        url = f"{ISSUER}/par"
        presented = None if proof is None else PresentedProof(proof, "POST", url)
        return verify_pushed_key(dpop_jkt, presented, policy, NOW)

    assert pushed(None, None) is None
    assert pushed(OWNER.thumbprint, None) == OWNER.thumbprint
    assert pushed(None, make(url=f"{ISSUER}/par")) == OWNER.thumbprint
    assert pushed(OWNER.thumbprint, make(url=f"{ISSUER}/par")) == OWNER.thumbprint
    differing = refusal_of(lambda: pushed(DPoPKey("thief").thumbprint, make(url=f"{ISSUER}/par")))
    assert differing.code is ErrorCode.INVALID_REQUEST


def replace_part(number: int) -> Callable[[bytes], str]:
    def replace(data: bytes) -> str:
        parts = make().split(".")
        parts[number] = base64.urlsafe_b64encode(data).rstrip(b"=").decode()
        return ".".join(parts)

    return replace


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)
_MEMBERS = st.dictionaries(st.sampled_from(["typ", "alg", "jwk", "kid", "crit"]), _JSON).map(
    lambda changed: json.dumps({"typ": "dpop+jwt", "alg": "ES256", "jwk": OWNER.public} | changed).encode()
)
_KEYS = st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "n", "e"]), _JSON).map(
    lambda changed: json.dumps({"typ": "dpop+jwt", "alg": "ES256", "jwk": OWNER.public | changed}).encode()
)


@given(
    st.one_of(
        st.text(),
        st.binary(max_size=200).map(lambda data: data.decode("latin-1")),
        st.binary(max_size=200).map(replace_part(0)),
        st.one_of(_MEMBERS, _KEYS).map(replace_part(0)),
        st.binary(max_size=200).map(replace_part(1)),
        _JSON.map(lambda value: json.dumps(value).encode()).map(replace_part(1)),
        st.binary(min_size=1, max_size=100).map(replace_part(2)),
    )
)
def test_no_bytes_get_another_exception_out(proof: str) -> None:
    try:
        verify(proof)
    except OAuthError as error:
        assert error.code in (ErrorCode.INVALID_DPOP_PROOF, ErrorCode.USE_DPOP_NONCE)


@given(st.dictionaries(st.sampled_from(["jti", "htm", "htu", "iat", "nonce", "ath", "exp"]), _JSON, min_size=1))
def test_no_signed_claims_get_another_exception_out(changed: dict[str, Any]) -> None:
    claims = {"jti": "1", "htm": "POST", "htu": TOKEN_ENDPOINT, "iat": int(NOW.timestamp())} | changed
    try:
        verify(OWNER.sign({"typ": "dpop+jwt", "alg": "ES256", "jwk": OWNER.public}, claims), access_token=TOKEN)
    except OAuthError as error:
        assert error.code in (ErrorCode.INVALID_DPOP_PROOF, ErrorCode.USE_DPOP_NONCE)


@pytest.mark.parametrize(
    "part",
    [b'{"a":' * 2000, b'{"typ":"dpop+jwt","typ":"dpop+jwt"}', b"[" * 2500, b'{"a":1' + b"0" * 2900 + b"}", b"\xff"],
)
def test_hostile_json_is_refused(part: bytes) -> None:
    """Nested without end, a member twice, a number without end, no UTF-8."""
    refused(replace_part(0)(part))
    refused(replace_part(1)(part))


def test_an_oversized_proof_is_refused_unread() -> None:
    refused(make(filler="a" * 4096))
