"""``/sandbox/{tx}``: a developer picks a test card and an outcome; the presenter protocol runs in this process.

No reader, no app, no script. Everything goes through the same functions as the presenter's API, so what happens here is
what happens with a card.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import rfc8785

from idp.clock import Clock
from idp.identifiers import encode_base64url
from idp.jpki.errors import Unverifiable
from idp.presenter.errors import PresenterError
from idp.presenter.message import CancelRequest, OpenRequest, ProofRequest
from idp.presenter.signed_bytes import message_to_sign
from idp.presenter.transaction import Purpose
from idp.sandbox.cast_cards import CastCard
from idp.sandbox.outcome import CANCELLATIONS, OUTAGES, OUTCOMES, BrokenRevocation, CardAnswer, answer_as, declare_as
from idp.signin.browser_binding import form_token, handle_of
from idp.signin.next_step import check_client_unchanged
from idp.signin.parts import SigninParts
from idp.signin.presenting import CardRefused, cancel_for_presenter, open_for_presenter, prove_for_presenter
from idp.web.error_answers import PageRefused
from idp.web.http import Request, Response, see_other
from idp.web.page_reason import PageReason
from idp.web.pages.signin_pages import SigninPages
from idp.web.pages.step_page import StepPages
from idp.web.site import Site

_PRESENTER: Final = "sandbox-page/1"


@dataclass(frozen=True, slots=True)
class _Choice:
    card: CastCard
    outcome: str


class SandboxCardPage:
    """The page and its form."""

    def __init__(
        self,
        parts: SigninParts,
        site: Site,
        pages: SigninPages,
        steps: StepPages,
        clock: Clock,
        cards: Mapping[str, CastCard],
    ) -> None:
        self._parts = parts
        self._site = site
        self._pages = pages
        self._steps = steps
        self._clock = clock
        self._cards = cards

    def show(self, request: Request) -> Response:
        """The test people and what may happen to them."""
        cookie, stored = self._pages.find(request, self._clock())
        _, redirect = check_client_unchanged(self._parts, stored.signin)
        return self._site.page(
            request,
            "sandbox_card.html",
            self._site.language(request, (stored.signin.language,)),
            # Both forms may end at the client at once: consent may be remembered, and the person may go back.
            form_targets=(redirect.origin,),
            tx=cookie.tx,
            csrf=form_token(cookie.secret),
            people=tuple(card.member for card in self._cards.values()),
            outcomes=OUTCOMES,
        )

    def present(self, request: Request) -> Response:
        """Present the chosen card with the chosen outcome, and go on as after a presenter."""
        form = self._pages.check_form(request)
        card = self._cards.get(form.get("person") or "")
        outcome = form.get("outcome") or ""
        if card is None or outcome not in OUTCOMES:
            raise PageRefused(PageReason.INVALID_FORM, "person or outcome")
        now = self._clock()
        cookie, _ = self._pages.find(request, now)
        try:
            answer = self._run(handle_of(cookie.secret), _secret_of(cookie.secret), _Choice(card, outcome), now)
        except (CardRefused, PresenterError):
            # The sign-in's own page says what it means; a person with a real card would be told there too.
            return see_other(self._steps.address(cookie.tx))
        return see_other(answer.get("return_url", self._steps.address(cookie.tx)))

    def _run(self, handle: str, secret: str, choice: _Choice, now: datetime) -> dict[str, Any]:
        opened = open_for_presenter(self._parts, handle, OpenRequest(_commitment(secret)), now)
        if choice.outcome in CANCELLATIONS:
            return cancel_for_presenter(self._parts, handle, CancelRequest(secret, choice.outcome), now)
        purpose: Purpose = opened["purpose"]
        message = message_to_sign(purpose, opened["issuer"], opened["nonce"], rfc8785.dumps(opened["transaction"]))
        answer_of = answer_as if purpose == "user-authentication" else declare_as
        answer = answer_of(choice.card, choice.outcome, self._cards, message)
        if answer is None:
            return cancel_for_presenter(self._parts, handle, CancelRequest(secret, "no_certificate"), now)
        try:
            proof = _proof(secret, answer)
            return prove_for_presenter(self._parts_for(choice.outcome), handle, proof, answer.signature, now)
        except CardRefused as refused:
            # A person would not try the same card five times: the page explains the refusal at once.
            cancel_for_presenter(self._parts, handle, CancelRequest(secret, refused.members["error"]), now)
            raise

    def _parts_for(self, outcome: str) -> SigninParts:
        if outcome not in OUTAGES:
            return self._parts
        broken = BrokenRevocation(Unverifiable(outcome))
        return replace(self._parts, verifier=self._parts.verifier.with_revocation(broken))


def _proof(secret: str, answer: CardAnswer) -> ProofRequest:
    return ProofRequest(secret, answer.certificate, answer.algorithm, answer.signature, _PRESENTER)


def _secret_of(cookie_secret: str) -> str:
    # The page is the presenter here; its secret follows from the cookie, so that a reload presents itself again.
    return encode_base64url(
        hashlib.sha256(b"mynumber-idp/v1/sandbox-page\x00" + cookie_secret.encode("ascii")).digest()
    )


def _commitment(secret: str) -> str:
    return encode_base64url(hashlib.sha256(base64.urlsafe_b64decode(secret + "=")).digest())
