"""Every outcome that a journal can have is shown; those of ours have a cause and a cure in both languages."""

import pytest

from idp.client_journal import ClientNote
from idp.web.catalogue import load_catalogues
from idp.web.languages import LANGUAGES, Language
from idp.web.sandbox.request_outcome import CURES, ERROR_CODES, TOLD_OUTCOMES, describe_note
from tests.unit.oidc.samples import NOW


def note(outcome: str, detail: str = "", where: str = "POST /token") -> ClientNote:
    return ClientNote("rp", NOW, where, outcome, detail, "REFERENCE2")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_outcome_has_a_cause_and_a_cure_and_no_other_has_one(language: Language) -> None:
    catalogue = load_catalogues()[language]
    worded = {f"client_error.{code}.{part}" for code in (*ERROR_CODES, *TOLD_OUTCOMES) for part in ("cause", "cure")}
    assert {key for key in catalogue.all_keys() if key.startswith("client_error.")} == worded


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cure_of_the_table_has_a_sentence_without_an_operators_command(language: Language) -> None:
    catalogue = load_catalogues()[language]
    worded = {key.removeprefix("client_cure.") for key in catalogue.all_keys() if key.startswith("client_cure.")}
    assert worded == CURES
    assert not [name for name in CURES if "idp client" in catalogue.text(f"client_cure.{name}")]


@pytest.mark.parametrize(
    ("where", "outcome", "detail", "cure"),
    [
        ("GET /authorize", "invalid_request", "redirect_uri is none of the 1 registered ones", "redirect_uri"),
        ("GET /authorize", "invalid_request", "no redirect_uri", "redirect_uri"),
        ("GET /authorize", "invalid_request", "no code_challenge", "pkce"),
        ("POST /par", "invalid_request", "PKCE is not S256", "pkce"),
        ("GET /authorize", "invalid_request", "malformed code_challenge", "pkce"),
        ("POST /token", "invalid_request", "no key of the client with use enc for ECDH-ES", "encryption_key"),
        ("GET /authorize", "invalid_request", "claims.userinfo", "authorization_request"),
        ("POST /authorize", "invalid_request", "prompt", "authorization_request"),
        ("POST /par", "invalid_request", "twice: scope", "authorization_request"),
        (
            "GET /end-session",
            "invalid_request",
            "post_logout_redirect_uri is none of the 0 registered ones",
            "post_logout_redirect_uri",
        ),
        ("POST /end-session", "invalid_request", "id_token_hint was not signed by this provider", "logout_request"),
        ("POST /token", "temporarily_unavailable", "jwks_uri: 404", "jwks_uri"),
        ("GET /authorize", "invalid_request_object", "jwks_uri: 404", "jwks_uri"),
        ("POST /token", "invalid_client", "jwks_uri: 404", "jwks_uri"),
        ("POST /token", "invalid_client", "client_secret_post is not the registered method", "invalid_client"),
        ("claims: userinfo.name", "not_registered", "", "not_registered"),
    ],
)
def test_the_cure_is_that_of_the_mistake_where_the_code_has_several(
    where: str, outcome: str, detail: str, cure: str
) -> None:
    assert describe_note(note(outcome, detail, where))["cure"] == f"client_cure.{cure}"


@pytest.mark.parametrize(
    ("outcome", "detail", "cure"),
    [
        ("invalid_request", "no code", "client_error.invalid_request.cure"),
        ("temporarily_unavailable", "", "client_error.temporarily_unavailable.cure"),
        ("invalid_grant", "code was used before", "client_error.invalid_grant.cure"),
        ("left_out", "", "client_error.left_out.cure"),
        ("answered", "", None),
        ("sign_in_expired", "", None),
    ],
)
def test_every_other_outcome_has_the_cure_of_its_code(outcome: str, detail: str, cure: str | None) -> None:
    assert describe_note(note(outcome, detail))["cure"] == cure


def test_no_word_means_two_things() -> None:
    assert len({*ERROR_CODES, *TOLD_OUTCOMES}) == len(ERROR_CODES) + len(TOLD_OUTCOMES)


@pytest.mark.parametrize(
    ("outcome", "is_answered", "is_refused", "is_worded"),
    [
        ("answered", True, False, False),
        ("invalid_grant", False, True, True),
        ("too_many_requests", False, True, True),
        ("constant_nonce", False, False, True),
        ("left_out", False, False, True),
        ("sign_in_expired", False, True, False),
    ],
)
def test_a_note_says_what_kind_of_outcome_it_is(
    outcome: str, is_answered: bool, is_refused: bool, is_worded: bool
) -> None:
    shown = describe_note(note(outcome))
    assert (shown["is_answered"], shown["is_refused"], shown["is_worded"]) == (is_answered, is_refused, is_worded)


def test_what_may_come_from_a_client_is_cut() -> None:
    shown = describe_note(note("x" * 101, "y" * 301, "z" * 101))
    assert (shown["outcome"], shown["detail"], shown["where"]) == ("x" * 100, "y" * 300, "z" * 100)
