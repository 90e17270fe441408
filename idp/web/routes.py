"""Which endpoints exist and which pages: one table."""

from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from idp.clock import Clock
from idp.keys.key_calendar import CALENDAR_PATH, write_calendar
from idp.keys.rotation import RotationPace
from idp.oidc.discovery import (
    AUTHORIZATION_PATH,
    INTROSPECTION_PATH,
    JWKS_PATH,
    PUSHED_REQUEST_PATH,
    REVOCATION_PATH,
    TOKEN_PATH,
    USERINFO_PATH,
    provider_metadata,
)
from idp.oidc.dynamic_registration import REGISTRATION_PATH
from idp.oidc.end_session import END_SESSION_PATH
from idp.oidc.registration_dependencies import RegistrationDependencies
from idp.presenter.errors import PresenterError, PresenterErrorCode
from idp.signin.evidence_answer import EVIDENCE_PATH
from idp.web.application import WebParts
from idp.web.authorization_answers import AuthorizationAnswers
from idp.web.card.api import presenter_endpoints
from idp.web.endpoint_dependencies import (
    evidence_dependencies,
    introspection_dependencies,
    proof_policy,
    pushed_request_dependencies,
    registration_dependencies,
    revocation_dependencies,
    token_dependencies,
)
from idp.web.endpoints.authorize import AuthorizeEndpoint
from idp.web.endpoints.end_session import EndSessionEndpoint
from idp.web.endpoints.evidence import EvidenceEndpoint
from idp.web.endpoints.introspect import IntrospectEndpoint
from idp.web.endpoints.metadata import calendar_endpoint, jwks_endpoint, metadata_endpoint
from idp.web.endpoints.openapi import describing_route
from idp.web.endpoints.pushed_request import PushedRequestEndpoint
from idp.web.endpoints.registration import RegistrationEndpoint
from idp.web.endpoints.token import TokenEndpoints
from idp.web.http import Handler, Request, Response
from idp.web.mutual_tls import MutualTls
from idp.web.ops import liveness, readiness
from idp.web.pages.account_routes import make_account_routes
from idp.web.pages.card_return_page import CardReturnPage
from idp.web.pages.plain_pages import PlainPages, static_endpoint
from idp.web.pages.signin_pages import SigninPages
from idp.web.pages.step_page import StepPages
from idp.web.route import CountedBy, Route
from idp.web.site import Site
from idp.web.static_file import load_icon, load_stylesheet

_POSTED_PATH: Final = AUTHORIZATION_PATH + "/posted/{name}"


def make_routes(parts: WebParts, site: Site) -> list[Route]:
    """All routes, below the issuer's own path."""
    base = urlsplit(parts.settings.issuer).path
    has_sandbox = parts.sandbox_cards is not None
    answers = AuthorizationAnswers(site, parts.signer, parts.clock)
    steps = StepPages(parts.signin, site, answers, parts.clock, base=base, has_sandbox=has_sandbox)
    pages = SigninPages(parts.signin, site, steps, parts.clock)
    registration = registration_dependencies(parts)
    routes = [
        *_client_routes(parts, site, answers, base, None if registration is None else REGISTRATION_PATH),
        *(_registration_routes(registration, parts.clock) if registration is not None else []),
        *(_developer_routes(parts, registration, site, base) if has_sandbox and registration is not None else []),
        *_logout_routes(EndSessionEndpoint(parts.signin, site, parts.transient, parts.clock, base)),
        *_presenter_routes(parts),
        *_page_routes(parts, site, steps, pages),
        *make_account_routes(parts, site, base),
        *(_sandbox_routes(parts, site, steps, pages) if has_sandbox else []),
    ]
    routes = [
        *(replace(route, path=base + route.path) for route in routes),
        # Probes ask the process, not the issuer.
        Route("GET", "/livez", liveness, "machine", None),
        Route("GET", "/readyz", readiness(parts.patient, parts.clock), "machine", "metadata"),
    ]
    return [*routes, describing_route(routes, parts.settings.issuer)]


