"""``idp serve``: the provider, answering."""

import click

from idp.cli.application_server import serve_with_granian, serve_with_gunicorn
from idp.cli.session import Session, json_option
from idp.cli.start import check_start, make_sandbox


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
    settings = session.settings
    if settings.is_sandbox:
        make_sandbox(session)
    else:
        check_start(session)
    # Workers are other processes: they open connections of their own and read the settings again.
    session.parts.database.close()
    session.pass_on_config()
    status = {"issuer": settings.issuer, "bind": settings.web.bind, "environment": settings.environment}
    session.show(status, f"{settings.issuer} ({settings.environment}) listens on {settings.web.bind}")
    (serve_with_granian if server == "granian" else serve_with_gunicorn)(settings)
