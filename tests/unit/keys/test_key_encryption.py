"""Private keys at rest are bound to their row."""

import pytest

from idp.keys.errors import SigningKeyUnreadable
from idp.keys.key_encryption import KeyEncryption
from idp.keys.sealing import Sealer

ENCRYPTION = KeyEncryption(Sealer(bytes(range(32))))


def test_a_private_key_is_not_readable_at_rest_and_opens_again() -> None:
    encrypted = ENCRYPTION.encrypt_private_jwk("kid", "ES256", b'{"d":"secret"}')
    assert b"secret" not in encrypted
    assert ENCRYPTION.decrypt_private_jwk("kid", "ES256", encrypted) == b'{"d":"secret"}'


@pytest.mark.parametrize(("kid", "alg"), [("other", "ES256"), ("kid", "RS256")])
def test_a_private_key_moved_to_another_row_does_not_open(kid: str, alg: str) -> None:
    encrypted = ENCRYPTION.encrypt_private_jwk("kid", "ES256", b"{}")
    with pytest.raises(SigningKeyUnreadable):
        ENCRYPTION.decrypt_private_jwk(kid, alg, encrypted)


def test_another_key_encryption_key_does_not_open_it_and_the_message_says_which_key() -> None:
    encrypted = ENCRYPTION.encrypt_private_jwk("kid-7", "ES256", b"{}")
    with pytest.raises(SigningKeyUnreadable, match="kid-7"):
        KeyEncryption(Sealer(bytes(range(1, 33)))).decrypt_private_jwk("kid-7", "ES256", encrypted)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(SigningKeyUnreadable):
        ENCRYPTION.decrypt_private_jwk("kid", "ES256", b"\xff\x00\x81")
