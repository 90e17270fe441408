"""What every page handler works with: the renderer, the cookies, the person's language, the browser's standing."""

import json
from dataclasses import dataclass
from typing import Any, Final

from idp.clock import Clock
from idp.identifiers import hash_secret, is_identifier
from idp.keys.errors import Unsealable
from idp.keys.sealing import Sealer
from idp.oidc.frontchannel_logout import LogoutFrame
from idp.signin.parts import KnownBrowser
from idp.signin.start import Started
from idp.signin.step import NewSession
from idp.web.cookies import KNOWN_ACCOUNTS, LANGUAGE, SESSION, CookieNames, TransactionCookie
from idp.web.http import Request, Response, page_response
from idp.web.languages import Language, choose_language, parse_language
from idp.web.rendering import Renderer
from idp.web.security_headers import content_security_policy

_KNOWN_PURPOSE: Final = "known-accounts"
_KNOWN_LIMIT: Final = 8
_KNOWN_SECONDS: Final = 400 * 86_400  # as long as browsers keep a cookie at most
_LANGUAGE_SECONDS: Final = 365 * 86_400


@dataclass(frozen=True, slots=True)
class Site:
    """The edge's own parts."""

    renderer: Renderer
    cookies: CookieNames
    sealer: Sealer
    clock: Clock
    session_seconds: int
    transaction_seconds: int
    browser_limit: int

    def language(self, request: Request, ui_locales: tuple[str, ...] = ()) -> Language:
        """In which language this person is spoken to; ``?lang=`` on a page wins and is remembered."""
        return asked_language(request) or choose_language(
            ui_locales, self.cookies.find(request, LANGUAGE), request.header("accept-language")
        )

    def page(
        self,
        request: Request,
        template: str,
        language: Language,
        *,
        status: int = 200,
        form_targets: tuple[str, ...] = (),
        script_source: str | None = None,
        frames: tuple[LogoutFrame, ...] = (),
        headers: tuple[tuple[str, str], ...] = (),
        **values: Any,
    ) -> Response:
        """One page with its policy; the language switch is offered where the page's address can be asked again.

        Takes: frames, what a page after a sign-out loads; its template is given their addresses as ``frames``.
        """
        # A query that says anything else must not be lost by the switch, but for the refresh of a waiting page.
        rest = {pair for pair in request.query.split("&") if pair and not pair.startswith("lang=")}
        can_be_asked_again = request.method == "GET" and rest <= {"refresh=off"} and script_source is None
        language_path = "" if can_be_asked_again else None
        values["frames"] = [frame.src for frame in frames]
        body = self.renderer.render(template, language, language_path=language_path, **values)
        chosen = asked_language(request)
        remembered = (self.cookies.set(LANGUAGE, chosen, _LANGUAGE_SECONDS),) if chosen else ()
        sources = [frame.origin for frame in frames]
        policy = content_security_policy(*form_targets, script_source=script_source, frame_sources=sources)
        return page_response(body, status, policy, *remembered, *headers)

    def begin_transaction(self, request: Request, started: Started) -> tuple[tuple[str, str], ...]:
        """The cookies of a browser that begins a sign-in: the new one, and the oldest ones over the limit deleted."""
        oldest_first = self.cookies.list_transactions(request)
        surplus = max(0, len(oldest_first) - (self.browser_limit - 1))
        own = TransactionCookie(started.tx, self.clock(), started.cookie_secret)
        deleted = (self.cookies.delete_transaction(cookie.tx) for cookie in oldest_first[:surplus])
        return (self.cookies.set_transaction(own, self.transaction_seconds), *deleted)

    def browser(self, request: Request) -> KnownBrowser:
        """What this browser's cookies say; whatever is not ours counts as absent."""
        secret = self.cookies.find(request, SESSION)
        session_hash = hash_secret(secret) if secret and is_identifier(secret) else b""
        return KnownBrowser(session_hash, frozenset(self._known_accounts(request)))

    def remember_session(self, request: Request, session: NewSession | None) -> tuple[tuple[str, str], ...]:
        """The cookies of a session that has just been made here."""
        if session is None:
            return ()
        others = [account for account in self._known_accounts(request) if account != session.account_id]
        known = json.dumps([session.account_id, *others][:_KNOWN_LIMIT]).encode("ascii")
        return (
            self.cookies.set(SESSION, session.secret, self.session_seconds),
            self.cookies.set(KNOWN_ACCOUNTS, self.sealer.seal(_KNOWN_PURPOSE, b"", known), _KNOWN_SECONDS),
        )

    def _known_accounts(self, request: Request) -> list[str]:
        sealed = self.cookies.find(request, KNOWN_ACCOUNTS)
        if not sealed or len(sealed) > 2048:
            return []
        try:
            accounts: list[str] = json.loads(self.sealer.unseal(_KNOWN_PURPOSE, b"", sealed))
        except Unsealable:
            return []
        return accounts


def asked_language(request: Request) -> Language | None:
    """The language that this very request asks for with ``?lang=``."""
    for pair in request.query.split("&"):
        name, _, value = pair.partition("=")
        if name == "lang":
            return parse_language(value)
    return None
