"""Every path has one answer, and the edge never redirects by itself."""

from werkzeug.test import Client

from idp.web.flask_edge import Edge
from idp.web.http import Request, Response
from idp.web.route import Route


def handler(request: Request) -> Response:
    return Response(204)


def edge() -> Client:
    routes = [
        Route("GET", "/", handler, "person", None),
        Route("GET", "/login/{tx}", handler, "person", None),
        Route("POST", "/login/{tx}/consent", handler, "person", None),
        Route("POST", "/token", handler, "client", None),
        Route("GET", "/card/return/{result}", handler, "person", None),
    ]

    def answer_of(route: Route) -> object:
        named = f"{route.method} {route.path}"
        return lambda environ, values: Response(200, (), f"{named} {sorted(values.items())}".encode())

    answers = [(route, answer_of(route)) for route in routes]
    return Client(
        Edge(answers, lambda environ, status, allowed: Response(status, (("Allow", ", ".join(allowed)),), b"unrouted"))  # type: ignore[arg-type]
    )


def ask(path: str, method: str = "GET", host: str = "idp.example") -> tuple[int, str, str | None]:
    answer = edge().open("/", method=method, environ_overrides={"PATH_INFO": path, "HTTP_HOST": host})
    return answer.status_code, answer.get_data(as_text=True), answer.headers.get("Location")


def test_a_route_gets_its_path_values() -> None:
    assert ask("/login/abc") == (200, "GET /login/{tx} [('tx', 'abc')]", None)
    assert ask("/login/abc/consent", "POST")[1] == "POST /login/{tx}/consent [('tx', 'abc')]"
    assert ask("/card/return/a.b")[1] == "GET /card/return/{result} [('result', 'a.b')]"
    assert ask("/token", "POST")[1] == "POST /token []"


def test_no_path_is_redirected_whatever_the_host_claims() -> None:
    for path in (
        "",
        "//",
        "//login/x",
        "/login//x",
        "/login/x/",
        "/login/x//consent",
        "/token/",
        "/login/",
        "/%2f",
        "/./x",
    ):
        for method in ("GET", "POST"):
            status, _, location = ask(path, method, host="evil.example")
            assert status in (200, 404, 405), path
            assert location is None


def test_unknown_paths_and_methods_are_answered_apart() -> None:
    assert ask("/nothing")[0] == 404
    assert ask("/token", "GET")[0] == 405
    assert ask("/login/x", "DELETE")[0] == 405


def test_a_wrong_method_is_answered_with_the_right_ones() -> None:
    """RFC 9110 §15.5.6."""
    allowed = {path: edge().delete(path).headers["Allow"] for path in ("/token", "/login/x", "/login/x/consent")}
    assert allowed == {"/token": "POST", "/login/x": "GET, HEAD", "/login/x/consent": "POST"}


def test_a_head_request_is_a_get_without_body() -> None:
    status, body, _ = ask("/login/abc", "HEAD")
    assert (status, body) == (200, "")
