"""``/end-session``: a client brings the person back to be signed out (RP-Initiated Logout 1.0).

A POST comes from another site, so a browser sends it without our Lax cookies: as at ``/authorize``, the request is kept
once it is found valid, and a GET that names it once goes on.
"""

import json
from typing import Final
from urllib.parse import urlsplit

from idp.clock import Clock
from idp.identifiers import is_identifier, new_identifier
from idp.keys.errors import Unsealable
from idp.oidc.client import Client
from idp.oidc.end_session import (
    END_SESSION_PATH,
    LogoutRequest,
    VerifiedLogoutTarget,
    parse_logout_request,
    verify_logout_target,
)
from idp.oidc.errors import OAuthError
from idp.oidc.frontchannel_logout import LogoutFrame
from idp.oidc.parameters import Parameters, parse_parameters
from idp.oidc.redirect_uri import origin_of
from idp.signin.browser_binding import form_token, is_form_token
from idp.signin.end_session import LogoutAnswer, LogoutStep, begin_logout
from idp.signin.parts import SigninParts
from idp.signin.sign_out import sign_out
from idp.signin.transient import TransientStore
from idp.web.cookies import SESSION
from idp.web.error_answers import PageRefused
from idp.web.http import Request, Response, see_other
from idp.web.page_reason import PageReason
from idp.web.site import Site

_KIND: Final = "posted-logout"
_PURPOSE: Final = "end-session"


