"""The frames for the clients that a browser's session reached, once it is over."""

from idp.oidc.frontchannel_logout import MAXIMUM_FRAMES, LogoutFrame, logout_frames
from idp.signin.parts import SigninParts


def find_logout_frames(parts: SigninParts, account_id: str, origin_hash: bytes) -> tuple[LogoutFrame, ...]:
    """What the page after a sign-out loads in frames.

    Takes: origin_hash, that of the session of the very browser that is shown the page.
    """
    names = parts.store.find_frontchannel_clients(account_id, origin_hash, MAXIMUM_FRAMES)
    found = (parts.clients.find_client(name) for name in names)
    return logout_frames((client for client in found if client is not None), origin_hash, parts.issuer)