def _client_routes(
    parts: WebParts, site: Site, answers: AuthorizationAnswers, base: str, registration_path: str | None
) -> list[Route]:
    settings = parts.settings
    authorize = AuthorizeEndpoint(parts.signin, site, answers, parts.transient, parts.clock, base)
    mutual_tls = MutualTls.from_settings(settings)
    document = provider_metadata(
        settings.issuer,
        is_sandbox=settings.is_sandbox,
        op_policy_uri=settings.operator.privacy_notice,
        claims_policy=parts.signin.claims_policy,
        require_pushed_authorization_requests=settings.oidc.require_pushed_authorization_requests,
        authorization_details_types=tuple(parts.signin.requests.details_types),
        mutual_tls=mutual_tls.metadata,
        registration_path=registration_path,
    )
    metadata = metadata_endpoint(document)
    # RFC 8705 §5: who comes to an alias writes the alias into its proofs.
    aliases = {document[name]: alias for name, alias in document.get("mtls_endpoint_aliases", {}).items()}
    proofs = proof_policy(parts, aliases)
    dependencies = token_dependencies(parts, proofs)
    tokens = TokenEndpoints(dependencies, revocation_dependencies(parts), mutual_tls, parts.clock)
    pushed = PushedRequestEndpoint(pushed_request_dependencies(parts), proofs, mutual_tls, parts.clock)
    cross_origin = (TOKEN_PATH, USERINFO_PATH, REVOCATION_PATH, PUSHED_REQUEST_PATH)
    return [
        _authorization_route("GET", authorize.get),
        _authorization_route("POST", authorize.post),
        Route(
            "GET", AUTHORIZATION_PATH + "/posted/{name}", authorize.get_posted, "person", "authorize", has_effects=True
        ),
        _back_channel_route(PUSHED_REQUEST_PATH, pushed.post),
        _back_channel_route(TOKEN_PATH, tokens.token),
        Route("GET", USERINFO_PATH, tokens.userinfo, "client", "userinfo", counted_by="proven-client"),
        Route("POST", USERINFO_PATH, tokens.userinfo, "client", "userinfo", counted_by="proven-client"),
        _back_channel_route(REVOCATION_PATH, tokens.revoke),
        _back_channel_route(
            INTROSPECTION_PATH, IntrospectEndpoint(introspection_dependencies(parts), mutual_tls, parts.clock).post
        ),
        Route(
            "GET",
            EVIDENCE_PATH + "{txn}",
            EvidenceEndpoint(evidence_dependencies(parts), parts.clock).get,
            "client",
            "token",
            counted_by="proven-client",
            claimed_in="bearer-assertion",
        ),
        *(Route("OPTIONS", path, tokens.preflight, "client", "metadata") for path in cross_origin),
        Route("GET", "/.well-known/openid-configuration", metadata, "client", "metadata"),
        Route("GET", "/.well-known/oauth-authorization-server", metadata, "client", "metadata"),
        Route("GET", JWKS_PATH, jwks_endpoint(parts.signer.public_jwks), "client", "metadata"),
        Route("GET", CALENDAR_PATH, calendar_endpoint(lambda: _calendar(parts)), "client", "metadata"),
    ]


def _authorization_route(method: str, handler: Handler) -> Route:
    return Route(
        method,
        AUTHORIZATION_PATH,
        handler,
        "person",
        "authorize",
        has_effects=method == "GET",
        is_clients=True,
        counted_by="named-client",
        claimed_in="parameters",
    )


def _back_channel_route(path: str, handler: Handler) -> Route:
    return Route(
        "POST",
        path,
        handler,
        "client",
        "token",
        is_clients=True,
        counted_by="proven-client",
        claimed_in="authentication",
    )


