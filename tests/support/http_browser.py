"""A browser as far as a sign-in needs one: cookies, redirects one at a time, forms; the pages need no script."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx

_MOST_REDIRECTS = 10


@dataclass
class Form:
    """One form of a page: where it goes, its hidden fields, and for each other name the values offered."""

    action: str
    method: str
    hidden: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Page:
    """What a person would see and could use, or with ``left_for`` the address elsewhere to which they were sent."""

    status: int
    address: str
    html: str
    headers: httpx.Headers
    left_for: str | None = None
    headings: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)

    @property
    def card_link(self) -> str:
        """The ``mynumber-card:`` link of a sign-in page."""
        (link,) = {link for link in self.links if link.startswith("mynumber-card:")}
        return link

    @property
    def sandbox_link(self) -> str:
        """The way to the page with test cards."""
        (link,) = {link for link in self.links if link.startswith("/sandbox/")}
        return link

    @property
    def answer(self) -> dict[str, str]:
        """The parameters with which the browser was sent to the client."""
        assert self.left_for is not None, f"still at {self.address}: {self.headings}"
        return {name: values[0] for name, values in parse_qs(urlsplit(self.left_for).query).items()}

    def form(self, ending: str) -> Form:
        """The form whose address ends so."""
        (form,) = [form for form in self.forms if form.action.endswith(ending)]
        return form

    def has_form(self, ending: str) -> bool:
        """Whether there is such a form."""
        return any(form.action.endswith(ending) for form in self.forms)


def new_http_client(tls: ssl.SSLContext | None = None, headers: dict[str, str] | None = None) -> httpx.Client:
    """A client without connections that stay open, so that it survives a server's restart and needs no closing."""
    no_keepalive = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(headers=headers, verify=tls or False, timeout=30, trust_env=False, limits=no_keepalive)


class HttpBrowser:
    """A browser with its own cookies; it follows redirects inside one origin and stops where it is sent elsewhere."""

    def __init__(self, issuer: str, *, language: str = "ja", tls: ssl.SSLContext | None = None) -> None:
        self.issuer = issuer  # or the origin of a relying party, whose pages it then goes through
        self._client = new_http_client(tls, headers={"Accept-Language": language})

    @property
    def cookies(self) -> httpx.Cookies:
        """Its cookies."""
        return self._client.cookies

    def open(self, address: str, form: dict[str, str] | None = None, headers: dict[str, str] | None = None) -> Page:
        """Go to an address, by POST where a form is given, and on to wherever the answer leads."""
        address = urljoin(self.issuer + "/", address)
        method, data = ("GET", None) if form is None else ("POST", form)
        for _ in range(_MOST_REDIRECTS):
            response = self._client.request(method, address, data=data, headers=headers)
            if response.status_code not in (301, 302, 303, 307, 308):
                return _read_page(response)
            target = urljoin(address, response.headers["Location"])
            if not target.startswith(self.issuer + "/"):
                return Page(response.status_code, address, "", response.headers, left_for=target)
            method, data, address = "GET", None, target
        raise AssertionError(f"redirected without end at {address}")

    def submit(self, page: Page, ending: str, **values: str) -> Page:
        """Send one form of a page."""
        form = page.form(ending)
        return self.open(form.action, {**form.hidden, **values})


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._form: Form | None = None
        self._heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "a":
            self._page.links.append(values.get("href", ""))
        elif tag == "form":
            self._form = Form(values["action"], values.get("method", "get"))
            self._page.forms.append(self._form)
        elif tag == "h1":
            self._heading = True
            self._page.headings.append("")
        elif tag in ("input", "button") and self._form is not None and "name" in values:
            if values.get("type") == "hidden":
                self._form.hidden[values["name"]] = values["value"]
            else:
                self._form.choices.setdefault(values["name"], []).append(values.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "h1":
            self._heading = False

    def handle_data(self, data: str) -> None:
        if self._heading:
            self._page.headings[-1] += data


def _read_page(response: httpx.Response) -> Page:
    page = Page(response.status_code, str(response.url), response.text, response.headers)
    _Reader(page).feed(response.text)
    return page
