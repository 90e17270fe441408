"""The assertion of private_key_jwt."""

import base64
import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey

from idp.clock import to_epoch_seconds
from idp.keys.jws_registry import REGISTRIES
from idp.oidc.client import Client
from idp.oidc.client_assertion import ASSERTION_TYPE, check_client_assertion, find_unverified_client_id
from idp.oidc.client_authentication import authenticate_client
from idp.oidc.errors import ErrorCode, OAuthError
from tests.unit.oidc.memory_stores import MemoryClients, MemoryOnce
from tests.unit.oidc.samples import (
    ISSUER,
    NOW,
    TOKEN_ENDPOINT,
    ec_key,
    ed_key,
    encode,
    make_assertion_client,
    rsa_key,
)

AT = to_epoch_seconds(NOW)
CLIENT = make_assertion_client()


def claims_with(**changed: Any) -> dict[str, Any]:
    members = {"iss": "rp", "sub": "rp", "aud": ISSUER, "iat": AT, "exp": AT + 60, "jti": "jti-1"}
    return {name: value for name, value in {**members, **changed}.items() if value is not ...}


def sign(
    claims: Mapping[str, Any] | None = None,
    *,
    alg: str = "ES256",
    key: Any = None,
    header: Mapping[str, Any] | None = None,
) -> str:
    chosen = key or {"ES256": ec_key, "EdDSA": ed_key}.get(alg, rsa_key)()
    members = {"alg": alg, "kid": chosen.kid, **(header or {})}
    payload = json.dumps(claims_with() if claims is None else claims)
    protected = {name: value for name, value in members.items() if value is not None}
    registry = REGISTRIES.get(alg) or jws.JWSRegistry(algorithms=[alg])
    return jws.serialize_compact(protected, payload, chosen, registry=registry)


def check(assertion: str, client: Client = CLIENT, once: MemoryOnce | None = None, **changed: Any) -> None:
    members = {"issuer": ISSUER, "endpoint_url": TOKEN_ENDPOINT, "now": NOW, **changed}
    check_client_assertion(assertion, client, MemoryClients(), once or MemoryOnce(), **members)


def is_refused(assertion: str, **changed: Any) -> bool:
    try:
        check(assertion, **changed)
    except OAuthError as error:
        assert (error.code, error.status) == (ErrorCode.INVALID_CLIENT, 401)
        return True
    return False


@pytest.mark.parametrize("alg", ["ES256", "RS256", "PS256", "EdDSA"])
def test_each_allowed_algorithm_authenticates(alg: str) -> None:
    """R17."""
    parameters = encode(client_assertion=sign(alg=alg), client_assertion_type=ASSERTION_TYPE)
    found = authenticate_client(
        parameters, None, MemoryClients(CLIENT), MemoryOnce(), issuer=ISSUER, endpoint_url=TOKEN_ENDPOINT, now=NOW
    )
    assert found is CLIENT


@pytest.mark.parametrize("assertion_type", [None, "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"])
def test_the_assertion_type_is_required(assertion_type: str | None) -> None:
    parameters = encode(client_assertion=sign(), client_assertion_type=assertion_type)
    with pytest.raises(OAuthError) as refused:
        authenticate_client(
            parameters, None, MemoryClients(CLIENT), MemoryOnce(), issuer=ISSUER, endpoint_url=TOKEN_ENDPOINT, now=NOW
        )
    assert refused.value.code is ErrorCode.INVALID_CLIENT


def test_an_assertion_of_another_registered_client_is_not_this_ones() -> None:
    assert is_refused(sign(claims_with(iss="other", sub="other")))
    assert is_refused(sign(claims_with(sub="other")))
    assert is_refused(sign(claims_with(iss="other")))


def test_u1_the_issuer_or_this_endpoint_is_the_audience() -> None:
    assert not is_refused(sign(claims_with(aud=ISSUER)))
    assert not is_refused(sign(claims_with(aud=TOKEN_ENDPOINT)))


@pytest.mark.parametrize(
    "aud",
    [
        ...,
        None,
        "",
        [ISSUER],
        [TOKEN_ENDPOINT, "https://other.example"],
        ISSUER + "/",
        "https://other.example",
        f"{ISSUER}/revoke",
        {"0": ISSUER},
        1,
    ],
)
def test_u1_any_other_audience_is_refused(aud: Any) -> None:
    """A list would let one assertion be carried to another server (audience injection)."""
    assert is_refused(sign(claims_with(aud=aud)))


def test_u2_an_assertion_for_the_token_endpoint_is_refused_elsewhere() -> None:
    assert is_refused(sign(claims_with(aud=TOKEN_ENDPOINT)), endpoint_url=f"{ISSUER}/revoke")


