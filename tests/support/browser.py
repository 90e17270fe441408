"""A browser without a window: cookies, redirects within the provider, forms; it remembers every answer it got."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from werkzeug.test import Client, TestResponse

from idp.web.security_headers import WsgiApplication

REDIRECT_LIMIT = 8


class Form:
    """One form of a page, with its hidden and chosen fields."""

    def __init__(self, method: str, action: str) -> None:
        self.method = method
        self.action = action
        self.fields: dict[str, str] = {}


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.forms.append(Form(values.get("method", "get"), values["action"]))
        if tag == "input" and self.forms and (values["type"] == "hidden" or "checked" in values):
            self.forms[-1].fields[values["name"]] = values["value"]


class Browser:
    """One person's browser at one provider."""

    def __init__(self, app: WsgiApplication, issuer: str, headers: Mapping[str, str] | None = None) -> None:
        self.issuer = issuer
        self.cookies: dict[str, str] = {}
        self.headers = dict(headers or {})
        self.seen: list[tuple[str, str, TestResponse]] = []
        self._client = Client(app, use_cookies=False)

    @property
    def last(self) -> TestResponse:
        """The last answer."""
        return self.seen[-1][2]

    @property
    def path(self) -> str:
        """The path of the last request."""
        return self.seen[-1][1]

    @property
    def html(self) -> str:
        """The last page."""
        return self.last.get_data(as_text=True)

    @property
    def title(self) -> str:
        """The last page's heading."""
        return "".join(re.findall("<h1>(.*?)</h1>", self.html))

    def request(self, method: str, path: str, **options: Any) -> TestResponse:
        """One request, no redirect followed."""
        headers = self.headers | options.pop("headers", {})
        if self.cookies and "Cookie" not in headers:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        path = path.removeprefix(self.issuer)
        response = self._client.open(path, method=method, base_url=self.issuer, headers=headers, **options)
        self.seen.append((method, path, response))
        for line in response.headers.getlist("Set-Cookie"):
            self._keep_cookie(line)
        return response

    def get(self, path: str, **options: Any) -> TestResponse:
        """GET, and follow redirects as long as they stay here."""
        return self._follow(self.request("GET", path, **options))

    def post(self, path: str, fields: Mapping[str, str], **options: Any) -> TestResponse:
        """POST a form, and follow redirects as long as they stay here."""
        return self._follow(self.request("POST", path, data=dict(fields), **options))

    def authorize(self, parameters: Mapping[str, str]) -> TestResponse:
        """Arrive from a client."""
        return self.get("/authorize?" + urlencode(parameters))

    def forms(self) -> list[Form]:
        """The forms of the last page."""
        reader = _FormReader()
        reader.feed(self.html)
        return reader.forms

    def form(self, action_end: str) -> Form:
        """The form of the last page whose action ends like this."""
        return next(form for form in self.forms() if form.action.endswith(action_end))

    def submit(self, action_end: str, **fields: str) -> TestResponse:
        """Press the button of a form."""
        form = self.form(action_end)
        return self.post(form.action, form.fields | fields)

    @property
    def handle(self) -> str:
        """The presenter's handle on the sign-in page."""
        found = re.search(r"mynumber-card:[\w-]{22}\.([\w-]{43})", self.html)
        assert found is not None, self.html
        return found[1]

    @property
    def tx(self) -> str:
        """The transaction of the page that this browser is on."""
        return self.path.split("?")[0].split("/")[2]

    def use_sandbox_card(self, person: str = "hanako", outcome: str = "ok") -> TestResponse:
        """From the sign-in page: present a test card on the sandbox page."""
        self.get(f"/sandbox/{self.tx}")
        return self.submit(f"/sandbox/{self.tx}", person=person, outcome=outcome)

    def agree(self) -> TestResponse:
        """Say yes on whatever pages stand between the card and the client."""
        for _ in range(4):
            if self.last.status_code != 200:
                break
            actions = " ".join(form.action for form in self.forms())
            if "new-browser" in actions:
                self.submit("/new-browser")
            elif "/continue" in actions:
                self.submit("/continue")
            elif "/consent" in actions:
                self.submit("/consent", decision="allow")
        return self.last

    def copy(self) -> "Browser":
        """Another browser with the same cookies, as after a theft or on another thread."""
        twin = Browser.__new__(Browser)
        twin.issuer, twin.headers, twin._client = self.issuer, dict(self.headers), self._client
        twin.cookies, twin.seen = dict(self.cookies), []
        return twin

    def _follow(self, response: TestResponse) -> TestResponse:
        for _ in range(REDIRECT_LIMIT):
            location = response.headers.get("Location")
            if location is None:
                return response
            target = urljoin(self.issuer + "/", location)
            if urlsplit(target)[:2] != urlsplit(self.issuer)[:2]:
                return response
            response = self.request("GET", target)
        raise AssertionError("redirected in a circle")

    def _keep_cookie(self, line: str) -> None:
        pair, *attributes = (piece.strip() for piece in line.split(";"))
        name, _, value = pair.partition("=")
        if "Max-Age=0" in attributes:
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value
