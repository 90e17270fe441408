"""``idp serve``: the provider, answering."""

from collections.abc import Callable

import click

from idp.cli.application_server import (
    Announce,
    check_address_is_free,
    check_granian_is_installed,
    serve_with_granian,
    serve_with_gunicorn,
    sharing_metrics,
)
from idp.cli.session import Session, json_option
from idp.cli.start import check_start, make_sandbox
from idp.settings.settings import Settings


@click.command("serve")
@click.option(
    "--server",
    type=click.Choice(["gunicorn", "granian"]),
    default="gunicorn",
    show_default=True,
    help="granian serves more sign-ins a second; it is an extra.",
)
@json_option
@click.pass_obj
def serve(session: Session, server: str) -> None:
    """Serve until interrupted.

    A sandbox makes everything it needs at its first start. Production wants a migrated database.
    """
    # First what costs nothing to find out, before anything is made.
    if server == "granian":
        check_granian_is_installed()
    check_address_is_free(session.settings.web.bind)
    with sharing_metrics(session.settings):
        _serve(session, serve_with_granian if server == "granian" else serve_with_gunicorn)


def _serve(session: Session, run: Callable[[Settings, Announce], None]) -> None:
    settings = session.settings
    if settings.is_sandbox:
        make_sandbox(session)
    else:
        check_start(session)
    # Workers are other processes: they open connections of their own and read the settings again.
    session.unchecked_parts.database.close()
    session.pass_on_config()
    status = {"issuer": settings.issuer, "bind": settings.web.bind, "environment": settings.environment}
    text = f"{settings.issuer} ({settings.environment}) listens on {settings.web.bind}"
    run(settings, lambda: session.show(status, text))
