"""RFC 7523 §2.2 and §3, with assertions that a stock client (Authlib's) makes by its defaults."""

from datetime import UTC, datetime

import pytest
from authlib.oauth2.rfc7523 import private_key_jwt_sign

from idp.oidc.client_assertion import ASSERTION_TYPE
from idp.oidc.client_authentication import authenticate_client
from idp.oidc.errors import ErrorCode, OAuthError
from tests.unit.oidc.memory_stores import MemoryClients, MemoryOnce
from tests.unit.oidc.samples import ISSUER, TOKEN_ENDPOINT, ec_key, encode, make_assertion_client, rsa_key


def authenticate(assertion: str, *, endpoint_url: str = TOKEN_ENDPOINT) -> str:
    parameters = encode(client_assertion=assertion, client_assertion_type=ASSERTION_TYPE, client_id="rp")
    clients = MemoryClients(make_assertion_client())
    now = datetime.now(UTC)
    client = authenticate_client(
        parameters, None, clients, MemoryOnce(), issuer=ISSUER, endpoint_url=endpoint_url, now=now
    )
    return client.client_id


@pytest.mark.parametrize("alg", ["ES256", "RS256", "PS256"])
def test_authlibs_default_assertion_is_accepted(alg: str) -> None:
    """R17, U1."""
    key = ec_key() if alg == "ES256" else rsa_key()
    assert authenticate(private_key_jwt_sign(key, "rp", TOKEN_ENDPOINT, alg=alg)) == "rp"


def test_u2_it_is_refused_at_an_endpoint_it_was_not_made_for() -> None:
    assertion = private_key_jwt_sign(ec_key(), "rp", TOKEN_ENDPOINT, alg="ES256")
    with pytest.raises(OAuthError) as refused:
        authenticate(assertion, endpoint_url=f"{ISSUER}/revoke")
    assert refused.value.code is ErrorCode.INVALID_CLIENT