class Away(MemoryClients):
    """Clients whose keys have to be fetched first."""

    def __init__(self) -> None:
        super().__init__()
        self.is_waiting = False

    def find_keys(self, client: Client, kid: str | None = None) -> Mapping[str, Any]:
        assert self.is_waiting
        return super().find_keys(client, kid)

    def find_keys_at_hand(self, client: Client, kid: str | None = None) -> Mapping[str, Any] | None:
        return None

    def admit(self, client: Client) -> None:
        raise AssertionError("what is counted is not this module's matter")

    @contextmanager
    def while_waiting(self, client: Client) -> Iterator[None]:
        assert client.client_id == "rp"
        self.is_waiting = True
        yield
        self.is_waiting = False


def test_nobody_is_called_for_keys_while_anything_is_held() -> None:
    away = Away()
    for keys in (away, MemoryClients()):
        check_client_assertion(
            sign(), make_assertion_client(), keys, MemoryOnce(),
            issuer=ISSUER, endpoint_url=TOKEN_ENDPOINT, now=NOW, admission=away,
        )  # fmt: skip
        assert not away.is_waiting


def test_a_jti_is_accepted_once() -> None:
    once = MemoryOnce()
    check(sign(), once=once)
    with pytest.raises(OAuthError):
        check(sign(), once=once)
    check(sign(claims_with(jti="jti-2")), once=once)


def test_two_clients_may_use_the_same_jti() -> None:
    once = MemoryOnce()
    check(sign(), once=once)
    check(sign(claims_with(iss="two", sub="two")), make_assertion_client(client_id="two"), once)


def test_a_jti_is_remembered_longer_than_the_assertion_lives() -> None:
    once = MemoryOnce()
    check(sign(claims_with(exp=AT + 60)), once=once)
    assert min(once.seen.values()) >= NOW + timedelta(seconds=60)


def test_a_refused_assertion_does_not_spend_its_jti() -> None:
    once = MemoryOnce()
    with pytest.raises(OAuthError):
        check(sign(key=ec_key("stranger"), header={"kid": ec_key().kid}), once=once)
    assert not once.seen


@pytest.mark.parametrize("jti", [..., None, "", 1, "x" * 257])
def test_a_jti_is_required(jti: Any) -> None:
    """OIDC Core §9."""
    assert is_refused(sign(claims_with(jti=jti)))


@pytest.mark.parametrize(
    ("exp", "expected"),
    [
        (AT - 1, True),
        (AT, True),
        (AT + 1, False),
        (AT + 0.5, True),
        (AT + 59, False),
        (AT + 3660, False),
        (AT + 3661, True),
        (..., True),
        (None, True),
        (str(AT + 60), True),
        (True, True),
        (-1, True),
        (10**40, True),
        (1e308, True),
    ],
)
def test_exp_is_required_and_near(exp: Any, expected: bool) -> None:
    """OIDC Core §9."""
    assert is_refused(sign(claims_with(exp=exp))) is expected


@pytest.mark.parametrize("name", ["iat", "nbf"])
@pytest.mark.parametrize(("ahead", "expected"), [(59, False), (60, False), (61, True), (-3600, False)])
def test_f13_a_clock_that_is_a_little_ahead_is_forgiven(name: str, ahead: int, expected: bool) -> None:
    """FAPI 2.0 §5.3.2.1."""
    assert is_refused(sign(claims_with(exp=AT + 120, **{name: AT + ahead}))) is expected


def test_iat_may_be_left_out() -> None:
    assert not is_refused(sign(claims_with(iat=...)))


def test_unsigned_and_symmetric_assertions_are_refused() -> None:
    """F27: RFC 8725 §2.1: the algorithm is never the sender's choice."""
    body = base64.urlsafe_b64encode(json.dumps(claims_with()).encode()).rstrip(b"=").decode()
    for alg in ("none", "None", "NONE"):
        head = base64.urlsafe_b64encode(json.dumps({"alg": alg}).encode()).rstrip(b"=").decode()
        assert is_refused(f"{head}.{body}.")
    head = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": rsa_key().kid}).encode()).rstrip(b"=").decode()
    tag = hmac.digest(rsa_key().as_pem(private=False), f"{head}.{body}".encode(), "sha256")
    assert is_refused(f"{head}.{body}.{base64.urlsafe_b64encode(tag).rstrip(b'=').decode()}")


