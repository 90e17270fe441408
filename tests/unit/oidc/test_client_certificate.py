"""Clients that prove themselves in TLS, and tokens bound to their certificate: RFC 8705, RFC 9440."""

import base64
import contextlib
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from idp.oidc.client import Client
from idp.oidc.client_authentication import authenticate_client
from idp.oidc.client_certificate import CertificateRefused, PresentedCertificate, certificate_thumbprint
from idp.oidc.client_options import ClientOptions
from idp.oidc.confirmation import Confirmation
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.registration import register_client
from idp.oidc.sender import Sender
from idp.oidc.token_endpoint import answer_token_request
from idp.oidc.userinfo import answer_userinfo_request
from tests.support.client_tls import (
    BEGIN,
    make_certificate,
    thumbprint_of,
    to_byte_sequence,
    to_escaped_pem,
    to_jwks,
)
from tests.support.dpop_key import DPoPKey
from tests.unit.oidc.memory_stores import MemoryClients, MemoryOnce
from tests.unit.oidc.samples import (
    CODE_VERIFIER,
    ISSUER,
    NOW,
    REDIRECT_URI,
    TOKEN_ENDPOINT,
    encode,
    make_client,
    make_public_client,
    proof_policy,
)
from tests.unit.oidc.token_world import OFFLINE, TokenWorld, refusal_of

AUTHORITY = make_certificate("authority", is_authority=True, usage=None)
NAMES = [
    x509.DNSName("RP.example"),
    x509.UniformResourceIdentifier("https://rp.example/client"),
    x509.IPAddress(ip_address("2001:db8::1")),
    x509.RFC822Name("rp@example.jp"),
]
ISSUED = make_certificate(issuer="authority", names=NAMES)
OWN = make_certificate("self")
DN = "CN=rp,O=Example City"


def present(certificate: x509.Certificate) -> PresentedCertificate:
    return PresentedCertificate(to_byte_sequence(certificate), (AUTHORITY,))


def tls_client(**options: str) -> Client:
    return make_client(
        token_endpoint_auth_method="tls_client_auth",
        secret_hash=None,
        options=ClientOptions(**(options or {"tls_client_auth_subject_dn": DN})),
    )


def self_signed_client(**changed: Any) -> Client:
    members = {"token_endpoint_auth_method": "self_signed_tls_client_auth", "secret_hash": None, "jwks": to_jwks(OWN)}
    return make_client(**{**members, **changed})


def authenticate(client: Client, certificate: PresentedCertificate | None, **members: str) -> Client:
    return authenticate_client(
        encode(client_id="rp", **members),
        None,
        MemoryClients(client),
        MemoryOnce(),
        issuer=ISSUER,
        endpoint_url=TOKEN_ENDPOINT,
        now=NOW,
        certificate=certificate,
    )


def refused(client: Client, certificate: PresentedCertificate | None) -> None:
    error = refusal_of(lambda: authenticate(client, certificate))
    assert (error.code, error.status) == (ErrorCode.INVALID_CLIENT, 401)


@pytest.mark.parametrize("write", [to_byte_sequence, to_escaped_pem])
def test_both_forms_in_which_proxies_write_a_certificate_are_read(write: Any) -> None:
    """RFC 9440 §2.1; nginx, ssl_client_escaped_cert."""
    assert certificate_thumbprint(PresentedCertificate(write(ISSUED))) == thumbprint_of(ISSUED)


@pytest.mark.parametrize(
    "options",
    [
        {"tls_client_auth_subject_dn": DN},
        {"tls_client_auth_san_dns": "rp.EXAMPLE"},
        {"tls_client_auth_san_uri": "https://rp.example/client"},
        {"tls_client_auth_san_ip": "2001:DB8:0::1"},
        {"tls_client_auth_san_email": "rp@example.jp"},
    ],
)
def test_r17_f6_a_client_is_who_the_authority_certified(options: dict[str, str]) -> None:
    """RFC 8705 §2.1.2."""
    client = tls_client(**options)
    assert authenticate(client, present(ISSUED)) is client


