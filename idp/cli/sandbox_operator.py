"""``idp sandbox operator``: the sandbox's platform operator, as a process of its own."""

from datetime import timedelta

import click
from joserfc.jwk import ECKey

from idp.cli.failure import Refused
from idp.cli.interruption import interruption
from idp.cli.session import Session, json_option
from idp.cli.start import make_sandbox
from idp.sandbox.installation import prepare_sandbox
from idp.sandbox.operator.answers import OperatorAnswers
from idp.sandbox.operator.application import BASE_PATH, OperatorApplication
from idp.sandbox.operator.client_key import ensure_client_key
from idp.sandbox.operator.misbehaviour import MISBEHAVIOURS, Misbehaviour
from idp.sandbox.operator.server import OperatorServer


@click.command("operator")
@click.option("--port", type=click.IntRange(0, 65535), default=8093, show_default=True, help="On 127.0.0.1; 0: any.")
@click.option(
    "--misbehave",
    type=click.Choice(MISBEHAVIOURS),
    default="none",
    show_default=True,
    help="What goes wrong with every answer.",
)
@click.option(
    "--linkage-delay-seconds",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="For how long the holder of a new certificate is not known yet; real operators take up to 90 minutes.",
)
@json_option
@click.pass_obj
def operator(session: Session, port: int, misbehave: Misbehaviour, linkage_delay_seconds: int) -> None:
    """Answer as an accredited platform operator would, until interrupted."""
    make_sandbox(session)
    section = session.settings.sandbox
    if section is None:
        raise Refused("this is not a sandbox")
    pki, _ = prepare_sandbox(section.directory, session.now)
    key = ECKey.import_key(ensure_client_key(section.directory).read_text("ascii"))
    try:
        server = OperatorServer(port)
    except OSError as error:
        raise Refused(f"port {port}: {error.strerror}") from None
    url = f"{server.url}{BASE_PATH}"
    answers = OperatorAnswers(pki, timedelta(seconds=linkage_delay_seconds))
    server.serve(OperatorApplication(answers, key, url, misbehaviour=misbehave, clock=session.clock))
    with interruption() as wait:
        session.show(
            {"url": url, "misbehave": misbehave},
            f"The operator is at {url}\n"
            f"To have it asked: IDP_OPERATOR_PLATFORM__URL={url} IDP_OPERATOR_PLATFORM__LINKAGE=true idp serve",
        )
        wait()
        server.close()
