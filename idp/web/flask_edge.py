"""Flask around the routes, and a short way past it for those that a sign-in takes.

A path without a variable, or with one as its last segment, is found by a dictionary look-up; whatever is not found
there Flask routes, or refuses. Both call the same answers with the same environ, so there is one reading of a request
and not two.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import flask
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from idp.web.environ import Environ, StartResponse, write_response
from idp.web.http import Response
from idp.web.route import Route

EnvironAnswer = Callable[[Environ, dict[str, str]], Response]
UnroutedAnswer = Callable[[Environ, int, Sequence[str]], Response]
_SEGMENT: Final = re.compile(r"\{(\w+)\}")


class Edge:
    """The WSGI application of all routes.

    Takes: answers by route; what to answer where no route fits: 404, or 405 with the methods that are allowed.
    """

    def __init__(
        self,
        answers: Sequence[tuple[Route, EnvironAnswer]],
        answer_unrouted: UnroutedAnswer,
    ) -> None:
        self._plain = {(route.method, route.path): answer for route, answer in answers if "{" not in route.path}
        self._with_segment = dict(_find_last_segments(answers))
        self._flask = _make_flask(answers, answer_unrouted)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        answer = self._plain.get((method, path))
        if answer is not None:
            return write_response(answer(environ, {}), start_response)
        before, _, segment = path.rpartition("/")
        found = self._with_segment.get((method, before))
        # Anything but ASCII is left to Flask, which knows how PEP 3333 writes it.
        if found is not None and segment and segment.isascii():
            name, answer = found
            return write_response(answer(environ, {name: segment}), start_response)
        return self._flask.wsgi_app(environ, start_response)


def _find_last_segments(
    answers: Sequence[tuple[Route, EnvironAnswer]],
) -> Iterator[tuple[tuple[str, str], tuple[str, EnvironAnswer]]]:
    """By method and the path before it: the name of a route's only variable, its last segment, and the answer.

    A path that a plain route has never comes here, for those are looked up first.
    """
    for route, answer in answers:
        before, _, last = route.path.rpartition("/")
        variable = _SEGMENT.fullmatch(last)
        if variable is not None and "{" not in before:
            yield (route.method, before), (variable[1], answer)


def _make_flask(answers: Sequence[tuple[Route, EnvironAnswer]], answer_unrouted: UnroutedAnswer) -> flask.Flask:
    # No secret key and no static folder: Flask opens no session and serves no file.
    application = flask.Flask("idp", static_folder=None)
    # Doubled or missing slashes name nothing else: Werkzeug would redirect, by 308 and to the Host that the request
    # claims.
    application.url_map.merge_slashes = False
    application.url_map.strict_slashes = False
    for route, answer in answers:
        rule = _SEGMENT.sub(r"<\1>", route.path)
        view = _view(answer)
        application.add_url_rule(
            rule, f"{route.method} {route.path}", view, methods=[route.method], provide_automatic_options=False
        )

    @application.errorhandler(HTTPException)
    def unrouted(error: HTTPException) -> flask.Response:
        allowed = sorted(error.valid_methods or ()) if isinstance(error, MethodNotAllowed) else []
        return _to_flask(answer_unrouted(flask.request.environ, error.code or 404, allowed))

    return application


def _view(answer: EnvironAnswer) -> Callable[..., flask.Response]:
    def view(**path_values: Any) -> flask.Response:
        return _to_flask(answer(flask.request.environ, path_values))

    return view


def _to_flask(response: Response) -> flask.Response:
    return flask.Response(response.body, response.status, list(response.headers))
