"""Documents at addresses that clients register, each fetched when it is asked for."""

from idp.oidc.errors import DocumentUnavailable
from idp.outbound.guarded_http import FetchFailed, FetchRefused
from idp.outbound.published_keys import FetchesDocuments

_ACCEPT = "application/json"


class RegisteredDocuments:
    """Satisfies ``oidc.ports.DocumentSource``."""

    def __init__(self, http: FetchesDocuments) -> None:
        self._http = http

    def read_document(self, url: str) -> bytes:
        """The document's bytes.

        Raises: DocumentUnavailable.
        """
        try:
            return self._http.get(url, _ACCEPT).body
        except (FetchRefused, FetchFailed) as error:
            raise DocumentUnavailable(str(error)) from error
