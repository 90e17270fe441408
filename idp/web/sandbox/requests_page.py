"""``/sandbox/requests``: a developer sees what became of the last requests of a client, and ``/sandbox/errors`` what
each outcome means; in sandboxes only, for clients that registered themselves there.
"""

from typing import Final

from idp.client_journal import ClientNoteReader
from idp.clock import Clock
from idp.log import log_line
from idp.oidc.client import Client
from idp.web.http import Request, Response, see_other
from idp.web.sandbox.page_form import PageForm
from idp.web.sandbox.proven_client import Proof, ProvenClients
from idp.web.sandbox.request_outcome import ERROR_CODES, TOLD_OUTCOMES, describe_note
from idp.web.site import Site

REQUESTS_PAGE_PATH: Final = "/sandbox/requests"
LEAVE_PATH: Final = REQUESTS_PAGE_PATH + "/leave"
ERRORS_PAGE_PATH: Final = "/sandbox/errors"
_FORM_COOKIE: Final = "requests-form"
_SHOWN: Final = 50
_LONGEST_ID: Final = 64


class RequestsPage:
    """The page, its form, and the catalogue that its rows lead to."""

    def __init__(self, proven: ProvenClients, notes: ClientNoteReader, site: Site, clock: Clock, base: str) -> None:
        self._proven = proven
        self._notes = notes
        self._site = site
        self._clock = clock
        self._address = base + REQUESTS_PAGE_PATH
        self._form = PageForm(site, _FORM_COOKIE)

    def show(self, request: Request) -> Response:
        """The last requests of the client that this browser has proven; else the form that proves one."""
        csrf, cookie = self._form.begin(request)
        client = self._proven.find_remembered(request, self._clock())
        return self._ask(request, csrf, cookie) if client is None else self._show(request, client, csrf, cookie)

    def prove(self, request: Request) -> Response:
        """Take the secret or token that proves a client, and lead on to its requests; or the form again."""
        csrf, fields = self._form.read(request)
        client_id = (fields.get("client_id") or "").strip()
        proof = Proof.of(client_id, (fields.get("credential") or "").strip())
        now = self._clock()
        if self._proven.find(proof, now) is None:
            # Neither value is logged: what was typed into the wrong field may be a secret.
            log_line("refused", error="client_not_proven", status=403, method="POST", route=REQUESTS_PAGE_PATH)
            return self._ask(request, csrf, typed_id=client_id, is_refused=True)
        return see_other(self._address, self._proven.remember(proof, now))

    def leave(self, request: Request) -> Response:
        """Forget the client in this browser."""
        self._form.read(request)
        return see_other(self._address, self._proven.forget())

    def explain(self, request: Request) -> Response:
        """What each outcome means and what to do about it."""
        language = self._site.language(request)
        return self._site.page(request, "sandbox_errors.html", language, codes=ERROR_CODES, notices=TOLD_OUTCOMES)

    def _show(self, request: Request, client: Client, csrf: str, cookie: tuple[str, str]) -> Response:
        notes = self._notes.list_client_notes(client.client_id, self._clock(), _SHOWN)
        return self._site.page(
            request,
            "sandbox_requests.html",
            self._site.language(request),
            headers=(cookie,),
            csrf=csrf,
            client_name=client.client_name,
            client_id=client.client_id,
            notes=[describe_note(note) for note in notes],
            most_shown=_SHOWN,
            is_refused=False,
            typed_id="",
        )

    def _ask(
        self,
        request: Request,
        csrf: str,
        *headers: tuple[str, str],
        typed_id: str = "",
        is_refused: bool = False,
    ) -> Response:
        return self._site.page(
            request,
            "sandbox_requests.html",
            self._site.language(request),
            status=403 if is_refused else 200,
            headers=headers,
            csrf=csrf,
            client_name=None,
            client_id=None,
            notes=[],
            most_shown=_SHOWN,
            is_refused=is_refused,
            typed_id=typed_id[:_LONGEST_ID],
        )
