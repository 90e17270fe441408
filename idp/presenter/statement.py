"""The declaration that a person signs with the digital signature certificate, in plain Japanese or English.

It is written whole, from data, and never shortened: what does not fit is not asked for. Every value stands on a line of
its own behind a label, and no value may hold a line feed, so that none can pass for another line (protocol §3.2).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final, Literal

from idp.presenter.display import STATEMENT_CHARACTERS, UndisplayableText, check_client_name, check_display_text
from idp.presenter.redirect_host import parse_redirect_host

Language = Literal["ja", "en"]

ITEM_CHARACTERS: Final = 100
PURPOSE_CHARACTERS: Final = 200
REQUEST_CHARACTERS: Final = 200
MOST_ITEMS: Final = 12
_JAPAN_STANDARD_TIME: Final = timezone(timedelta(hours=9), "JST")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_JAPANESE: Final = """\
情報の提供についての同意

私は、次の相手に、次の情報だけを渡すことに同意し、署名用電子証明書で署名します。
相手: {host}
サービス名: {name}
渡す情報:
{items}
利用目的: {purpose}
{requests}取り次ぐところ: {issuer}
日付: {date}(日本時間)"""
_ENGLISH: Final = """\
Consent to the release of information

I agree that the following service is given the following information and nothing else, and I sign this with my \
digital signature certificate.
Service at: {host}
Service name: {name}
Information:
{items}
Purpose: {purpose}
{requests}Released by: {issuer}
Date: {date} (Japan time)"""
_TEXTS: Final = {"ja": _JAPANESE, "en": _ENGLISH}
_BULLETS: Final = {"ja": "・", "en": "- "}
_REQUESTS: Final = {
    "ja": "あわせて、次の依頼に同意します:\n",
    "en": "I also agree to what this service asks for:\n",
}
_UNREVIEWED: Final = {"ja": "(名前は未確認)", "en": " (name not checked)"}
_APP: Final = {"ja": "アプリ ", "en": "the app "}


@dataclass(frozen=True, slots=True)
class DeclaredRequest:
    """One thing that the relying party asks the person to agree to: its kind in the operator's words, and what it says
    in its own, each text under the name of its member."""

    words: str
    members: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a person declares: to whom, what, what for.

    ``items`` are the things that leave, worded in the statement's language, a derived answer with its exact predicate;
    ``purpose_of_use`` is the relying party's, as registered. ``issuer`` is this provider. ``requests`` are what was
    agreed to in detail beside the items (RFC 9396).
    """

    redirect_uri: str
    client_name: str
    is_reviewed: bool
    items: tuple[str, ...]
    purpose_of_use: str
    issuer: str
    requests: tuple[DeclaredRequest, ...] = ()


def write_statement(declaration: Declaration, language: Language, now: datetime) -> str:
    """Establish the text that is shown whole before the password and signed.

    Returns: at most 2,000 characters that every presenter shows alike.
    Raises:  UndisplayableText: no items or too many, a value that is empty, too long or not showable, or a whole beyond
             2,000 characters; UnjudgeableRedirect (a ValueError too): the address shows no host.
    Source:  card presenter protocol §3.2.
    """
    check_client_name(declaration.client_name)
    if not 0 < len(declaration.items) <= MOST_ITEMS:
        raise UndisplayableText("no items or too many")
    for item in declaration.items:
        _check_line(item, ITEM_CHARACTERS)
    _check_line(declaration.purpose_of_use, PURPOSE_CHARACTERS)
    statement = _TEXTS[language].format(
        host=_leads_to(declaration.redirect_uri, language),
        name=declaration.client_name + ("" if declaration.is_reviewed else _UNREVIEWED[language]),
        items="\n".join(_BULLETS[language] + item for item in declaration.items),
        purpose=declaration.purpose_of_use,
        requests=_write_requests(declaration.requests, language),
        issuer=declaration.issuer,
        date=_format_date(now, language),
    )
    check_display_text(statement, limit_characters=STATEMENT_CHARACTERS, allow_line_feed=True)
    return statement


def _write_requests(requests: tuple[DeclaredRequest, ...], language: Language) -> str:
    lines = []
    for request in requests:
        _check_line(request.words, REQUEST_CHARACTERS)
        lines.append(_BULLETS[language] + request.words)
        for name, texts in request.members:
            _check_line(name, REQUEST_CHARACTERS)
            for text in texts:
                _check_line(text, REQUEST_CHARACTERS)
                lines.append(f"  {name}: {text}")
    return _REQUESTS[language] + "".join(f"{line}\n" for line in lines) if lines else ""


def _check_line(text: str, limit_characters: int) -> None:
    if not text:
        raise UndisplayableText("empty")
    check_display_text(text, limit_characters=limit_characters)


def _leads_to(redirect_uri: str, language: Language) -> str:
    host = parse_redirect_host(redirect_uri)
    # A scheme can be spelled like a host, so an app's address is never shown as one.
    return _APP[language] + host if host.endswith(":") else host


def _format_date(now: datetime, language: Language) -> str:
    day = now.astimezone(_JAPAN_STANDARD_TIME).date()
    if language == "ja":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