@pytest.mark.parametrize(
    "options",
    [
        {"tls_client_auth_subject_dn": "CN=rp"},
        {"tls_client_auth_subject_dn": "O=Example City,CN=rp"},
        {"tls_client_auth_san_dns": "other.example"},
        {"tls_client_auth_san_dns": "*.example"},
        {"tls_client_auth_san_uri": "https://rp.example/Client"},
        {"tls_client_auth_san_ip": "2001:db8::2"},
        {"tls_client_auth_san_email": "RP@example.jp"},
    ],
)
def test_another_subject_than_the_registered_one_is_refused(options: dict[str, str]) -> None:
    refused(tls_client(**options), present(ISSUED))


@pytest.mark.parametrize(
    "certificate",
    [
        make_certificate(),
        make_certificate(issuer="authority", signer="stranger"),
        make_certificate(issuer="stranger"),
        make_certificate(issuer="authority", usage=ExtendedKeyUsageOID.SERVER_AUTH),
        make_certificate(issuer="authority", is_authority=True),
        make_certificate(issuer="authority", begin=NOW + timedelta(minutes=1)),
        make_certificate(issuer="authority", begin=BEGIN, lifetime=timedelta(days=1)),
        AUTHORITY,
    ],
    ids=["itself", "forged", "stranger", "server", "authority", "early", "expired", "the-anchor"],
)
def test_a_certificate_that_the_authority_did_not_issue_for_now_and_for_clients_is_refused(
    certificate: x509.Certificate,
) -> None:
    """RFC 8705 §2.1, RFC 5280 §4.2.1.12."""
    refused(tls_client(), present(certificate))


def test_without_a_certificate_or_an_authority_nobody_is_believed() -> None:
    refused(tls_client(), None)
    refused(tls_client(), PresentedCertificate(to_byte_sequence(ISSUED)))
    refused(self_signed_client(), None)


def test_r17_f6_a_client_is_who_holds_the_certificate_it_registered() -> None:
    """RFC 8705 §2.2."""
    client = self_signed_client()
    assert authenticate(client, present(OWN)) is client
    by_thumbprint = self_signed_client(jwks={"keys": [{"kty": "EC", "x5t#S256": thumbprint_of(OWN)}]})
    assert authenticate(by_thumbprint, present(OWN)) is by_thumbprint


@pytest.mark.parametrize(
    "certificate",
    [make_certificate("self"), ISSUED, make_certificate("thief")],
    ids=["another-of-the-same-key", "issued", "thief"],
)
def test_a_certificate_that_is_not_registered_is_refused(certificate: x509.Certificate) -> None:
    refused(self_signed_client(), present(certificate))


def test_a_registered_certificate_that_has_expired_is_refused() -> None:
    expired = make_certificate("self", lifetime=timedelta(days=1))
    refused(self_signed_client(jwks=to_jwks(expired)), present(expired))


@pytest.mark.parametrize("jwks", [None, {"keys": []}, {"keys": [{"x5c": []}, {"x5c": ["!"]}, {"x5t#S256": "x"}]}])
def test_a_client_without_a_certificate_registered_proves_nothing(jwks: Any) -> None:
    refused(self_signed_client(jwks=jwks), present(OWN))


def test_a_certificate_is_no_substitute_for_the_registered_method() -> None:
    refused(make_client(), present(ISSUED))
    refused(make_client(token_endpoint_auth_method="private_key_jwt", secret_hash=None), present(ISSUED))
    secret = refusal_of(lambda: authenticate(tls_client(), present(ISSUED), client_secret="x"))
    assert secret.code is ErrorCode.INVALID_CLIENT


_DER = ISSUED.public_bytes(Encoding.DER)


def _mutate(change: tuple[int, int]) -> str:
    position, value = change[0] % len(_DER), change[1]
    mutated = _DER[:position] + bytes([value]) + _DER[position + 1 :]
    return f":{base64.b64encode(mutated).decode()}:"


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@pytest.mark.parametrize("serial_number", [0, -1])
def test_a_serial_number_that_is_not_positive_is_refused(serial_number: int) -> None:
    """RFC 5280 §4.1.2.2."""
    changed = asn1_x509.Certificate.load(OWN.public_bytes(Encoding.DER))
    changed["tbs_certificate"]["serial_number"] = serial_number
    header = ":" + base64.b64encode(changed.dump(force=True)).decode() + ":"
    with pytest.raises(CertificateRefused):
        certificate_thumbprint(PresentedCertificate(header))


