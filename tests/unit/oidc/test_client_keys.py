"""Which keys a client may register."""

from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey
from joserfc.util import int_to_base64

from idp.oidc.client_keys import check_public_jwks
from idp.oidc.encrypted_answer import RESPONSE_ALGORITHMS
from idp.oidc.errors import ErrorCode, OAuthError
from tests.unit.oidc.samples import ec_key, ed_key, rsa_key

EC = ec_key().as_dict(private=False)
RSA = rsa_key().as_dict(private=False)
ED = ed_key().as_dict(private=False)


def is_refused(*keys: Any) -> bool:
    try:
        check_public_jwks({"keys": list(keys)})
    except OAuthError as error:
        assert error.code is ErrorCode.INVALID_CLIENT_METADATA
        return True
    return False


def test_public_keys_for_signatures_are_accepted() -> None:
    assert not is_refused(EC)
    assert not is_refused(RSA)
    assert not is_refused(EC, RSA)
    assert not is_refused({**ED, "alg": "EdDSA"})
    assert not is_refused({**EC, "use": "sig", "alg": "ES256", "key_ops": ["verify"]})
    assert not is_refused({name: value for name, value in EC.items() if name != "kid"})


def test_public_keys_for_encryption_are_accepted() -> None:
    assert not is_refused({**EC, "use": "enc"}, {**RSA, "use": "enc", "alg": "RSA-OAEP-256"}, ED)
    assert not is_refused({**EC, "use": "enc", "alg": "ECDH-ES+A256KW", "key_ops": ["deriveKey"]})


OPERATIONS = ["encrypt", "decrypt", "wrapKey", "unwrapKey", "deriveKey", "deriveBits", "sign", "verify"]


@pytest.mark.parametrize("alg", [*RESPONSE_ALGORITHMS, None])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_key_ops_of_an_encryption_key_are_those_of_its_type(alg: str | None, operation: str) -> None:
    """RFC 7517 §4.3."""
    said = {"use": "enc", "key_ops": [operation]} | ({} if alg is None else {"alg": alg})
    if alg is None or alg.startswith("ECDH"):
        assert is_refused({**EC, **said}) is (operation not in ("deriveKey", "deriveBits"))
    if alg is None or alg.startswith("RSA"):
        assert is_refused({**RSA, **said}) is (operation not in ("encrypt", "wrapKey"))


@pytest.mark.parametrize("key_ops", [[], "encrypt", [["encrypt"]], ["encrypt", "verify"], {"encrypt": 1}, [None]])
def test_key_ops_that_are_none_or_of_two_uses_are_refused(key_ops: Any) -> None:
    assert is_refused({**RSA, "use": "enc", "key_ops": key_ops})


@pytest.mark.parametrize("jwks", [{}, {"keys": None}, {"keys": []}, {"keys": {}}, {"keys": [EC] * 9}])
def test_a_set_has_one_to_eight_keys(jwks: dict[str, Any]) -> None:
    """RFC 7517 §4, §5."""
    with pytest.raises(OAuthError) as refused:
        check_public_jwks(jwks)
    assert refused.value.code is ErrorCode.INVALID_CLIENT_METADATA


def test_a_key_without_its_set_is_refused_with_what_to_do() -> None:
    with pytest.raises(OAuthError, match="put it into a list"):
        check_public_jwks(EC)


def test_a_private_or_symmetric_key_is_refused() -> None:
    assert is_refused(ec_key().as_dict(private=True))
    assert is_refused(rsa_key().as_dict(private=True))
    assert is_refused(ed_key().as_dict(private=True))
    assert is_refused(OctKey.generate_key(256).as_dict(private=True))


# joserfc warns of a short modulus before we refuse it, but only where the shortened one happens to be odd.
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_weak_and_unusable_keys_are_refused() -> None:
    """F28: RFC 7518 §3.3, §6.2; RFC 8725 §3.4."""
    assert is_refused(ECKey.generate_key("P-384").as_dict(private=False))
    assert is_refused(OKPKey.generate_key("Ed448").as_dict(private=False))
    assert is_refused(OKPKey.generate_key("X25519").as_dict(private=False))
    assert is_refused({**ED, "x": ED["x"][:-4]})
    assert is_refused({**ED, "alg": "Ed448"})
    assert is_refused({**RSA, "n": RSA["n"][:170]})
    assert is_refused({**RSA, "e": "Aw"})
    assert is_refused({**EC, "x": EC["y"]})
    assert is_refused({**EC, "use": "enc", "alg": "ES256"})
    assert is_refused({**EC, "use": "sig", "alg": "ECDH-ES"})
    assert is_refused({**ED, "use": "enc"})
    assert is_refused({**EC, "use": "enc", "alg": "RSA-OAEP-256"})
    assert is_refused({**RSA, "use": "enc", "alg": "RSA1_5"})
    assert is_refused({**RSA, "use": "both"})
    assert is_refused({**RSA, "use": "enc", "key_ops": ["verify"]})
    assert is_refused({**RSA, "use": "enc", "n": RSA["n"][:170]})
    assert is_refused({**EC, "use": "enc", "x": EC["y"]})
    assert is_refused({**EC, "alg": "ES384"})
    assert is_refused({**RSA, "alg": "RS512"})
    assert is_refused({**RSA, "alg": "none"})


@pytest.mark.parametrize("use", ["sig", "enc"])
def test_an_even_modulus_and_an_exponent_that_hides_nothing_are_refused(use: str) -> None:
    numbers = rsa_key().public_key.public_numbers()
    for modulus in (numbers.n - 1, numbers.n + 1):
        assert is_refused({**RSA, "use": use, "n": int_to_base64(modulus)})
    for exponent in (0, 1, 2, 65536, 65537 + 65537):
        assert is_refused({**RSA, "use": use, "e": int_to_base64(exponent)})


def test_a_key_that_nothing_can_be_encrypted_to_is_refused_for_encryption(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it is that the judge of keys does not know of."""
    monkeypatch.setattr("idp.oidc.client_keys._is_strong", lambda key: True)
    even = int_to_base64(rsa_key().public_key.public_numbers().n - 1)
    assert not is_refused({**RSA, "use": "sig", "n": even})
    assert is_refused({**RSA, "use": "enc", "n": even})


@pytest.mark.parametrize("key", [None, [], "key", {}, {"kty": "EC"}, {"kty": "RSA"}, {**EC, "kid": 1}, {**EC, "x": 1}])
def test_a_broken_key_is_refused(key: Any) -> None:
    """RFC 7518 §6."""
    assert is_refused(key)


@pytest.mark.parametrize("member", ["kty", "use", "alg", "key_ops", "crv", "x", "n"])
@pytest.mark.parametrize("value", [None, 1, [], {}, [[]], "", "\udc80"])
def test_no_broken_member_gets_another_exception_out(member: str, value: Any) -> None:
    is_refused({**EC, member: value})
    is_refused({**RSA, member: value})
    is_refused({**ED, member: value})


def test_f30_key_ids_are_unique() -> None:
    """RFC 7517 §4, §5; FAPI 2.0 §5.4."""
    other = ECKey.generate_key("P-256", {"kid": EC["kid"]}).as_dict(private=False)
    assert is_refused(EC, other)
    assert is_refused(EC, {name: value for name, value in RSA.items() if name != "kid"})