def _registration_routes(dependencies: RegistrationDependencies, clock: Clock) -> list[Route]:
    endpoint = RegistrationEndpoint(dependencies, clock)
    one = REGISTRATION_PATH + "/{client_id}"
    table: list[tuple[str, str, Handler, CountedBy]] = [
        ("POST", REGISTRATION_PATH, endpoint.register, "address"),
        ("GET", one, endpoint.read, "proven-client"),
        ("PUT", one, endpoint.update, "proven-client"),
        ("DELETE", one, endpoint.remove, "proven-client"),
        ("OPTIONS", REGISTRATION_PATH, endpoint.preflight, "address"),
        ("OPTIONS", one, endpoint.preflight, "address"),
    ]
    return [
        Route(method, path, handler, "client", "registration", counted_by=counted_by)
        for method, path, handler, counted_by in table
    ]


def _developer_routes(parts: WebParts, registration: RegistrationDependencies, site: Site, base: str) -> list[Route]:
    # Imported here, so that production never has this code in memory.
    from idp.web.sandbox.developer_routes import make_developer_routes

    return make_developer_routes(registration, parts.signin.clients, parts.notes, site, parts.clock, base)


def _logout_routes(endpoint: EndSessionEndpoint) -> list[Route]:
    path = END_SESSION_PATH
    return [
        Route(
            "GET", path, endpoint.get, "person", "page", has_effects=True, is_clients=True, claimed_in="logout-request"
        ),
        Route("POST", path, endpoint.post, "person", "page", is_clients=True, claimed_in="logout-request"),
        Route("GET", path + "/posted/{name}", endpoint.get_posted, "person", "page", has_effects=True),
        Route("POST", path + "/confirm", endpoint.confirm, "person", "page"),
    ]


def _calendar(parts: WebParts) -> dict[str, Any]:
    pace = RotationPace.of(parts.settings.keys)
    return write_calendar(parts.signer.list_keys(), pace, parts.settings.issuer, parts.clock())


def _presenter_routes(parts: WebParts) -> list[Route]:
    endpoints = presenter_endpoints(parts.signin, parts.clock)
    return [
        *(Route("POST", path, handler, "presenter", "presenter") for path, handler in endpoints.items()),
        *(
            Route(method, path, _refuse_method, "presenter", "presenter")
            for path in endpoints
            for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS")
        ),
    ]


def _page_routes(parts: WebParts, site: Site, steps: StepPages, pages: SigninPages) -> list[Route]:
    returned = CardReturnPage(parts.signin, site, steps, parts.clock)
    plain = PlainPages(parts.signin, site, parts.clock)
    files = [load_stylesheet(), load_icon()]
    table: list[tuple[str, str, Handler]] = [
        ("GET", "/", plain.home),
        ("GET", "/login/{tx}", pages.show),
        ("POST", "/login/{tx}/new-browser", pages.confirm_browser),
        ("POST", "/login/{tx}/continue", pages.go_on),
        ("POST", "/login/{tx}/consent", pages.consent),
        ("POST", "/login/{tx}/cancel", pages.cancel),
        ("POST", "/login/{tx}/restart", pages.restart),
        ("GET", "/login/{tx}/{form}", pages.show_form_again),
        ("GET", "/card", plain.card_link),
        ("GET", "/card/return/{result}", returned.show),
        ("GET", "/sign-out", plain.ask_sign_out),
        ("POST", "/sign-out", plain.sign_out),
    ]
    return [
        *(Route(method, path, handler, "person", "page", has_effects="{" in path) for method, path, handler in table),
        *(Route("GET", file.path, static_endpoint(file), "person", None) for file in files),
    ]


def _sandbox_routes(parts: WebParts, site: Site, steps: StepPages, pages: SigninPages) -> list[Route]:
    # Imported here, so that production never has this code in memory.
    from idp.web.sandbox.card_page import SandboxCardPage

    page = SandboxCardPage(parts.signin, site, pages, steps, parts.clock, parts.sandbox_cards or {})
    return [
        Route("GET", "/sandbox/{tx}", page.show, "person", "page"),
        Route("POST", "/sandbox/{tx}", page.present, "person", "page"),
    ]


def _refuse_method(_: Request) -> Response:
    raise PresenterError(PresenterErrorCode.INVALID_METHOD)
