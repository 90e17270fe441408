"""Every failure in the form its caller reads, with a reference, and nothing of what the caller sent."""

import io
import json
from collections.abc import Iterator

import pytest
import structlog

from idp.jpki.errors import Rejection, Unverifiable
from idp.keys.errors import NoSigningKey
from idp.log import configure_log
from idp.oidc.errors import AuthorizationRefused, ErrorCode, OAuthError
from idp.oidc.redirect_uri import verify_redirect_uri
from idp.outage import StoreUnavailable
from idp.presenter.errors import PresenterError, PresenterErrorCode
from idp.presenter.opening import Opening
from idp.signin.presenting import CardRefused
from idp.signin.shelf import SigninConflict
from idp.web.authorization_answers import AuthorizationAnswers
from idp.web.cookies import CookieNames
from idp.web.environ import MalformedRequest, RequestTooLarge
from idp.web.error_answers import PageRefused, PersonAnswers, answer_client, answer_presenter, outcome_of
from idp.web.http import Request
from idp.web.page_reason import PageReason
from idp.web.rate_limit import TooManyRequests
from idp.web.site import Site
from tests.unit.oidc.samples import ISSUER, NOW, REDIRECT_URI, make_client
from tests.unit.web.pages.sample_page import make_renderer

SECRET = "s" * 43
REFERENCE = "2345678923"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    configure_log("debug", stream)
    yield stream
    structlog.reset_defaults()


def request(path: str = "/token") -> Request:
    return Request("POST", path, f"code={SECRET}", {}, SECRET.encode(), "192.0.2.1")


FAILURES = [
    (StoreUnavailable(SECRET), "temporarily_unavailable", "server_error", 503),
    (SigninConflict(), "temporarily_unavailable", "server_error", 503),
    (TooManyRequests(17), "too_many_requests", "too_many_requests", 429),
    (RequestTooLarge(413), "invalid_request", "too_large", 413),
    (RequestTooLarge(431), "invalid_request", "too_large", 431),
    (MalformedRequest(), "invalid_request", "invalid_request", 400),
    (ValueError(SECRET), "server_error", "server_error", 500),
    (RecursionError(), "server_error", "server_error", 500),
]


@pytest.mark.parametrize(("error", "client_code", "presenter_code", "status"), FAILURES)
def test_a_failure_has_one_code_for_clients_and_one_of_the_protocols_for_presenters(
    error: Exception, client_code: str, presenter_code: str, status: int, log: io.StringIO
) -> None:
    for answer_error, code in ((answer_client, client_code), (answer_presenter, presenter_code)):
        answer = answer_error(request(), error, REFERENCE)
        body = json.loads(answer.body)
        assert (answer.status, body["error"]) == (status, code)
        reference = body.get("reference") or body["error_reference"]
        assert json.loads(log.getvalue().splitlines()[-1])["reference"] == reference == REFERENCE
        assert ("Cache-Control", "no-store") in answer.headers
    assert SECRET not in log.getvalue()
    assert SECRET not in answer.body.decode()


def test_when_to_come_back_is_said_where_it_makes_sense(log: io.StringIO) -> None:
    assert ("Retry-After", "17") in answer_client(request(), TooManyRequests(17), REFERENCE).headers
    assert "Retry-After" in dict(answer_presenter(request(), StoreUnavailable(), REFERENCE).headers)
    assert "Retry-After" not in dict(answer_client(request(), ValueError(), REFERENCE).headers)


def test_an_oauth_error_keeps_its_challenge_and_its_detail_stays_in_the_log(log: io.StringIO) -> None:
    error = OAuthError(ErrorCode.INVALID_CLIENT, "No.", detail="secret does not match", authenticate="Basic")
    answer = answer_client(request(), error, REFERENCE)
    assert answer.status == 401
    assert ("WWW-Authenticate", "Basic") in answer.headers
    assert "does not match" not in answer.body.decode()
    assert "does not match" in log.getvalue()


@pytest.mark.parametrize("code", list(PresenterErrorCode))
def test_a_presenters_error_has_the_protocols_form(code: PresenterErrorCode, log: io.StringIO) -> None:
    answer = answer_presenter(request("/card/open"), PresenterError(code, "detail"), REFERENCE)
    assert set(json.loads(answer.body)) == {"error", "reference"}
    assert answer.status == PresenterError(code).status


def test_a_no_is_422_and_a_not_known_is_503() -> None:
    no = answer_presenter(request(), CardRefused(Opening(last_error=Rejection.EXPIRED.value)), REFERENCE)
    unknown = answer_presenter(request(), CardRefused(Opening(last_error=Unverifiable.STATUS_STALE.value)), REFERENCE)
    assert (no.status, unknown.status) == (422, 503)
    assert json.loads(unknown.body)["error"] == "status_stale"


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/token", "/token"),
        ("/.well-known/oauth-authorization-server", "/.well-known/oauth-authorization-server"),
        (f"/login/{SECRET}/consent", "/login/*/consent"),
        (f"/card/return/{SECRET}.{SECRET}", "/card/return/*"),
        (f"/{SECRET}/{SECRET}", "/*/*"),
        ("/" + "a/" * 100, ("/" + "a/" * 100)[:64]),
    ],
)
def test_what_may_be_a_secret_in_a_path_is_not_logged(path: str, route: str, log: io.StringIO) -> None:
    for error in (ValueError(), MalformedRequest(), PresenterError(PresenterErrorCode.NOT_OPEN)):
        answer_presenter(request(path), error, REFERENCE)
        assert json.loads(log.getvalue().splitlines()[-1])["route"] == route


def test_the_unforeseen_is_logged_with_its_place_and_without_its_words(log: io.StringIO) -> None:
    def fall() -> None:
        raise KeyError(SECRET)

    try:
        fall()
    except KeyError as error:
        answer_client(request(), error, REFERENCE)
    line = json.loads(log.getvalue())
    assert (line["event"], line["exception"]) == ("server_error", "KeyError")
    assert line["where"].startswith(f"{__name__}:")
    assert SECRET not in log.getvalue()


def test_a_refusal_that_cannot_be_signed_is_a_page_of_ours(log: io.StringIO) -> None:
    """A client asked for a signed answer (JARM) and no key may sign: nothing unsigned is sent in its place."""

    class Keyless:
        def sign(self, payload: object, alg: str) -> str:
            raise NoSigningKey(SECRET)

    site = Site(make_renderer(), CookieNames(ISSUER), None, lambda: NOW, 60, 60, 8)  # type: ignore[arg-type]  # no cookie read
    answers = PersonAnswers(site, ISSUER, AuthorizationAnswers(site, Keyless(), lambda: NOW))
    redirect = verify_redirect_uri(make_client(), REDIRECT_URI, "s", "jwt")
    refused = AuthorizationRefused(OAuthError(ErrorCode.ACCESS_DENIED, "no"), redirect)
    answer = answers(request("/authorize"), refused, REFERENCE)
    assert answer.status == 500
    assert "Location" not in dict(answer.headers)
    assert REDIRECT_URI not in answer.body.decode()
    assert SECRET not in log.getvalue()


def test_a_page_that_stands_for_the_clients_fault_is_told_as_that_fault() -> None:
    late = PageRefused(PageReason.SIGN_IN_EXPIRED)
    late.__cause__ = OAuthError(ErrorCode.INVALID_REQUEST_URI, "Push again.", detail="spent")
    assert outcome_of(late) == ("invalid_request_uri", "spent")
    assert outcome_of(PageRefused(PageReason.INVALID_REQUEST, "not a form")) == ("invalid_request", "not a form")
