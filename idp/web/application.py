"""The web application: handlers made of the installation's parts, and around each the same answer to every failure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from idp.client_journal import ClientJournal, ClientNote, ClientNoteReader
from idp.clock import Clock
from idp.identifiers import new_reference
from idp.keys.ports import StoredSigningKey
from idp.keys.sealing import Sealer
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.ports import IdTokenSigner, OnceStore, OwnTokenVerifier
from idp.oidc.registration_ports import RegistrationStore
from idp.oidc.sector_document import SectorVoucher
from idp.ops.doctor import Patient
from idp.resources import find_resource_directory
from idp.settings.settings import Settings
from idp.signin.parts import SigninParts
from idp.signin.transient import TransientStore
from idp.web.authorization_answers import AuthorizationAnswers
from idp.web.claimed_client import find_claimed_client_id
from idp.web.cookies import CookieNames
from idp.web.environ import Environ, RequestReader
from idp.web.error_answers import ErrorAnswer, PageRefused, PersonAnswers, answer_client, answer_presenter, outcome_of
from idp.web.flask_edge import Edge, EnvironAnswer, UnroutedAnswer
from idp.web.http import Request, Response
from idp.web.limited_route import limited
from idp.web.metrics import count_request
from idp.web.page_reason import PageReason
from idp.web.rate_limit import TooManyRequests
from idp.web.rendering import Renderer, SiteContext
from idp.web.request_limits import ClientOverLimit, RequestLimits
from idp.web.route import Audience, Route
from idp.web.security_headers import SecurityHeaders, WsgiApplication
from idp.web.site import Site
from idp.web.static_file import load_icon, load_stylesheet


class PublishingSigner(IdTokenSigner, OwnTokenVerifier, Protocol):
    """The key ring, as the web needs it."""

    def public_jwks(self) -> bytes:
        """The JWK Set, as JSON."""
        ...

    def list_keys(self) -> tuple[StoredSigningKey, ...]:
        """All published keys with their dates, and those revoked of late."""
        ...


class TransientState(TransientStore, OnceStore, Protocol):
    """Everything that may be lost, in one store."""


@dataclass(frozen=True, slots=True)
class WebParts:
    """What the web application is made of; ``sandbox_cards`` is the cast's cards by slug, None in production."""

    settings: Settings
    clock: Clock
    signin: SigninParts
    transient: TransientState
    signer: PublishingSigner
    sealer: Sealer
    patient: Patient
    registrations: RegistrationStore
    sectors: SectorVoucher
    sandbox_cards: Mapping[str, Any] | None
    journal: ClientJournal
    notes: ClientNoteReader


def make_site(parts: WebParts) -> Site:
    """The pages' own parts, from the operator's settings."""
    settings = parts.settings
    context = SiteContext(
        operator_name=settings.operator.name,
        operator_contact=settings.operator.contact,
        privacy_notice_url=settings.operator.privacy_notice,
        purpose_of_use=settings.operator.purpose_of_use,
        is_sandbox=settings.is_sandbox,
        issuer=settings.issuer,
        stylesheet_path=load_stylesheet().path,
        icon_path=load_icon().path,
        has_requests_page=settings.is_sandbox and settings.registration.mode != "off",
        has_register_page=settings.is_sandbox and settings.registration.mode == "open",
    )
    return Site(
        renderer=Renderer(find_resource_directory("templates"), context),
        cookies=CookieNames(settings.issuer),
        sealer=parts.sealer,
        clock=parts.clock,
        session_seconds=settings.signin.session_absolute_seconds,
        transaction_seconds=settings.signin.transaction_seconds,
        browser_limit=settings.signin.browser_limit,
    )


