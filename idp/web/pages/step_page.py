"""What each step of a sign-in becomes: a page, or the way back to the client."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from idp.clock import Clock
from idp.identifiers import encode_base64url
from idp.oidc.claims_consent import SERIAL_ITEM, ConsentItem
from idp.oidc.claims_wording import word_item
from idp.oidc.client import Client
from idp.oidc.client_options import NO_OPTIONS
from idp.oidc.details_wording import word_details
from idp.oidc.redirect_uri import VerifiedRedirect
from idp.oidc.response_mode import AuthorizationResponse
from idp.signin.browser_binding import form_token, handle_of
from idp.signin.parts import SigninParts
from idp.signin.record import Signin
from idp.signin.step import (
    AskConsent,
    CardFailed,
    ConfirmBrowser,
    Finished,
    PendingStep,
    PresentCard,
    Step,
    StepUp,
    TellAttached,
)
from idp.web.authorization_answers import AuthorizationAnswers
from idp.web.cookies import TransactionCookie
from idp.web.http import Request, Response, see_other
from idp.web.languages import Language, parse_language
from idp.web.site import Site

_REFRESH_SECONDS: Final = 3


class StepPages:
    """Pages of one sign-in; the dispatcher decides which."""

    def __init__(
        self,
        parts: SigninParts,
        site: Site,
        answers: AuthorizationAnswers,
        clock: Clock,
        *,
        base: str,
        has_sandbox: bool,
    ) -> None:
        self._parts = parts
        self._site = site
        self._answers = answers
        self._clock = clock
        self._base = base
        self._has_sandbox = has_sandbox
        digest = hashlib.sha256(parts.issuer.encode("ascii")).digest()
        self._issuer_tag = encode_base64url(digest[:16])

    def address(self, tx: str) -> str:
        """The path of a sign-in's page."""
        return f"{self._base}/login/{tx}"

    def answer(self, request: Request, step: Step, cookie: TransactionCookie) -> Response:
        """The response to a browser that stands at this step.

        A page never answers a POST: the browser is sent to the sign-in's own address, so that reload and back lead on.
        """
        if isinstance(step, Finished):
            return self.leave(request, step)
        if isinstance(step, StepUp):
            return self._step_up(request, step)
        session = step.new_session if isinstance(step, (AskConsent, TellAttached)) else None
        cookies = self._site.remember_session(request, session)
        if request.method == "POST" or request.path != self.address(cookie.tx) or session is not None:
            return see_other(self.address(cookie.tx), *cookies)
        return self._page(request, step, cookie)

    def leave(self, request: Request, finished: Finished) -> Response:
        """Send the browser to the client with its code."""
        cookies = self._site.remember_session(request, finished.new_session)
        forgotten: tuple[tuple[str, str], ...] = ()
        if finished.tx is not None:
            forgotten = self._site.cookies.forget_transaction(request, finished.tx, self._site.transaction_seconds)
        return self._answers.send(request, finished.destination, *cookies, *forgotten)

    def abandon(self, request: Request, destination: AuthorizationResponse | str, tx: str) -> Response:
        """Send the browser back without a code; the sign-in is gone."""
        ended = self._site.cookies.forget_transaction(request, tx, self._site.transaction_seconds)
        return self._answers.send(request, destination, *ended)

    def _step_up(self, request: Request, step: StepUp) -> Response:
        """Go on under the second card's own transaction."""
        fresh = TransactionCookie(step.tx, self._clock(), step.cookie_secret)
        return see_other(
            self.address(step.tx),
            self._site.cookies.set_transaction(fresh, self._site.transaction_seconds),
            *self._site.cookies.forget_transaction(request, step.former_tx, self._site.transaction_seconds),
        )

    def _page(self, request: Request, step: PendingStep, cookie: TransactionCookie) -> Response:
        signin = step.stored.signin
        values = _shared_values(signin, step.client, step.redirect, cookie)
        template, own = self._own_values(request, step, cookie)
        return self._site.page(
            request, template, _language(signin), form_targets=(step.redirect.origin,), **values, **own
        )

    def _own_values(self, request: Request, step: PendingStep, cookie: TransactionCookie) -> tuple[str, dict[str, Any]]:
        if isinstance(step, PresentCard):
            handle = handle_of(cookie.secret)
            return "sign_in.html", {
                "link_scheme": f"mynumber-card:{self._issuer_tag}.{handle}",
                "link_https": f"{self._parts.issuer}/card#{handle}",
                "expires_at": step.stored.signin.expires_at,
                "sandbox_href": f"{self._base}/sandbox/{cookie.tx}" if self._has_sandbox else None,
                "asks": _asked_proof(step.stored.signin),
            }
        if isinstance(step, ConfirmBrowser):
            return "new_browser.html", {}
        if isinstance(step, TellAttached):
            return "attached.html", {}
        if isinstance(step, AskConsent):
            details = step.stored.signin.request.authorization_details
            remembered = None if step.items or details is not None else self._parts.lifetimes.consent
            language = _language(step.stored.signin)
            return "consent.html", {
                **_links(step.client),
                "items": _items(step.client, step.stored.signin.request.scope),
                "choices": [_choice(item, language) for item in step.items],
                "details": word_details(details, self._parts.requests.details_types, language),
                "offers_serial": any(item.key == SERIAL_ITEM for item in step.items),
                "recorded_until": self._recorded_until(step.client) if step.items else None,
                "remembered_until": self._clock() + remembered if remembered else None,
            }
        failed = isinstance(step, CardFailed)
        is_refreshing = "refresh=off" not in request.query.split("&")
        return "waiting.html", {
            "reason": step.reason if isinstance(step, CardFailed) else None,
            "is_signing": _asked_proof(step.stored.signin) == "signature",
            "reference": step.stored.signin.txn[:10] if failed else None,
            "refresh_seconds": _REFRESH_SECONDS if is_refreshing and not failed else None,
            "expires_at": step.stored.signin.expires_at,
        }

    def _recorded_until(self, client: Client) -> datetime | None:
        # As in signin.evidence_record: values, signature and certificate are kept for these clients alone.
        if not client.is_lawful_verifier:
            return None
        days = client.evidence_retention_days
        return self._clock() + (self._parts.lifetimes.evidence if days is None else timedelta(days=days))


