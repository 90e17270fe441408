"""``idp sandbox responder``: the sandbox's OCSP responder, as a process of its own."""

import click
from cryptography.hazmat.primitives.hashes import SHA256

from idp.cli.failure import Refused
from idp.cli.interruption import interruption
from idp.cli.session import Session, json_option
from idp.cli.start import make_sandbox
from idp.sandbox.installation import prepare_sandbox
from idp.sandbox.operator.server import OperatorServer
from idp.sandbox.responder import SandboxResponder
from idp.sandbox.responder_application import ResponderApplication


@click.command("responder")
@click.option("--port", type=click.IntRange(0, 65535), default=8094, show_default=True, help="On 127.0.0.1; 0: any.")
@json_option
@click.pass_obj
def responder(session: Session, port: int) -> None:
    """Answer about test cards as the authorities' OCSP responder would, until interrupted."""
    make_sandbox(session)
    section = session.settings.sandbox
    if section is None:
        raise Refused("this is not a sandbox")
    pki, _ = prepare_sandbox(section.directory, session.now)
    try:
        server = OperatorServer(port)
    except OSError as error:
        raise Refused(f"port {port}: {error.strerror}") from None
    server.serve(ResponderApplication(SandboxResponder(pki), session.clock))
    anchors = [anchor.certificate.fingerprint(SHA256()).hex() for anchor in pki.anchors().anchors]
    tables = ", ".join(f'{{anchor = "{anchor}", url = "{server.url}", nonce = true}}' for anchor in anchors)
    environment = {"IDP_JPKI__REVOCATION": '["ocsp"]', "IDP_JPKI__OCSP": f"[{tables}]"}
    lines = "\n".join(f"export {name}='{value}'" for name, value in environment.items())
    with interruption() as wait:
        session.show(
            {"url": server.url, "environment": environment},
            f"The responder is at {server.url}. To have nobody else asked, before idp serve:\n{lines}",
        )
        wait()
        server.close()