class EndSessionEndpoint:
    """The request, the question, and the answer to it."""

    def __init__(self, parts: SigninParts, site: Site, transient: TransientStore, clock: Clock, base: str) -> None:
        self._parts = parts
        self._site = site
        self._transient = transient
        self._clock = clock
        self._base = base

    def get(self, request: Request) -> Response:
        """Answer a logout request in the query."""
        return self._begin(request, self._parse(_read(request.query)))

    def post(self, request: Request) -> Response:
        """Keep a logout request of the body, and name it once."""
        if request.media_type != "application/x-www-form-urlencoded":
            raise PageRefused(PageReason.INVALID_LOGOUT_REQUEST, "not a form")
        parameters = _read(request.body.decode("latin-1"))
        self._parse(parameters)
        name, now = new_identifier(), self._clock()
        expires_at = now + self._parts.lifetimes.signin
        self._transient.insert(_KIND, name, parameters.encoded.encode("ascii"), expires_at, now)
        return see_other(f"{self._base}{END_SESSION_PATH}/posted/{name}")

    def get_posted(self, request: Request) -> Response:
        """Take the request that a POST kept; one that is gone leaves this provider's own question."""
        name = request.path_values["name"]
        record = self._transient.take(_KIND, name, self._clock()) if is_identifier(name) else None
        if record is None:
            return see_other(f"{self._base}/sign-out")
        return self._begin(request, self._parse(_read(record.value.decode("ascii"))))

    def confirm(self, request: Request) -> Response:
        """Do what the person said."""
        secret = self._site.cookies.find(request, SESSION)
        if secret is None or not is_identifier(secret):
            return self._signed_out(request, None, None, ())
        if request.media_type != "application/x-www-form-urlencoded":
            raise PageRefused(PageReason.INVALID_FORM, "not a form")
        try:
            form = parse_parameters(request.body.decode("latin-1"))
            form.check_unique()
        except OAuthError as error:
            raise PageRefused(PageReason.INVALID_FORM, error.detail) from error
        if not is_form_token(secret, form.get("csrf")):
            raise PageRefused(PageReason.INVALID_FORM, "csrf")
        if form.get("decision") != "sign_out":
            return see_other(f"{self._base}/")
        browser = self._site.browser(request)
        client_id, target = self._unseal(browser.session_hash, form.get("request") or "")
        frames = sign_out(self._parts, browser, self._clock(), client_id=client_id)
        return self._signed_out(request, target, target, (), frames)

    def _parse(self, parameters: Parameters) -> LogoutRequest:
        parts = self._parts
        try:
            return parse_logout_request(parameters, parts.clients, parts.id_token_hints, parts.issuer)
        except OAuthError as error:
            raise _refused(error) from error

    def _begin(self, request: Request, asked: LogoutRequest) -> Response:
        browser = self._site.browser(request)
        answer = begin_logout(self._parts, asked, browser, self._clock())
        if answer.step is LogoutStep.ASK:
            return self._ask(request, asked, browser.session_hash)
        return self._leave(request, asked, answer)

    def _leave(self, request: Request, asked: LogoutRequest, answer: LogoutAnswer) -> Response:
        return self._signed_out(request, answer.target, asked.target, asked.ui_locales, answer.frames)

    def _ask(self, request: Request, asked: LogoutRequest, session_hash: bytes) -> Response:
        client, target = asked.client, asked.target
        secret = self._site.cookies.find(request, SESSION) or ""
        return self._site.page(
            request,
            "end_session.html",
            self._site.language(request, asked.ui_locales),
            form_targets=() if target is None else (origin_of(target.uri),),
            csrf=form_token(secret),
            sealed_request=self._seal(session_hash, asked),
            client_name=None if client is None else client.client_name,
            client_host=None if client is None else _host(client),
            is_reviewed=client is not None and client.is_reviewed,
        )

    def _signed_out(
        self,
        request: Request,
        goes_to: VerifiedLogoutTarget | None,
        may_go_to: VerifiedLogoutTarget | None,
        ui_locales: tuple[str, ...],
        frames: tuple[LogoutFrame, ...] = (),
    ) -> Response:
        forgotten = self._site.cookies.delete(SESSION)
        # A redirect would leave before any frame is loaded: the page goes on by itself once they are, or at a click. To
        # an application on the device it could do neither: browsers ask for a click there, and pages link to the web.
        if goes_to is not None and not (frames and goes_to.is_web):
            return see_other(goes_to.location, forgotten)
        return self._site.page(
            request,
            "signed_out.html",
            self._site.language(request, ui_locales),
            headers=(forgotten,),
            frames=frames,
            back_href=None if may_go_to is None else may_go_to.location,
            goes_to=None if goes_to is None else goes_to.location,
        )

    def _seal(self, session_hash: bytes, asked: LogoutRequest) -> str:
        # What was found valid comes back with the form, for this session only; the ID token need not stand in the page.
        client_id = None if asked.client is None else asked.client.client_id
        target = None if asked.target is None else [asked.target.uri, asked.target.state]
        return self._site.sealer.seal(_PURPOSE, session_hash, json.dumps([client_id, target]).encode("ascii"))

    def _unseal(self, session_hash: bytes, sealed: str) -> tuple[str | None, VerifiedLogoutTarget | None]:
        try:
            client_id, target = json.loads(self._site.sealer.unseal(_PURPOSE, session_hash, sealed))
        except Unsealable as error:
            raise PageRefused(PageReason.INVALID_FORM, "request") from error
        client = None if client_id is None else self._parts.clients.find_client(client_id)
        if client is None or target is None:
            return client_id, None
        try:
            return client_id, verify_logout_target(client, *target)
        except OAuthError:
            # The client changed while the page was open: the person is signed out all the same, and goes nowhere.
            return client_id, None


def _read(encoded: str) -> Parameters:
    try:
        return parse_parameters(encoded)
    except OAuthError as error:
        raise _refused(error) from error


def _refused(error: OAuthError) -> Exception:
    # What the pages have a better word for keeps it.
    if error.code.value == "unauthorized_client" or error.detail.startswith("twice") or "redirect_uri" in error.detail:
        return error
    return PageRefused(PageReason.INVALID_LOGOUT_REQUEST, error.detail)


def _host(client: Client) -> str:
    # A resource server signs nobody in and has no address to be sent to.
    return urlsplit(client.redirect_uris[0] if client.redirect_uris else "").netloc or client.client_id