@given(
    st.one_of(
        st.text(),
        st.binary(max_size=300).map(lambda data: f":{base64.b64encode(data).decode()}:"),
        st.tuples(st.integers(0, 5000), st.integers(0, 255)).map(_mutate),
        st.text(alphabet="AZaz09%+/=\n").map(
            lambda text: f"-----BEGIN%20CERTIFICATE-----%0A{text}-----END%20CERTIFICATE-----%0A"
        ),
    )
)
def test_no_header_gets_another_exception_out(header: str) -> None:
    try:
        authenticate(tls_client(), PresentedCertificate(header, (AUTHORITY,)))
    except OAuthError as error:
        assert error.code is ErrorCode.INVALID_CLIENT
    with contextlib.suppress(CertificateRefused):
        assert len(certificate_thumbprint(PresentedCertificate(header))) == 43


@pytest.mark.parametrize("header", ["", "::", ":AAAA", ", ".join([to_byte_sequence(ISSUED)] * 2), "A" * 20_000])
def test_what_is_not_one_certificate_is_refused(header: str) -> None:
    """Two headers joined by a server in between, too."""
    with pytest.raises(CertificateRefused):
        certificate_thumbprint(PresentedCertificate(header))


def bound_world(**client: Any) -> TokenWorld:
    options = ClientOptions(tls_client_certificate_bound_access_tokens=True)
    return TokenWorld(self_signed_client(options=options, **client), scope=OFFLINE)


def ask(world: TokenWorld, certificate: x509.Certificate | None, proof: str | None = None, **form: str) -> Any:
    members = form or {
        "grant_type": "authorization_code",
        "code": world.code,
        "redirect_uri": REDIRECT_URI,
        "code_verifier": CODE_VERIFIER,
    }
    presented = None if certificate is None else present(certificate)
    return answer_token_request(encode(client_id="rp", **members), None, world.dependencies, NOW, proof, presented)


def use(world: TokenWorld, token: str, certificate: x509.Certificate | None, scheme: str = "Bearer") -> Any:
    presented = None if certificate is None else present(certificate)
    sender = Sender(None, proof_policy(world.once), presented)
    return answer_userinfo_request(f"{scheme} {token}", None, world.grants, NOW, None, sender)


def test_r13_f5_a_token_is_bound_to_the_certificate_of_the_connection() -> None:
    """RFC 8705 §3: used as a bearer token, on a connection with that certificate alone."""
    world = bound_world()
    answer = ask(world, OWN)
    assert answer["token_type"] == "Bearer"
    assert use(world, answer["access_token"], OWN)
    for other in (None, ISSUED, make_certificate("thief")):
        error = refusal_of(lambda other=other: use(world, answer["access_token"], other))  # type: ignore[misc]
        assert (error.code, error.status) == (ErrorCode.INVALID_TOKEN, 401)
    assert refusal_of(lambda: use(world, answer["access_token"], OWN, "DPoP")).code is ErrorCode.INVALID_TOKEN


def test_an_unreadable_certificate_proves_nothing_at_userinfo() -> None:
    world = bound_world()
    token = ask(world, OWN)["access_token"]
    sender = Sender(None, proof_policy(world.once), PresentedCertificate("x"))
    error = refusal_of(lambda: answer_userinfo_request(f"Bearer {token}", None, world.grants, NOW, None, sender))
    assert error.code is ErrorCode.INVALID_TOKEN


def test_a_client_bound_to_certificates_gets_no_token_without_one() -> None:
    """RFC 8705 §3.4: also a public client, or one with a secret."""
    options = ClientOptions(tls_client_certificate_bound_access_tokens=True)
    world = TokenWorld(make_public_client(options=options), scope=OFFLINE)
    assert refusal_of(lambda: ask(world, None)).code is ErrorCode.INVALID_REQUEST
    assert ask(world, OWN)["access_token"]


