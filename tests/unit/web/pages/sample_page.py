"""Every page with values that a hostile client could have registered, in each of its states."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from idp.client_journal import ClientNote
from idp.resources import find_resource_directory
from idp.sandbox.cast import CAST
from idp.sandbox.outcome import OUTCOMES
from idp.web.authorization_answers import HiddenField
from idp.web.rendering import Renderer, SiteContext
from idp.web.sandbox.request_outcome import ERROR_CODES, TOLD_OUTCOMES, describe_note

TEMPLATES: Final = find_resource_directory("templates")
HOSTILE_NAME: Final = '</bdi><script>alert("1")</script>\u202egnp.exe\u2066 onclick=x style=y'
AT: Final = datetime(2026, 11, 22, 15, 5, tzinfo=UTC)

SITE: Final = SiteContext(
    operator_name="見本市 <デジタル推進課>",
    operator_contact="mailto:id@city.example?subject=x",
    privacy_notice_url="https://city.example/privacy",
    purpose_of_use="手続きでの本人の確認 & 記録",
    is_sandbox=True,
    issuer="https://login.example.jp/base",
    stylesheet_path="/static/idp-0.css",
    icon_path="/static/icon-0.svg",
    has_requests_page=True,
    has_register_page=True,
)

_TRANSACTION: Final = {"tx": "t" * 43, "csrf": "c" * 43}
_CLIENT: Final = {"client_name": HOSTILE_NAME, "client_host": "xn--q9jyb4c.example.jp", "is_reviewed": False}
_SIGN_IN: Final = {
    **_TRANSACTION,
    **_CLIENT,
    "link_scheme": "mynumber-card:" + "g" * 22 + "." + "h" * 43,
    "link_https": "https://login.example.jp/base/card#" + "h" * 43,
    "expires_at": AT,
    "sandbox_href": "/base/sandbox/" + "t" * 43,
    "asks": "card",
}
_WAITING: Final = {
    **_TRANSACTION,
    **_CLIENT,
    "reason": None,
    "is_signing": False,
    "reference": None,
    "refresh_seconds": 3,
    "expires_at": AT,
}
_CONSENT: Final = {
    **_TRANSACTION,
    **_CLIENT,
    "client_uri": "https://example.jp/",
    "policy_uri": "https://example.jp/privacy",
    "tos_uri": "https://example.jp/terms",
    "items": ("pairwise_identifier", "sign_in_fact", "offline_access"),
    "choices": [],
    "details": [],
    "offers_serial": False,
    "recorded_until": None,
    "remembered_until": AT,
}
_DETAILS: Final = [
    {"words": "図書館カードの発行", "members": [("branch", ["<script>x</script>\u202e", "central"])]},
    {"words": "No members", "members": []},
]
_CHOICES: Final = [
    {"key": "name", "words": "氏名", "is_essential": True},
    {"key": "age_20_or_over", "words": "20歳以上かどうか", "is_essential": False},
]
_ERROR: Final = {
    "reason": "server_error",
    "reference": "7F3K-92QD",
    "back_href": None,
    "tx": None,
    "csrf": None,
    "is_signing_out": False,
}

_REGISTER: Final = {
    "csrf": "c" * 43,
    "refusal": None,
    "typed_name": HOSTILE_NAME,
    "typed_uri": "",
    "configuration": None,
}
_REQUESTS: Final = {
    "csrf": "c" * 43,
    "client_name": None,
    "client_id": None,
    "notes": [],
    "most_shown": 50,
    "is_refused": False,
    "typed_id": "",
}
_NOTES: Final = [
    describe_note(ClientNote("library", AT, where, outcome, "<script>x</script>\u202e", "7F3K-92QD"))
    for where, outcome in (
        ("GET /authorize", "answered"),
        ("POST /token", "invalid_grant"),
        ("POST /token", "constant_nonce"),
        ("claims: userinfo.verified_claims[0].claims.name", "left_out"),
        ("POST /authorize", HOSTILE_NAME),
    )
]
_LEAVING: Final = {
    "host": "xn--q9jyb4c.example.jp",
    "href": "https://xn--q9jyb4c.example.jp/cb?error=login_required",
    "error": "login_required",
    "reference": "7F3K-92QD",
}
_SERVICE: Final = {
    "client_id": "library",
    "name": HOSTILE_NAME,
    "host": "xn--q9jyb4c.example.jp",
    "is_reviewed": False,
    "since": AT,
    "last_at": AT,
    "has_access": True,
    "agreed_until": AT,
    "receipts": [{"at": AT, "claims": [("name", True), ("::age_20_or_over", False)]}],
}
_GONE_SERVICE: Final = {
    **_SERVICE,
    "name": None,
    "host": None,
    "has_access": False,
    "agreed_until": None,
    "receipts": [],
}
_CARD: Final = {
    "credential_id": "k" * 43,
    "kind": "card",
    "purpose": "user_authentication",
    "state": "active",
    "first_seen_at": AT,
    "last_seen_at": AT,
    "is_this_one": True,
}
_BLOCKED_PHONE: Final = {**_CARD, "kind": "phone", "state": "suspended", "is_this_one": False}
_ACCOUNT: Final = {
    "opened_at": AT,
    "cards": [_CARD, _BLOCKED_PHONE],
    "services": [_SERVICE, _GONE_SERVICE],
    "announced": [],
    "requests": [],
    "has_ceremony": True,
    "may_change": True,
}
_ACCOUNTS: Final = [
    {"choice": "a" * 43, "at": AT, "is_this_one": False},
    {"choice": "b" * 43, "at": AT, "is_this_one": True},
]
_ANNOUNCED: Final = {
    "credential_id": "k" * 43,
    "kind": "phone",
    "at": AT,
    "until": AT,
    "is_by_operators": False,
    "may_undo": True,
}
_JOINED: Final = {
    "announced": [_ANNOUNCED, {**_ANNOUNCED, "kind": "card", "is_by_operators": True, "may_undo": False}],
    "requests": [{"kind": "card", "at": AT, "until": AT, "reference": "7F3K-92QD"}],
}
_FRAMES: Final = ["https://a.example/bye?iss=x&sid=y", 'https://b.example/"><script>x</script>']
_CONFIRM: Final = {
    "change": "withdraw",
    "address": "services/library",
    "csrf": "c" * 43,
    "service": None,
    "card": None,
    "is_last": False,
    "has_followers": False,
    "has_blocked": False,
    "evidence": [],
    "accounts": [],
}

PAGES: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "sign_in": ("sign_in.html", _SIGN_IN),
    "sign_in reviewed, no sandbox": ("sign_in.html", {**_SIGN_IN, "is_reviewed": True, "sandbox_href": None}),
    "waiting": ("waiting.html", _WAITING),
    "waiting by hand": ("waiting.html", {**_WAITING, "refresh_seconds": None}),
    "waiting refused": ("waiting.html", {**_WAITING, "reason": "expired", "reference": "7F3K-92QD"}),
    "signing refused": ("waiting.html", {**_WAITING, "reason": "locked", "is_signing": True, "reference": "7F3K-92QD"}),
    "consent": ("consent.html", _CONSENT),
    "consent once": ("consent.html", {**_CONSENT, "remembered_until": None, "client_uri": ""}),
    "consent with choices": ("consent.html", {**_CONSENT, "choices": _CHOICES, "remembered_until": None}),
    "consent that is recorded": (
        "consent.html",
        {**_CONSENT, "choices": _CHOICES, "offers_serial": True, "recorded_until": AT, "remembered_until": None},
    ),
    "sign": ("sign_in.html", {**_SIGN_IN, "asks": "signature"}),
    "old card": ("sign_in.html", {**_SIGN_IN, "asks": "voucher"}),
    "new card": ("sign_in.html", {**_SIGN_IN, "asks": "newcomer"}),
    "card asked for": ("sign_in.html", {**_SIGN_IN, "asks": "request"}),
    "attached": ("attached.html", {**_TRANSACTION, **_CLIENT}),
    "new_browser": ("new_browser.html", {**_TRANSACTION, **_CLIENT}),
    "other_browser": ("other_browser.html", {"is_possible_relay": False, "reference": None}),
    "possible relay": ("other_browser.html", {"is_possible_relay": True, "reference": "7F3K-92QD"}),
    "consent in detail": ("consent.html", {**_CONSENT, "details": _DETAILS, "remembered_until": None}),
    "error": ("error.html", _ERROR),
    "error with a way back": ("error.html", {**_ERROR, "back_href": "https://example.jp/"}),
    "error of a sign-out": ("error.html", {**_ERROR, "reason": "invalid_logout_request", "is_signing_out": True}),
    "error that can go on": ("error.html", {**_ERROR, **_TRANSACTION}),
    "leaving": ("leaving.html", _LEAVING),
    "signed_out": ("signed_out.html", {"back_href": "https://example.jp/", "goes_to": None, "frames": []}),
    "signed_out of several": (
        "signed_out.html",
        {"back_href": "https://example.jp/bye", "goes_to": "https://example.jp/bye", "frames": _FRAMES},
    ),
    "sign_out": ("sign_out.html", {"csrf": "c" * 43}),
    "end_session": ("end_session.html", {**_CLIENT, "csrf": "c" * 43, "sealed_request": "r" * 99}),
    "end_session unnamed": (
        "end_session.html",
        {"csrf": "c" * 43, "sealed_request": "r" * 99, "client_name": None, "client_host": None, "is_reviewed": False},
    ),
    "card_link": ("card_link.html", {}),
    "home": ("home.html", {}),
    "account": ("account.html", _ACCOUNT),
    "account to read": ("account.html", {**_ACCOUNT, "may_change": False}),
    "account without services": ("account.html", {**_ACCOUNT, "services": []}),
    "account with what joined": ("account.html", {**_ACCOUNT, **_JOINED}),
    "account with an operator": ("account.html", {**_ACCOUNT, "has_ceremony": False}),
    "account attach": ("account_confirm.html", {**_CONFIRM, "change": "attach", "address": "attach"}),
    "account attach unneeded": ("account_confirm.html", {**_CONFIRM, "change": "attach_unneeded", "address": "attach"}),
    "account request": (
        "account_confirm.html",
        {**_CONFIRM, "change": "request", "address": "request", "accounts": _ACCOUNTS[:1]},
    ),
    "account request for one of two": (
        "account_confirm.html",
        {**_CONFIRM, "change": "request", "address": "request", "accounts": _ACCOUNTS},
    ),
    "account undo": (
        "account_confirm.html",
        {**_CONFIRM, "change": "undo", "address": "attachments/" + "k" * 43, "card": _BLOCKED_PHONE},
    ),
    "account undo not": (
        "account_confirm.html",
        {**_CONFIRM, "change": "undo_older", "address": "attachments/" + "k" * 43, "card": _BLOCKED_PHONE},
    ),
    "account undone": ("account_done.html", {"change": "undo", "is_signed_in": True, "frames": []}),
    "account withdraw": ("account_confirm.html", {**_CONFIRM, "service": _SERVICE}),
    "account lost": (
        "account_confirm.html",
        {**_CONFIRM, "change": "lost", "card": _CARD, "is_last": True, "has_followers": True},
    ),
    "account sign out": ("account_confirm.html", {**_CONFIRM, "change": "sign_out", "address": "sign-out"}),
    "account delete": (
        "account_confirm.html",
        {
            **_CONFIRM,
            "change": "delete",
            "address": "delete",
            "has_blocked": True,
            "evidence": [{"name": HOSTILE_NAME, "is_held": True, "until": AT}],
        },
    ),
    "account withdrawn": ("account_done.html", {"change": "withdraw", "is_signed_in": True, "frames": []}),
    "account deleted": ("account_done.html", {"change": "delete", "is_signed_in": False, "frames": []}),
    "account signed out": ("account_done.html", {"change": "sign_out", "is_signed_in": False, "frames": _FRAMES}),
    "form_post": (
        "form_post.html",
        {
            "action": "https://rp.example/cb",
            "fields": [HiddenField("code", "c" * 43), HiddenField("state", HOSTILE_NAME)],
        },
    ),
    "register": ("sandbox_register.html", _REGISTER),
    "register refused": ("sandbox_register.html", {**_REGISTER, "refusal": "redirect_uris is required"}),
    "registered": ("sandbox_register.html", {**_REGISTER, "configuration": "{}"}),
    "requests": ("sandbox_requests.html", _REQUESTS),
    "requests refused": ("sandbox_requests.html", {**_REQUESTS, "is_refused": True, "typed_id": HOSTILE_NAME}),
    "requests of a client": (
        "sandbox_requests.html",
        {**_REQUESTS, "client_name": HOSTILE_NAME, "client_id": "library", "notes": _NOTES},
    ),
    "requests none yet": ("sandbox_requests.html", {**_REQUESTS, "client_name": HOSTILE_NAME, "client_id": "library"}),
    "errors": ("sandbox_errors.html", {"codes": ERROR_CODES, "notices": TOLD_OUTCOMES}),
    "sandbox_card": ("sandbox_card.html", {**_TRANSACTION, "people": CAST, "outcomes": OUTCOMES}),
}


def make_renderer(site: SiteContext = SITE, templates: Path = TEMPLATES) -> Renderer:
    """The renderer of the program's own templates."""
    return Renderer(templates, site)
