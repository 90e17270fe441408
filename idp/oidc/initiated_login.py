"""A sign-in that begins at the client because somebody else asks for it (OIDC Core §4)."""

from urllib.parse import quote, urlencode

from idp.oidc.client import Client


def initiated_login_address(client: Client, issuer: str) -> str | None:
    """Where a client begins a sign-in at this provider; None if it registered no such place.

    Source:  OIDC Core §4 (iss is required).
    Omitted: login_hint and target_link_uri, for this provider knows neither.
    """
    uri = client.options.initiate_login_uri
    if uri is None:
        return None
    separator = "&" if "?" in uri else "?"
    return f"{uri}{separator}{urlencode({'iss': issuer}, quote_via=quote)}"
