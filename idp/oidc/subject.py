"""Sectors: which clients know a person by the same ``sub`` (OIDC Core §8, §8.1)."""

from typing import Final
from urllib.parse import urlsplit

from idp.oidc.errors import ErrorCode, OAuthError

SUBJECT_TYPES: Final = ("pairwise", "public")
# One sector of all clients with subject_type public. A host has no underscore, so none is called like this.
PUBLIC_SECTOR: Final = "subject_type:public"
_LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


def sector_of(
    client_id: str, redirect_uris: tuple[str, ...], sector_identifier_uri: str | None, subject_type: str = "pairwise"
) -> str:
    """The sector identifier of a client.

    Takes:   redirect_uris that were found registrable; sector_identifier_uri, where the registration declares one and
             its document was found to list them.
    Returns: a host; or ``client:`` and the client_id for a client on people's own devices: every such client has the
             host localhost or none, and they are not one sector; or ``PUBLIC_SECTOR``: a ``sub`` that all clients with
             subject_type public are given is a ``sub`` of a sector that they share, random as every other.
    Raises:  OAuthError invalid_client_metadata: several hosts, and no declared sector.
    Source:  OIDC Core §8 (public, pairwise), §8.1: the host of the redirect URIs, or that of sector_identifier_uri.
    """
    if subject_type == "public":
        return PUBLIC_SECTOR
    if sector_identifier_uri is not None:
        return _get_https_host(sector_identifier_uri)
    hosts = {urlsplit(uri).hostname or "" for uri in redirect_uris}
    if hosts <= _LOOPBACK_HOSTS | {""}:
        return f"client:{client_id}"
    if len(hosts) > 1:
        raise OAuthError(
            ErrorCode.INVALID_CLIENT_METADATA,
            "redirect_uris have several hosts: sector_identifier_uri is required.",
            detail="several hosts without a sector",
        )
    return hosts.pop()


def _get_https_host(sector_identifier_uri: str) -> str:
    try:
        parts = urlsplit(sector_identifier_uri)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme != "https" or not host or "@" in parts.netloc or port == 0:
        raise OAuthError(
            ErrorCode.INVALID_CLIENT_METADATA,
            "sector_identifier_uri must be an https URL.",
            detail="sector_identifier_uri",
        )
    return host
