"""Who says that a client belongs to a sector: the document at ``sector_identifier_uri``, or the operator.

Without it a client could name somebody else's sector and be given the ``sub`` by which they know people.
Source: OIDC Registration §5; OIDC Core §8.1.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from idp.oidc.errors import DocumentUnavailable, ErrorCode, OAuthError
from idp.oidc.ports import DocumentSource
from idp.strict_json import JsonLimits, NotJson, read_json

_LIMITS: Final = JsonLimits(size_bytes=65_536, depth=2, values=2000)


class SectorVoucher(Protocol):
    """Whose word counts for a declared sector."""

    def check_listed(self, sector_identifier_uri: str, redirect_uris: Sequence[str]) -> None:
        """Refuse redirect URIs that do not belong to the sector. Raises: OAuthError invalid_client_metadata."""
        ...


class PublishedSectors:
    """The document at the address, asked for each time: a registration is rare, and an old answer would be wrong."""

    def __init__(self, documents: DocumentSource) -> None:
        self._documents = documents

    def check_listed(self, sector_identifier_uri: str, redirect_uris: Sequence[str]) -> None:
        """Refuse what the document does not list.

        Raises: OAuthError invalid_client_metadata, in the same words for every reason for which there is no such
                document: what a private network answers is nothing for who registers.
        Source: OIDC Registration §5: a JSON array of redirect_uri values that has all registered ones.
        """
        try:
            listed = read_json(self._documents.read_document(sector_identifier_uri), _LIMITS)
        except (DocumentUnavailable, NotJson) as error:
            raise _refusal("sector_identifier_uri does not answer with a JSON array", str(error)) from error
        if not isinstance(listed, list) or not all(isinstance(uri, str) for uri in listed):
            raise _refusal("sector_identifier_uri does not answer with a JSON array", "not a list of texts")
        if missing := [uri for uri in redirect_uris if uri not in listed]:
            raise _refusal(
                "the document at sector_identifier_uri does not list every one of redirect_uris",
                f"{len(missing)} redirect_uris are not listed",
            )


class OperatorVouches:
    """The operator has found that these belong together, where the document is not public yet or never will be."""

    def check_listed(self, sector_identifier_uri: str, redirect_uris: Sequence[str]) -> None:
        """Accept."""


class _NobodyVouches:
    def check_listed(self, sector_identifier_uri: str, redirect_uris: Sequence[str]) -> None:
        raise _refusal("sector_identifier_uri cannot be checked here", "nobody vouches for the sector")


NOBODY_VOUCHES: Final[SectorVoucher] = _NobodyVouches()


def _refusal(description: str, detail: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_CLIENT_METADATA, description, detail=detail)
