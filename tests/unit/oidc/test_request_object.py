"""Request objects (RFC 9101): what the client signed, and nothing else."""

import base64
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, RSAKey

from idp.clock import to_epoch_seconds
from idp.oidc.client_options import ClientOptions
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.pushed_request_endpoint import PushedRequestDependencies, answer_pushed_request
from idp.oidc.request_object import verify_request_object
from idp.oidc.request_sources import check_received, receive_request
from tests.unit.oidc.memory_stores import MemoryClients, MemoryOnce
from tests.unit.oidc.request_object_world import REQUEST, ReversingDecrypter, World, claims_with, raw, sign
from tests.unit.oidc.samples import (
    ISSUER,
    NOW,
    TOKEN_ENDPOINT,
    RealSigner,
    authorization_parameters,
    basic,
    ec_key,
    encode,
    make_assertion_client,
    make_client,
    rsa_key,
)

EPOCH = to_epoch_seconds(NOW)


def is_refused(unverified_object: str, world: World | None = None, **outside: str | None) -> bool:
    try:
        (world or World()).receive(unverified_object, **outside)
    except OAuthError as error:
        assert error.code is ErrorCode.INVALID_REQUEST_OBJECT
        return True
    return False


@pytest.mark.parametrize("alg", ["ES256", "PS256", "RS256"])
@pytest.mark.parametrize("typ", ["oauth-authz-req+jwt", "OAuth-AuthZ-Req+JWT", "JWT", "jwt", ...])
def test_what_the_client_signed_is_the_request(alg: str, typ: Any) -> None:
    received = World().receive(sign(alg=alg, typ=typ))
    assert dict(received.parameters.pairs) == REQUEST
    assert received.is_signed
    assert not received.is_pushed


def test_nothing_outside_is_added_to_what_is_inside() -> None:
    """RFC 9101 §6.3."""
    inside = claims_with(state=..., prompt=...)
    received = World().receive(sign(inside), state="outside", prompt="none", scope="openid profile", redirect_uri="x")
    assert received.parameters.get("state") is None
    assert received.parameters.get("prompt") is None
    assert received.parameters.get("scope") == "openid"
    assert received.parameters.get("redirect_uri") == REQUEST["redirect_uri"]


def test_what_oidc_wants_outside_may_stand_there() -> None:
    """OIDC Core §6.1: response_type, client_id and an openid scope, so that it is a request of OAuth 2.0 too."""
    assert not is_refused(sign(), response_type="code", scope="openid")


@pytest.mark.parametrize("outside", [{"client_id": "other"}, {"response_type": "token"}])
def test_what_is_said_twice_is_said_alike(outside: dict[str, str]) -> None:
    world = World()
    other = make_assertion_client(client_id="other")
    sources = world.sources.__class__(
        ISSUER, MemoryClients(world.client, other), world.pushed, world.once, world.decrypter
    )
    with pytest.raises(OAuthError) as refused:
        receive_request(encode(**{"client_id": "rp", "request": sign(), **outside}), sources, NOW)
    assert refused.value.code is ErrorCode.INVALID_REQUEST_OBJECT


def test_structures_become_json_and_numbers_digits() -> None:
    claims = {"id_token": {"acr": {"essential": True, "value": "x"}}}
    received = World().receive(sign(claims_with(claims=claims, max_age=300, ui_locales="ja en", login_hint="氏名")))
    assert json.loads(received.parameters.get("claims") or "") == claims
    assert received.parameters.get("max_age") == "300"
    assert received.parameters.get("login_hint") == "氏名"


