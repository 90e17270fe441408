"""Flask around the routes of people, and a short way past it for those of machines.

Token, userinfo, metadata and the presenter's API are found by one dictionary look-up; everything else Flask routes.
Both call the same answers with the same environ, so there is one reading of a request and not two.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import flask
from werkzeug.exceptions import HTTPException

from idp.web.environ import Environ, StartResponse, write_response
from idp.web.http import Response
from idp.web.route import Route

EnvironAnswer = Callable[[Environ, dict[str, str]], Response]
_SEGMENT: Final = re.compile(r"\{(\w+)\}")


class Edge:
    """The WSGI application of all routes.

    Takes: answers by route; what to answer where no route fits (404, 405).
    """

    def __init__(
        self,
        answers: Sequence[tuple[Route, EnvironAnswer]],
        answer_unrouted: Callable[[Environ, int], Response],
    ) -> None:
        self._machines = {
            (route.method, route.path): answer
            for route, answer in answers
            if route.audience in ("client", "presenter") and "{" not in route.path
        }
        self._flask = _make_flask(answers, answer_unrouted)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        answer = self._machines.get((environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")))
        if answer is None:
            return self._flask.wsgi_app(environ, start_response)
        return write_response(answer(environ, {}), start_response)


def _make_flask(
    answers: Sequence[tuple[Route, EnvironAnswer]], answer_unrouted: Callable[[Environ, int], Response]
) -> flask.Flask:
    # No secret key and no static folder: Flask opens no session and serves no file.
    application = flask.Flask("idp", static_folder=None)
    # Doubled slashes name nothing here. Werkzeug would redirect, by 308 and to whatever Host the request claims.
    application.url_map.merge_slashes = False
    for route, answer in answers:
        rule = _SEGMENT.sub(r"<\1>", route.path)
        view = _view(answer)
        application.add_url_rule(
            rule, f"{route.method} {route.path}", view, methods=[route.method], provide_automatic_options=False
        )

    @application.errorhandler(HTTPException)
    def unrouted(error: HTTPException) -> flask.Response:
        return _to_flask(answer_unrouted(flask.request.environ, error.code or 404))

    return application


def _view(answer: EnvironAnswer) -> Callable[..., flask.Response]:
    def view(**path_values: Any) -> flask.Response:
        return _to_flask(answer(flask.request.environ, path_values))

    return view


def _to_flask(response: Response) -> flask.Response:
    return flask.Response(response.body, response.status, list(response.headers))
