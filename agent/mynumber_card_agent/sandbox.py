"""Whether an issuer calls itself a sandbox: the condition for plain http and for a simulated card. Protocol §2."""

from typing import Final

from mynumber_card_agent.closed_json import parse_object
from mynumber_card_agent.outcomes import AgentError, Outcome
from mynumber_card_agent.provider_connection import send_request

_PATH: Final = "/.well-known/openid-configuration"
_TIMEOUT_SECONDS: Final = 15


def check_sandbox(issuer: str) -> None:
    """Establish that the issuer is a sandbox, by asking it now; the answer is not remembered.

    Raises: AgentError(NOT_A_SANDBOX); those of the connection.
    Source: protocol §2; OIDC Discovery §4.3 (``issuer`` must be identical).
    """
    answer = send_request(issuer, "GET", _PATH, body=None, headers={}, timeout_seconds=_TIMEOUT_SECONDS)
    if answer.status != 200 or not answer.is_json:
        raise AgentError(Outcome.NOT_A_SANDBOX, "no discovery document")
    members = parse_object(answer.unverified_body)
    if members.get("issuer") != issuer or members.get("sandbox") is not True:
        raise AgentError(Outcome.NOT_A_SANDBOX, "the discovery document does not say so")
