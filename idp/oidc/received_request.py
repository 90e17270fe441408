"""An authorization request as it was received: the parameters that count, and how they came here."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from idp.oidc.parameters import Parameters, parse_parameters


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """One request; ``is_pushed`` says that the client itself sent it, authenticated in the way it is registered for."""

    parameters: Parameters
    is_pushed: bool = False

    def to_json(self) -> bytes:
        """The request as an object of JSON types, for the transient store."""
        return json.dumps({"encoded": self.parameters.encoded, "is_pushed": self.is_pushed}).encode("ascii")

    @classmethod
    def from_json(cls, stored: bytes) -> Self:
        """The request that ``to_json`` wrote; only our own store's contents are given to it."""
        members = json.loads(stored)
        return cls(parse_parameters(members["encoded"]), members["is_pushed"])


def encode_parameters(pairs: Iterable[tuple[str, str]]) -> Parameters:
    """Pairs that did not come as a form, under the limits of one.

    Raises: OAuthError invalid_request, as ``parse_parameters``; UnicodeEncodeError: a lone surrogate.
    """
    return parse_parameters(urlencode(list(pairs)))
