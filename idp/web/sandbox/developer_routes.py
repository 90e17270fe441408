"""The routes of the developers' pages, which only a sandbox has."""

from idp.client_journal import ClientNoteReader
from idp.clock import Clock
from idp.oidc.registered_clients import FindsClients
from idp.oidc.registration_dependencies import RegistrationDependencies
from idp.web.route import Route
from idp.web.sandbox.proven_client import ProvenClients
from idp.web.sandbox.register_page import REGISTER_PAGE_PATH, RegisterPage
from idp.web.sandbox.requests_page import (
    ERRORS_PAGE_PATH,
    LEAVE_PATH,
    REQUESTS_PAGE_PATH,
    RequestsPage,
)
from idp.web.site import Site


def make_developer_routes(
    dependencies: RegistrationDependencies,
    clients: FindsClients,
    notes: ClientNoteReader,
    site: Site,
    clock: Clock,
    base: str,
) -> list[Route]:
    """The page on which to register a client, where anybody may, and the one with its requests."""
    proven = ProvenClients(site, clients, dependencies.store)
    requests = RequestsPage(proven, notes, site, clock, base)
    register = RegisterPage(dependencies, proven, site, clock)
    return [
        *(
            [
                Route("GET", REGISTER_PAGE_PATH, register.show, "person", "page"),
                Route("POST", REGISTER_PAGE_PATH, register.register, "person", "registration"),
            ]
            if dependencies.policy.is_open
            else []
        ),
        Route("GET", REQUESTS_PAGE_PATH, requests.show, "person", "page"),
        Route("POST", REQUESTS_PAGE_PATH, requests.prove, "person", "registration"),
        Route("POST", LEAVE_PATH, requests.leave, "person", "page"),
        Route("GET", ERRORS_PAGE_PATH, requests.explain, "person", "page"),
    ]
