"""The routes of the person's own page."""

from idp.web.application import WebParts
from idp.web.http import Handler
from idp.web.pages.account_card_pages import AccountCardPages
from idp.web.pages.account_forms import AccountForms
from idp.web.pages.account_pages import AccountPages
from idp.web.route import Route
from idp.web.site import Site


def make_account_routes(parts: WebParts, site: Site, base: str) -> list[Route]:
    """The person's own page and what can be changed there."""
    forms = AccountForms(parts.signin, site, parts.clock, base)
    account = AccountPages(parts.signin, site, forms, parts.clock, base)
    cards = AccountCardPages(parts.signin, site, forms, parts.clock, base)
    table: list[tuple[str, Handler, Handler]] = [
        ("services/{client_id}", account.ask_withdraw, account.withdraw),
        ("cards/{credential_id}", account.ask_lost, account.report_lost),
        ("sign-out", account.ask_sign_out, account.sign_out),
        ("delete", account.ask_delete, account.delete),
        ("attachments/{credential_id}", cards.ask_undo, cards.undo),
    ]
    # Both begin a transaction with its cookie.
    ceremonies: list[tuple[str, Handler, Handler]] = [
        ("attach", cards.ask_attach, cards.attach),
        ("request", cards.ask_request, cards.request),
    ]
    return [
        Route("GET", "/account", account.show, "person", "page"),
        # It makes a transaction with its cookie, as /authorize does.
        Route("GET", "/account/sign-in", account.sign_in, "person", "authorize", has_effects=True),
        *(Route("GET", f"/account/{path}", ask, "person", "page") for path, ask, _ in table),
        *(Route("POST", f"/account/{path}", change, "person", "page") for path, _, change in table),
        *(Route("GET", f"/account/{path}", ask, "person", "page") for path, ask, _ in ceremonies),
        *(Route("POST", f"/account/{path}", begin, "person", "authorize") for path, _, begin in ceremonies),
    ]