@pytest.mark.parametrize("value", [True, None, 1.5])
def test_a_parameter_of_another_type_is_refused(value: object) -> None:
    assert is_refused(sign(claims_with(max_age=value)))


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": ...}, {"iss": "other"}, {"iss": ["rp"]}, {"iss": ISSUER},
        {"client_id": ...}, {"client_id": "other"}, {"client_id": ["rp"]},
        {"sub": "rp"},
        {"aud": ...}, {"aud": None}, {"aud": ""}, {"aud": []}, {"aud": ISSUER + "/"}, {"aud": TOKEN_ENDPOINT},
        {"aud": f"{ISSUER}/par"}, {"aud": ["https://other.example"]}, {"aud": {"0": ISSUER}}, {"aud": 1},
        {"aud": [*("https://other.example",) * 8, ISSUER]}, {"aud": [[ISSUER]]},
        {"exp": ...}, {"exp": EPOCH}, {"exp": EPOCH - 1}, {"exp": EPOCH + 3661}, {"exp": "soon"}, {"exp": True},
        {"exp": 10**30}, {"exp": -1}, {"exp": None},
        {"iat": EPOCH + 61}, {"nbf": EPOCH + 61}, {"iat": "now"}, {"nbf": [1]},
        {"jti": ""}, {"jti": 1}, {"jti": "j" * 257}, {"jti": ["x"]},
        {"request": "x"}, {"request_uri": "urn:ietf:params:oauth:request_uri:x"}, {"request": ""},
        {"state": "\x00"}, {"state": "a" * 3000}, {"nonce": "n" * 513},
        {f"p{number}": "x" for number in range(64)},
    ],
)  # fmt: skip
def test_each_rule_refuses_what_breaks_it(changed: dict[str, Any]) -> None:
    assert is_refused(sign(claims_with(**changed)))


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": [ISSUER]}, {"aud": ["https://other.example", ISSUER]},
        {"exp": EPOCH + 1}, {"exp": EPOCH + 3660}, {"exp": EPOCH + 1.5},
        {"iat": ...}, {"nbf": ...}, {"iat": EPOCH + 60}, {"nbf": EPOCH + 60}, {"iat": EPOCH - 86_400},
        {"jti": ...}, {"jti": "j" * 256},
        {"sub": "somebody"},
    ],
)  # fmt: skip
def test_each_rule_passes_what_keeps_it(changed: dict[str, Any]) -> None:
    assert not is_refused(sign(claims_with(**changed)))


def test_a_jti_is_used_once_and_an_object_without_one_again() -> None:
    world = World()
    assert not is_refused(sign(), world)
    assert is_refused(sign(), world)
    without = sign(claims_with(jti=...))
    assert not is_refused(without, world)
    assert not is_refused(without, world)
    assert set(world.once.seen.values()) == {NOW + timedelta(seconds=120)}


def test_the_registered_algorithm_is_the_only_one() -> None:
    world = World(make_assertion_client(options=ClientOptions(request_object_signing_alg="PS256")))
    assert not is_refused(sign(alg="PS256"), world)
    assert is_refused(sign(alg="RS256"), world)
    assert is_refused(sign(alg="ES256"), world)


def test_alg_none_is_refused() -> None:
    for alg in ("none", "None", "NONE", "", None, 0, ["ES256"], {"ES256": 1}):
        for signature in (b"", b"x"):
            assert is_refused(raw({"alg": alg}, claims_with(), signature))
    assert is_refused(raw({}, claims_with()))


def test_a_public_key_is_no_secret_key() -> None:
    """HS256 with the client's public key as the secret."""
    for secret in (rsa_key().as_pem(private=False), json.dumps(rsa_key().as_dict(private=False)).encode()):
        for header in ({"alg": "HS256"}, {"alg": "HS256", "typ": "JWT", "kid": "client-rsa"}):
            signed, _, _ = raw(header, claims_with()).rpartition(".")
            digest = hmac.digest(secret, signed.encode(), "sha256")
            assert is_refused(signed + "." + base64.urlsafe_b64encode(digest).rstrip(b"=").decode())


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c"])
def test_a_key_that_the_object_brings_is_not_used(name: str) -> None:
    own = ECKey.generate_key("P-256")
    value = {
        "jwk": own.as_dict(private=False),
        "jku": "https://evil.example/jwks",
        "x5u": "https://evil.example/cert.pem",
        "x5c": ["MIIB"],
    }[name]
    assert is_refused(sign(key=own, **{name: value}))
    assert is_refused(raw({"alg": "ES256", name: value}, claims_with()))


