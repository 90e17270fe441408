"""An authorization request as it was received: the parameters that count, and how they came here."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlencode

from idp.oidc.parameters import MAXIMUM_BYTES, Parameters, parse_parameters

# What came as JSON grows when it is written as a form.
_MAXIMUM_BYTES: Final = 3 * MAXIMUM_BYTES


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """One request; ``is_pushed`` says that the client itself sent it, authenticated in the way it is registered for,
    ``is_signed`` that it has signed the parameters.
    """

    parameters: Parameters
    is_pushed: bool = False
    is_signed: bool = False

    def to_json(self) -> bytes:
        """The request as an object of JSON types, for the transient store."""
        members = {
            "encoded": self.parameters.encoded,
            "is_pushed": self.is_pushed,
            "is_signed": self.is_signed,
        }
        return json.dumps(members).encode("ascii")

    @classmethod
    def from_json(cls, stored: bytes) -> Self:
        """The request that ``to_json`` wrote; only our own store's contents are given to it."""
        members = json.loads(stored)
        parameters = parse_parameters(members["encoded"], maximum_bytes=_MAXIMUM_BYTES)
        return cls(parameters, members["is_pushed"], members["is_signed"])


def encode_parameters(pairs: Iterable[tuple[str, str]]) -> Parameters:
    """Pairs that did not come as a form, under the limits of one.

    Raises: OAuthError invalid_request, as ``parse_parameters``.
    """
    return parse_parameters(urlencode(list(pairs)), maximum_bytes=_MAXIMUM_BYTES)
