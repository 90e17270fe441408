"""Of many writers who have seen the same, one gets through; nothing on the shelf opens anything."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from idp.identifiers import new_identifier
from idp.oidc.authorization_request import AuthorizationRequest
from idp.presenter.opening import Opening
from idp.signin.browser_binding import form_token, handle_of, is_form_token, record_key_of
from idp.signin.record import Signin
from idp.signin.shelf import SigninConflict, SigninShelf
from idp.stores.transient.open import open_transient

NOW = datetime(2026, 4, 1, tzinfo=UTC)
REQUEST = AuthorizationRequest(
    "client", "https://rp.example/cb", ("openid",), None, None, None, frozenset(), None, None, (), (), None, bytes(32)
)
SIGNIN = Signin("tx", "txn", REQUEST, "fingerprint", "ja", NOW, NOW + timedelta(seconds=600), Opening())


@pytest.fixture
def shelf(tmp_path: Path) -> SigninShelf:
    return SigninShelf(open_transient(f"sqlite:///{tmp_path}/transient.sqlite3"))


def test_a_sign_in_is_found_by_cookie_by_handle_and_by_key(shelf: SigninShelf) -> None:
    secret = new_identifier()
    shelf.put_new(secret, SIGNIN, NOW)
    by_cookie = shelf.find_by_cookie(secret, NOW)
    assert by_cookie is not None
    assert by_cookie.signin == SIGNIN
    assert shelf.find_by_handle(handle_of(secret), NOW) == by_cookie
    assert shelf.find_by_key(by_cookie.key, NOW) == by_cookie
    assert shelf.find_by_handle(secret, NOW) is None
    assert shelf.find_by_handle(by_cookie.key, NOW) is None


def test_of_two_writers_who_saw_the_same_one_gets_through(shelf: SigninShelf) -> None:
    secret = new_identifier()
    shelf.put_new(secret, SIGNIN, NOW)
    seen = shelf.find_by_cookie(secret, NOW)
    assert seen is not None
    written = shelf.replace(seen, replace(SIGNIN, language="en"), NOW)
    with pytest.raises(SigninConflict):
        shelf.replace(seen, replace(SIGNIN, language="ja"), NOW)
    again = shelf.find_by_cookie(secret, NOW)
    assert again == written
    assert shelf.replace(written, SIGNIN, NOW).version == written.version + 1


def test_what_was_removed_or_has_expired_cannot_be_written(shelf: SigninShelf) -> None:
    secret = new_identifier()
    shelf.put_new(secret, SIGNIN, NOW)
    seen = shelf.find_by_cookie(secret, NOW)
    assert seen is not None
    assert shelf.find_by_cookie(secret, SIGNIN.expires_at) is None
    with pytest.raises(SigninConflict):
        shelf.replace(seen, SIGNIN, SIGNIN.expires_at)
    shelf.remove(seen, NOW)
    with pytest.raises(SigninConflict):
        shelf.replace(seen, SIGNIN, NOW)
    shelf.remove(seen, NOW)


def test_the_same_cookie_twice_is_a_conflict(shelf: SigninShelf) -> None:
    secret = new_identifier()
    shelf.put_new(secret, SIGNIN, NOW)
    with pytest.raises(SigninConflict):
        shelf.put_new(secret, SIGNIN, NOW)


def test_handle_key_and_form_token_are_four_different_values_of_one_secret() -> None:
    secret = new_identifier()
    handle = handle_of(secret)
    values = {secret, handle, record_key_of(handle), form_token(secret)}
    assert len(values) == 4
    assert handle_of(secret) == handle


def test_a_form_token_is_its_own_sign_ins() -> None:
    secret = new_identifier()
    assert is_form_token(secret, form_token(secret))
    for other in (None, "", form_token(new_identifier()), handle_of(secret), "é", "\udcff", form_token(secret) + " "):
        assert not is_form_token(secret, other)


@pytest.mark.parametrize("secret", ["", "x", "A" * 42, "A" * 42 + "B", "../../etc"])
def test_what_is_no_cookie_secret_derives_nothing(secret: str) -> None:
    with pytest.raises(ValueError, match="not a cookie secret"):
        handle_of(secret)