def _shared_values(
    signin: Signin, client: Client, redirect: VerifiedRedirect, cookie: TransactionCookie
) -> dict[str, Any]:
    return {
        "tx": signin.tx,
        "csrf": form_token(cookie.secret),
        "client_name": client.client_name,
        "client_host": urlsplit(redirect.redirect_uri).netloc or redirect.origin,
        "is_reviewed": client.is_reviewed,
    }


def _links(client: Client) -> dict[str, str]:
    # Of a service that nobody reviewed only the home page: who imitates another would link to the other's terms.
    options = client.options if client.is_reviewed else NO_OPTIONS
    return {
        "client_uri": client.client_uri,
        "policy_uri": options.policy_uri or "",
        "tos_uri": options.tos_uri or "",
    }


def _items(client: Client, scope: Sequence[str]) -> tuple[str, ...]:
    items = (f"{client.options.subject_type}_identifier", "sign_in_fact")
    return (*items, "offline_access") if "offline_access" in scope else items


def _choice(item: ConsentItem, language: Language) -> dict[str, Any]:
    return {"key": item.key, "words": word_item(item, language), "is_essential": item.is_essential}


def _asked_proof(signin: Signin) -> str:
    if signin.opening.purpose == "digital-signature":
        return "signature"
    return "card" if signin.attaching is None else signin.attaching.part.value


def _language(signin: Signin) -> Language:
    return parse_language(signin.language) or "ja"