def test_r15_a_public_clients_refresh_token_is_bound_to_its_certificate() -> None:
    """RFC 8705 §4; kept, as no thief can use it."""
    options = ClientOptions(tls_client_certificate_bound_access_tokens=True)
    world = TokenWorld(make_public_client(options=options), scope=OFFLINE)
    token = ask(world, OWN)["refresh_token"]
    stolen = {"grant_type": "refresh_token", "refresh_token": token}
    assert refusal_of(lambda: ask(world, ISSUED, **stolen)).code is ErrorCode.INVALID_GRANT
    assert "refresh_token" not in ask(world, OWN, **stolen)


def test_a_token_may_be_bound_to_a_certificate_and_a_key() -> None:
    world, key = bound_world(), DPoPKey()
    answer = ask(world, OWN, key.proof("POST", TOKEN_ENDPOINT, NOW))
    assert answer["token_type"] == "DPoP"
    (stored,) = world.grants.state.access_tokens.values()
    assert stored[3] == Confirmation(key.thumbprint, thumbprint_of(OWN))
    assert Confirmation.from_text(stored[3].to_text()) == stored[3]


def test_a_confirmation_is_proven_by_all_of_its_members() -> None:
    both, key, certificate = Confirmation("j", "x"), Confirmation("j"), Confirmation(None, "x")
    assert both.is_proven_by(both)
    assert key.is_proven_by(both)
    assert certificate.is_proven_by(both)
    for proven in (key, certificate, None, Confirmation("j", "y"), Confirmation("k", "x")):
        assert not both.is_proven_by(proven)


def test_a_proof_at_the_address_for_certificates_is_accepted() -> None:
    """RFC 8705 §5: an endpoint's alias is the endpoint."""
    world, key = TokenWorld(), DPoPKey()
    alias = "https://mtls.idp.example/token"
    other = key.proof("POST", alias, NOW)
    assert refusal_of(lambda: world.redeem(proof=other)).code is ErrorCode.INVALID_DPOP_PROOF
    world.dependencies.proofs.aliases[TOKEN_ENDPOINT] = alias  # type: ignore[index]
    assert world.redeem(proof=key.proof("POST", alias, NOW))["token_type"] == "DPoP"


def registered(**members: Any) -> Client:
    metadata = {"client_name": "rp", "redirect_uris": ["https://rp.example/cb"], **members}
    return register_client(metadata, sandbox=False, now=NOW)[0]


def test_a_client_registers_its_subject_or_its_certificate() -> None:
    client = registered(token_endpoint_auth_method="tls_client_auth", tls_client_auth_subject_dn=DN)
    assert client.options.tls_client_auth_subject_dn == DN
    assert client.secret_hash is None
    own = registered(
        token_endpoint_auth_method="self_signed_tls_client_auth",
        jwks=to_jwks(OWN),
        tls_client_certificate_bound_access_tokens=True,
    )
    assert own.options.tls_client_certificate_bound_access_tokens


@pytest.mark.parametrize(
    "members",
    [
        {"token_endpoint_auth_method": "tls_client_auth"},
        {
            "token_endpoint_auth_method": "tls_client_auth",
            "tls_client_auth_subject_dn": DN,
            "tls_client_auth_san_dns": "a",
        },
        {"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": "no name"},
        {"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": ""},
        {"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_ip": "300.0.0.1"},
        {"tls_client_auth_san_dns": "rp.example"},
        {"token_endpoint_auth_method": "self_signed_tls_client_auth"},
        {
            "token_endpoint_auth_method": "self_signed_tls_client_auth",
            "jwks": {"keys": [{name: value for name, value in to_jwks(OWN)["keys"][0].items() if name != "x5c"}]},
        },
        {"tls_client_certificate_bound_access_tokens": "yes"},
    ],
)
def test_a_registration_that_names_no_one_certificate_is_refused(members: dict[str, Any]) -> None:
    """RFC 8705 §2.1.2: exactly one."""
    assert refusal_of(lambda: registered(**members)).code is ErrorCode.INVALID_CLIENT_METADATA