@pytest.mark.parametrize("kid", ["client-rsa", "other", "../../etc/passwd", "", "' OR 1=1", 1, None, ["client-ec"], {}])
def test_a_key_id_picks_among_registered_keys_and_does_nothing_else(kid: Any) -> None:
    assert is_refused(raw({"alg": "ES256", "kid": kid}, claims_with()))
    if isinstance(kid, str):
        assert is_refused(sign(kid=kid))


def test_a_stranger_with_a_registered_key_id_is_refused() -> None:
    assert is_refused(sign(key=ECKey.generate_key("P-256"), kid="client-ec"))
    assert is_refused(sign(alg="PS256", key=RSAKey.generate_key(2048), kid="client-rsa"))
    assert is_refused(sign(key=ec_key("another client"), kid="client-ec"))


@pytest.mark.parametrize(
    "typ", ["at+jwt", "dpop+jwt", "client-authentication+jwt", "logout+jwt", "", "JOSE", 1, ["JWT"]]
)
def test_another_kind_of_jwt_is_no_request(typ: Any) -> None:
    """RFC 9101 §10.8, RFC 8725 §3.11."""
    if isinstance(typ, str):
        assert is_refused(sign(typ=typ))
    assert is_refused(raw({"alg": "ES256", "typ": typ}, claims_with()))


@pytest.mark.parametrize(
    "header",
    [{"crit": ["exp"], "exp": 1}, {"crit": ["b64"], "b64": False}, {"b64": False}, {"zip": "DEF"}, {"crit": []}],
)
def test_a_header_that_changes_how_the_object_is_read_is_refused(header: dict[str, Any]) -> None:
    assert is_refused(raw({"alg": "ES256", **header}, claims_with()))


def test_a_member_twice_is_refused_in_the_header_and_in_the_payload() -> None:
    assert is_refused(raw(b'{"alg":"ES256","alg":"ES256"}', claims_with()))
    twice = json.dumps(claims_with()).encode()[:-1] + b',"redirect_uri":"https://evil.example/"}'
    assert is_refused(sign(twice))


def test_size_and_depth_are_bounded() -> None:
    assert is_refused(sign(claims_with(x="a" * 1900, y="b" * 1900, **{f"z{n}": "c" * 1900 for n in range(5)})))
    deep: Any = {}
    for _ in range(20):
        deep = {"a": deep}
    assert is_refused(sign(claims_with(claims=deep)))
    assert is_refused(sign(b"[" * 5000 + b"]" * 5000))
    assert is_refused(raw(b"[" * 4000, b"[" * 4000))


@pytest.mark.parametrize(
    "text", ["x", "a.b", "a.b.c.d", "..", "....", "a.b.c", "é.b.c", "a" * 16_000, ". . ", "{}", "%"]
)
def test_what_is_no_jws_is_refused(text: str) -> None:
    assert is_refused(text)


def test_a_client_without_keys_signs_nothing() -> None:
    assert is_refused(sign(), World(make_client()))


def test_an_unknown_client_is_said_to_be_one() -> None:
    with pytest.raises(OAuthError) as refused:
        World().receive(sign(), client_id="nobody")
    assert refused.value.code is ErrorCode.UNAUTHORIZED_CLIENT
    with pytest.raises(OAuthError) as refused:
        World().receive(sign(), client_id=None)
    assert refused.value.code is ErrorCode.INVALID_REQUEST


@pytest.mark.parametrize("request_uri", ["urn:ietf:params:oauth:request_uri:x", "https://rp.example/r.jwt"])
def test_request_and_request_uri_exclude_each_other(request_uri: str) -> None:
    """RFC 9101 §5."""
    with pytest.raises(OAuthError) as refused:
        World().receive(sign(), request_uri=request_uri)
    assert refused.value.code is ErrorCode.INVALID_REQUEST


