"""Signing out of this provider in this browser: the session ends, and the clients that it reached are told."""

from datetime import datetime

from idp.audit import AuditEvent, AuditRecord
from idp.log import log_line
from idp.oidc.frontchannel_logout import LogoutFrame
from idp.signin.logout_frames import find_logout_frames
from idp.signin.parts import KnownBrowser, SigninParts


def sign_out(
    parts: SigninParts, browser: KnownBrowser, now: datetime, client_id: str | None = None
) -> tuple[LogoutFrame, ...]:
    """End the browser's session.

    Takes:   client_id, which client asked for it, None where the person did so here.
    Returns: what this browser's next page loads for the clients that are told through it; nothing if the session had
             ended before.
    Effect:  one durable transaction with its audit record and what the clients are owed.
    """
    session = parts.store.find_browser_session(browser.session_hash, now) if browser.session_hash else None
    if session is None:
        return ()
    with parts.store.writing() as writer:
        writer.end_browser_session(browser.session_hash, now)
        writer.append_audit(AuditRecord(AuditEvent.SIGNED_OUT, now, session.account_id, client_id))
    log_line("signed_out", client_id=client_id)
    # After the end, so that no code can be redeemed any more by a client that would be missing here.
    return find_logout_frames(parts, session.account_id, session.origin_hash)
