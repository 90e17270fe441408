"""Asking an operator about a certificate that does not exist, to learn whether it answers at all."""

import secrets
from typing import Final

from idp.identifiers import Randomness, new_identifier
from idp.ops.health_operator import OperatorReply
from idp.outbound.operator_certificate import name_certificate
from idp.outbound.operator_client import OperatorClient
from idp.outbound.operator_errors import OperatorFailed, OperatorRefused

_PURPOSES: Final = {"linkage": "linkage", "certificate-status": "user_authentication"}
_STATES: Final = frozenset({"known", "not_ready", "good", "revoked", "on_hold", "unknown"})
_KEY_ID_BYTES: Final = 32
_SERIAL_BYTES: Final = 16


def probe_operator(
    client: OperatorClient, operation: str, randomness: Randomness = secrets.token_bytes
) -> OperatorReply:
    """Put one question about nobody: authority and serial number are random bits, so it is no check of a person's card.

    Takes:   operation, ``linkage`` or ``certificate-status``.
    Returns: the answer's state or error; or, where there was no answer in the configured time, why.
    Source:  docs/platform-operator-api.md, "Errors".
    """
    question = {
        "check_id": new_identifier(randomness),
        "purpose": _PURPOSES[operation],
        "certificate": name_certificate(randomness(_KEY_ID_BYTES), randomness(_SERIAL_BYTES)),
    }
    try:
        state = client.ask(operation, question).get("state")
    except OperatorRefused as refusal:
        return OperatorReply(True, refusal.code)
    except OperatorFailed as failure:
        return OperatorReply(False, failure.code)
    # A text of the operator's own is not repeated: nobody knows what it would put there.
    return OperatorReply(True, state if isinstance(state, str) and state in _STATES else "garbage")