def test_an_encrypted_object_is_opened_and_its_signature_still_needed() -> None:
    world = World(decrypter=ReversingDecrypter())
    encrypt = ReversingDecrypter.encrypt
    assert not is_refused(encrypt(sign()), world)
    assert is_refused(encrypt(json.dumps(claims_with())), world)
    assert is_refused(encrypt(raw({"alg": "none"}, claims_with())), world)
    assert is_refused(encrypt(encrypt(sign())), world)
    assert is_refused("x.x.x.x.x", world)
    assert is_refused(encrypt(sign()), World())
    assert is_refused(encrypt("a" * 20_000), world)


def test_a_client_that_must_sign_is_heard_in_no_other_way() -> None:
    """RFC 9101 §10.5."""
    client = make_assertion_client(options=ClientOptions(require_signed_request_object=True))
    world = World(client)
    check_received(world.receive(sign()), client, world.sources)
    plain = receive_request(authorization_parameters(), world.sources, NOW)
    with pytest.raises(OAuthError) as refused:
        check_received(plain, client, world.sources)
    assert refused.value.code is ErrorCode.INVALID_REQUEST


def push(world: World, **body: str) -> str:
    dependencies = PushedRequestDependencies(
        issuer=ISSUER,
        endpoint_url=f"{ISSUER}/par",
        clients=MemoryClients(world.client),
        once=MemoryOnce(),
        sources=world.sources,
        id_token_hints=RealSigner(),
        claims_policy=None,
        lifetime=timedelta(seconds=90),
    )
    return str(answer_pushed_request(encode(**body), basic(), dependencies, NOW)["request_uri"])


def test_a_signed_request_may_be_pushed() -> None:
    """RFC 9126 §3: the body beside it has nothing that counts but the client's credentials."""
    jwks = {"keys": [ec_key().as_dict(private=False)]}
    world = World(make_client(jwks=jwks, options=ClientOptions(require_signed_request_object=True)))
    uri = push(world, client_id="rp", request=sign(), redirect_uri="https://evil.example/", state="outside")
    received = receive_request(encode(client_id="rp", request_uri=uri), world.sources, NOW)
    assert dict(received.parameters.pairs) == REQUEST
    assert received.is_signed
    assert received.is_pushed
    for body in ({"request": sign(claims_with(request_uri="x", jti="2"))}, {"request": "x"}):
        with pytest.raises(OAuthError) as refused:
            push(world, client_id="rp", **body)
        assert refused.value.code is ErrorCode.INVALID_REQUEST_OBJECT
    with pytest.raises(OAuthError) as refused:
        push(world, **REQUEST)
    assert refused.value.code is ErrorCode.INVALID_REQUEST


def verify(unverified_object: str) -> None:
    world = World(decrypter=ReversingDecrypter())
    try:
        verify_request_object(
            unverified_object,
            world.client,
            MemoryClients(world.client),
            world.once,
            world.decrypter,
            issuer=ISSUER,
            outside=encode(),
            now=NOW,
        )
    except OAuthError as error:
        assert error.code is ErrorCode.INVALID_REQUEST_OBJECT


@given(st.text(max_size=300) | st.from_regex(r"[A-Za-z0-9_-]{0,80}(\.[A-Za-z0-9_-]{0,80}){0,5}", fullmatch=True))
def test_any_text_is_a_request_or_refused(text: str) -> None:
    verify(text)


@given(st.binary(max_size=300))
def test_any_signed_bytes_are_a_request_or_refused(payload: bytes) -> None:
    verify(sign(payload))


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from([*claims_with(), "claims", "request", "sub", "max_age", "response_mode"]) | st.text(max_size=8)


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_any_claims_are_a_request_or_refused(changed: dict[str, Any]) -> None:
    verify(sign(json.dumps({**claims_with(), **changed}).encode()))


HEADERS = st.sampled_from(["alg", "typ", "kid", "crit", "b64", "jwk", "x5c", "x5t", "cty", "zip", "epk", "enc", "p2c"])


@given(st.dictionaries(HEADERS | st.text(max_size=5), VALUES, max_size=4))
def test_any_header_is_a_request_or_refused(header: dict[str, Any]) -> None:
    verify(raw({"alg": "ES256", **header}, claims_with()))