def make_application(parts: WebParts, site: Site, routes: Sequence[Route]) -> WsgiApplication:
    """The WSGI application of the routes: limits, then the handler, then one answer for whatever went wrong."""
    settings = parts.settings
    person = PersonAnswers(site, settings.issuer, AuthorizationAnswers(site, parts.signer, parts.clock))
    web = settings.web
    reader = RequestReader(web.request_limit_bytes, web.trusted_proxies, web.client_certificate_header)
    limits = RequestLimits(settings.limits, parts.signin.clients, parts.transient, parts.clock)
    error_answers: dict[Audience, ErrorAnswer] = {
        "client": answer_client,
        "presenter": answer_presenter,
        "person": person,
        "machine": answer_client,
    }

    def answer_of(route: Route) -> EnvironAnswer:
        answer_error = error_answers[route.audience]
        handler = limited(route, limits)
        where = f"{route.method} {route.path}"
        counter = count_request(where)

        def note(request: Request, outcome: str, detail: str, reference: str) -> None:
            client_id = find_claimed_client_id(request, route.claimed_in) if route.is_clients else None
            if client_id is not None:
                parts.journal.note(ClientNote(client_id, parts.clock(), where, outcome, detail, reference))

        def answer(environ: Environ, path_values: dict[str, str]) -> Response:
            request = None
            try:
                if route.has_effects and environ["REQUEST_METHOD"] == "HEAD":
                    raise PageRefused(PageReason.METHOD_NOT_ALLOWED)
                request = reader.read(environ, path_values)
                response = handler(request)
                note(request, "answered", "", "")
            except Exception as error:  # the outermost edge: nothing leaves unanswered or unlogged
                reference = new_reference()
                response = answer_error(request or bare_request(environ, path_values), error, reference)
                # Who is turned away for asking too often may claim to be anybody's client, and would fill its journal.
                if isinstance(error, ClientOverLimit):
                    outcome, detail = outcome_of(error)
                    parts.journal.note(ClientNote(error.client_id, parts.clock(), where, outcome, detail, reference))
                elif request is not None and not isinstance(error, TooManyRequests):
                    note(request, *outcome_of(error), reference)
            counter(response.status)
            return response

        return answer

    refuse = _answer_unrouted(_answers_of_programs(routes, error_answers), person, reader, limits)
    edge = Edge([(route, answer_of(route)) for route in routes], refuse)
    return SecurityHeaders(edge, is_https=settings.issuer.startswith("https://"))


def _answer_unrouted(
    programs: Mapping[str, ErrorAnswer], person: PersonAnswers, reader: RequestReader, limits: RequestLimits
) -> UnroutedAnswer:
    def answer(environ: Environ, status: int, allowed: Sequence[str]) -> Response:
        request, reference = bare_request(environ, {}), new_reference()
        is_wrong_method = status == 405
        # By the path up to its variable, of which a program's path has one, as its last segment.
        found = programs.get(request.path) or programs.get(f"{request.path.rpartition('/')[0]}/")
        program = found if is_wrong_method else None
        try:
            limits.count_unrouted(reader.client_address(environ))
        except Exception as error:  # as at a route: nothing leaves unanswered or unlogged
            return (program or person)(request, error, reference)
        if not is_wrong_method:
            return person(request, PageRefused(PageReason.NOT_FOUND), reference)
        if program is None:
            refusal = person(request, PageRefused(PageReason.METHOD_NOT_ALLOWED), reference)
        else:
            refusal = program(request, _wrong_method(), reference)
        # RFC 9110 §15.5.6: which methods there are.
        return refusal.with_headers(("Allow", ", ".join(allowed)))

    return answer


def _answers_of_programs(
    routes: Sequence[Route], error_answers: Mapping[Audience, ErrorAnswer]
) -> dict[str, ErrorAnswer]:
    chosen = [route for route in routes if route.audience in ("client", "machine")]
    return {route.path.partition("{")[0]: error_answers[route.audience] for route in chosen}


def _wrong_method() -> OAuthError:
    return OAuthError(ErrorCode.INVALID_REQUEST, "This address has no such method.", detail="method", status=405)


def bare_request(environ: Environ, path_values: Mapping[str, str]) -> Request:
    """What can be said of a request that has not been read: enough to refuse it in the right language."""
    headers = {
        name: environ[key]
        for name, key in (("cookie", "HTTP_COOKIE"), ("accept-language", "HTTP_ACCEPT_LANGUAGE"))
        if key in environ
    }
    return Request(environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""), "", headers, b"", "", path_values)