@pytest.mark.parametrize("alg", ["RS384", "ES384", "PS512", "Ed25519"])
def test_algorithms_off_the_list_are_refused(alg: str) -> None:
    """F27: RFC 8725 §3.1."""
    keys: dict[str, Any] = {"ES384": ECKey.generate_key("P-384"), "Ed25519": OKPKey.generate_key("Ed25519")}
    key = keys.get(alg) or rsa_key()
    client = make_assertion_client(jwks={"keys": [key.as_dict(private=False)]})
    assert is_refused(sign(alg=alg, key=key, header={"kid": None}), client=client)


def test_a_key_in_the_header_is_never_used() -> None:
    """F27: CVE-2026-27962 of Authlib: a forged token that brings its own key."""
    stranger = ECKey.generate_key("P-256")
    assert is_refused(sign(key=stranger, header={"jwk": stranger.as_dict(private=False), "kid": None}))
    assert is_refused(sign(key=stranger, header={"jku": "https://evil.example/jwks", "kid": ec_key().kid}))


def test_another_kid_is_refused_and_none_is_looked_for() -> None:
    assert is_refused(sign(header={"kid": "unknown"}))
    assert not is_refused(sign(header={"kid": None}))


def test_a_key_registered_for_one_algorithm_serves_no_other() -> None:
    jwk = {**rsa_key().as_dict(private=False), "alg": "PS256"}
    client = make_assertion_client(jwks={"keys": [jwk]})
    assert is_refused(sign(alg="RS256"), client=client)
    assert not is_refused(sign(alg="PS256"), client=client)


@pytest.mark.parametrize("alg", ["ES256", "PS256"])
def test_a_key_registered_for_encryption_signs_nothing(alg: str) -> None:
    """RFC 7517 §4.2; RFC 8725 §3.1."""
    key = ec_key() if alg == "ES256" else rsa_key()
    client = make_assertion_client(jwks={"keys": [{**key.as_dict(private=False), "use": "enc"}]})
    assert is_refused(sign(alg=alg, key=key), client=client)
    assert is_refused(sign(alg=alg, key=key, header={"kid": None}), client=client)


def test_a_client_without_keys_is_refused() -> None:
    assert is_refused(sign(), client=make_assertion_client(jwks=None))


def test_a_changed_assertion_is_refused() -> None:
    head, _, signature = sign().split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims_with(exp=AT + 61)).encode()).rstrip(b"=").decode()
    assert is_refused(f"{head}.{body}.{signature}")


@pytest.mark.parametrize("payload", [[], "text", 1, None])
def test_a_payload_that_is_no_object_is_refused(payload: Any) -> None:
    signed = jws.serialize_compact({"alg": "ES256"}, json.dumps(payload), ec_key(), algorithms=["ES256"])
    assert is_refused(signed)
    assert find_unverified_client_id(signed) is None


def test_an_unknown_critical_header_is_refused() -> None:
    """F27."""
    head = base64.urlsafe_b64encode(b'{"alg":"ES256","crit":["x"],"x":1}').rstrip(b"=").decode()
    assert is_refused(".".join([head, *sign().split(".")[1:]]))


def encode_segment(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


HEADERS = st.recursive(
    st.none() | st.integers() | st.text(max_size=5) | st.sampled_from(["ES256", "RS256", "none"]),
    lambda inner: (
        st.dictionaries(st.sampled_from(["alg", "kid", "iss", "sub", "crit", "b64", "zip"]), inner)
        | st.lists(inner, max_size=2)
    ),
)
SEGMENTS = st.one_of(
    st.text(max_size=40),
    st.binary(max_size=60).map(encode_segment),
    HEADERS.map(lambda value: encode_segment(json.dumps(value).encode())),
)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
)


@given(st.lists(SEGMENTS, max_size=5).map(".".join))
def test_no_assertion_gets_another_exception_out(assertion: str) -> None:
    find_unverified_client_id(assertion)
    assert is_refused(assertion)


@given(st.dictionaries(st.sampled_from(["iss", "sub", "aud", "exp", "iat", "nbf", "jti"]), VALUES))
def test_no_signed_claims_get_another_exception_out(changed: dict[str, Any]) -> None:
    is_refused(sign(claims_with(**changed)))


@given(HEADERS)
@example("alg")
@example(["alg"])
def test_no_header_gets_another_exception_out(header: Any) -> None:
    assert is_refused(f"{encode_segment(json.dumps(header).encode())}.{sign().partition('.')[2]}")


def test_deeply_nested_json_is_refused() -> None:
    for text in ("[" * 3000, '{"a":' * 1500):
        segment = base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
        assert is_refused(f"{segment}.{segment}.AA")
        assert find_unverified_client_id(f"{sign().split('.')[0]}.{segment}.AA") is None


def test_an_oversized_assertion_is_refused() -> None:
    assert is_refused(sign(claims_with(padding="x" * 9000)))
