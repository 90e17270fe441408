"""Pages: templates compiled once, filled with escaped values in the person's language.

What a template needs stands in the comment at its top, and a test compares that comment with the template.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from idp.web.catalogue import Catalogue, load_catalogues
from idp.web.languages import LANGUAGES, Language
from idp.web.page_text import PageText, page_text

# Bidirectional controls, zero-width and other format characters, controls, line separators: they can make a name
# read as another. Registration refuses them; here they are taken out of whatever comes all the same.
_REORDERING: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
# Cards are Japanese and so are the counters that people go to; a server does not know the reader's own clock.
_JAPAN_TIME: Final = timezone(timedelta(hours=9), "JST")


@dataclass(frozen=True, slots=True)
class SiteContext:
    """What every page says about who runs it, and where its two files are.

    ``operator_contact`` is a mailto:, tel: or https: address, or plain words. Paths start with a slash and stand below
    ``issuer``; they come from ``static_file``. ``has_requests_page`` says that clients may register themselves in this
    sandbox and see their requests, ``has_register_page`` that anybody may register one by hand.
    """

    operator_name: str
    operator_contact: str
    privacy_notice_url: str
    purpose_of_use: str
    is_sandbox: bool
    issuer: str
    stylesheet_path: str
    icon_path: str
    has_requests_page: bool = False
    has_register_page: bool = False

    @property
    def base_path(self) -> str:
        """The issuer's own path, empty or with a leading slash, before every address on a page."""
        return urlsplit(self.issuer).path.rstrip("/")


class Renderer:
    """Makes the bytes of every page; compiles all templates at construction, so that a broken one stops the start."""

    def __init__(self, templates_directory: Path, context: SiteContext) -> None:
        self._catalogues = load_catalogues()
        self._pages = {
            (name, language): page
            for language in LANGUAGES
            for name, page in _compile(templates_directory, self._catalogues[language], context).items()
        }

    def render(self, template: str, language: Language, *, language_path: str | None = "", **values: Any) -> bytes:
        """One page as UTF-8.

        Takes:   ``sign_in.html`` …; language_path, where the language switch leads: empty for the page's own address,
                 None for no switch (the answer to a POST, an address whose query must not be repeated).
        Raises:  KeyError: no such template; jinja2.UndefinedError: a value of the template's list is missing.
        """
        shown = {name: _cleaned(value) for name, value in values.items()}
        return self._pages[template, language].render(shown, language_path=language_path).encode()

    def page_text(self, reason: str, language: Language) -> PageText:
        """What a person is told for a reason; see ``idp.web.page_text``."""
        return page_text(reason, self._catalogues[language])


def _compile(directory: Path, catalogue: Catalogue, context: SiteContext) -> dict[str, Template]:
    # One environment a language: Jinja folds a filter over a constant, so a sentence without values is part of the
    # compiled template and costs nothing at a request.
    environment = Environment(
        loader=FileSystemLoader(directory),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        cache_size=-1,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["t"] = catalogue.text
    environment.filters["page_text"] = partial(page_text, catalogue=catalogue)
    environment.filters["moment"] = partial(_moment, catalogue)
    environment.filters["day"] = partial(_day, catalogue)
    environment.filters["second"] = _second
    environment.globals.update(
        site=context,
        base=context.base_path,
        language=catalogue.language,
        other_language=next(language for language in LANGUAGES if language != catalogue.language),
    )
    return {name: environment.get_template(name) for name in environment.list_templates(extensions=["html"])}


def _moment(catalogue: Catalogue, at: datetime) -> Markup:
    local = at.astimezone(_JAPAN_TIME)
    shown = catalogue.text("format.moment", hour=local.hour, minute=f"{local.minute:02}")
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(timespec="seconds"), shown)


def _day(catalogue: Catalogue, at: datetime) -> Markup:
    local = at.astimezone(_JAPAN_TIME)
    shown = catalogue.text("format.day", year=local.year, month=local.month, day=local.day)
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(timespec="seconds"), shown)


def _second(at: datetime) -> Markup:
    # For developers, who compare it with their own log: alike in every language, Japan time like all others.
    local = at.astimezone(_JAPAN_TIME)
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(timespec="seconds"), f"{local:%H:%M:%S}")


def _cleaned(value: Any) -> Any:
    # Names from outside also come in lists, as on a person's own page.
    if isinstance(value, str):
        return _without_reordering(value)
    if isinstance(value, dict):
        return {key: _cleaned(each) for key, each in value.items()}
    if type(value) in (list, tuple):
        return [_cleaned(each) for each in value]
    return value


def _without_reordering(text: str) -> str:
    return text if text.isascii() and text.isprintable() else _REORDERING.sub("", text)
