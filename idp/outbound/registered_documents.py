"""Documents at addresses that clients register, each fetched when it is asked for."""

from typing import Final

from idp.oidc.errors import DocumentUnavailable
from idp.outbound.fetch_slots import FetchesDocuments, SlottedHttp
from idp.outbound.guarded_http import FetchFailed, FetchRefused, GuardedHttp
from idp.outbound.network_guard import LOOPBACK_NETWORKS
from idp.settings.section import OutboundSection

_ACCEPT: Final = "application/json"
MOST_FETCHES_AT_ONCE: Final = 2


def open_guarded_http(section: OutboundSection, *, is_local: bool) -> GuardedHttp:
    """What calls the addresses that clients registered.

    Takes: is_local, whether this is a sandbox that nobody reaches but from this very machine: then this machine may be
           called, and by http. One that others reach must not be made to look around where it stands.
    """
    own = LOOPBACK_NETWORKS if is_local else ()
    return GuardedHttp(allowed=(*section.allowed_networks, *own), allow_http=is_local)


def open_registered_documents(section: OutboundSection, *, is_local: bool) -> "RegisteredDocuments":
    """Documents with slots of their own: a registration that names a slow one keeps no other endpoint waiting."""
    http = open_guarded_http(section, is_local=is_local)
    return RegisteredDocuments(SlottedHttp(http, most_at_once=MOST_FETCHES_AT_ONCE))


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
