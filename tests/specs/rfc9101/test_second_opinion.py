"""RFC 9101: request objects of another JOSE implementation, and its judgement of our signed responses (JARM)."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.redirect_uri import verify_redirect_uri
from idp.oidc.response_mode import deliver_response
from tests.unit.oidc.request_object_world import REQUEST, World, claims_with
from tests.unit.oidc.samples import (
    ISSUER,
    NOW,
    REDIRECT_URI,
    RealSigner,
    make_assertion_client,
    make_client,
    rsa_key,
)

KEYS = {
    "ES256": JWK.generate(kty="EC", crv="P-256", kid="ec"),
    "PS256": JWK.generate(kty="RSA", size=2048, kid="rsa"),
}


def sign(alg: str, key: JWK) -> str:
    token = JWS(json.dumps(claims_with()))
    token.add_signature(key, alg, json.dumps({"alg": alg, "typ": "oauth-authz-req+jwt", "kid": key["kid"]}))
    return str(token.serialize(compact=True))


@pytest.mark.parametrize("alg", ["ES256", "PS256"])
def test_what_another_implementation_signs_is_read(alg: str) -> None:
    keys = [key.export_public(as_dict=True) for key in KEYS.values()]
    world = World(make_assertion_client(jwks={"keys": keys}))
    assert dict(world.receive(sign(alg, KEYS[alg])).parameters.pairs) == REQUEST


def test_what_it_signs_with_another_key_is_refused() -> None:
    world = World(make_assertion_client(jwks={"keys": [KEYS["ES256"].export_public(as_dict=True)]}))
    with pytest.raises(OAuthError) as refused:
        world.receive(sign("ES256", JWK.generate(kty="EC", crv="P-256", kid="ec")))
    assert refused.value.code is ErrorCode.INVALID_REQUEST_OBJECT


def test_it_reads_our_signed_response() -> None:
    """JARM §2.4: algorithm, signature, iss, aud, exp."""
    signer = RealSigner()
    redirect = verify_redirect_uri(make_client(), REDIRECT_URI, "s", "jwt")
    location = deliver_response(redirect.success("c0de", ISSUER), signer, NOW)
    assert isinstance(location, str)
    token = JWS()
    token.deserialize(parse_qs(urlsplit(location).query)["response"][0])
    token.allowed_algs = ["RS256"]
    token.verify(JWK(**rsa_key("provider").as_dict(private=False)))
    claims = json.loads(token.payload)
    assert (claims["iss"], claims["aud"], claims["code"]) == (ISSUER, "rp", "c0de")
    assert claims["exp"] > NOW.timestamp()
