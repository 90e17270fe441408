"""Signing out of this provider in this browser; what clients were given lives on until it expires."""

from datetime import datetime

from idp.audit import AuditEvent, AuditRecord
from idp.log import log_line
from idp.signin.parts import KnownBrowser, SigninParts


def sign_out(parts: SigninParts, browser: KnownBrowser, now: datetime) -> bool:
    """End the browser's session.

    Returns: False if it had ended before.
    Effect:  one durable transaction with its audit record.
    """
    session = parts.store.find_browser_session(browser.session_hash, now) if browser.session_hash else None
    if session is None:
        return False
    with parts.store.writing() as writer:
        writer.end_browser_session(browser.session_hash, now)
        writer.append_audit(AuditRecord(AuditEvent.SIGNED_OUT, now, session.account_id))
    log_line("signed_out")
    return True
