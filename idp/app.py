"""The composition root of the web: an installation's parts become one WSGI application."""

from idp.identity.lookup_keys import check_canaries
from idp.parts import Parts
from idp.web.application import WebParts, make_application, make_site
from idp.web.routes import make_routes
from idp.web.security_headers import WsgiApplication


def create_app(parts: Parts) -> WsgiApplication:
    """The application of an installation that has been set up.

    Raises: InstallationMismatch: the database is another installation's. LookupKeyMismatch: with these look-up keys
            everybody would become a new person. StoreUnavailable.
    """
    settings = parts.settings
    parts.durable.check_installation(settings.environment, settings.issuer)
    check_canaries(parts.lookup_keys, parts.durable, parts.clock())
    web = WebParts(
        settings=settings,
        clock=parts.clock,
        signin=parts.signin_parts(),
        transient=parts.transient,
        signer=parts.key_ring,
        sealer=parts.sealer,
        patient=parts.patient,
        registrations=parts.client_registrations,
        sectors=parts.sectors,
        sandbox_cards=None if parts.sandbox is None else parts.sandbox[1],
        journal=parts.journal,
        notes=parts.durable,
    )
    site = make_site(web)
    return make_application(web, site, make_routes(web, site))
