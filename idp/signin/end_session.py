"""A client asks that a person be signed out here: at once, after a question, or not at all, for nobody is signed in."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from idp.oidc.end_session import LogoutRequest, VerifiedLogoutTarget
from idp.oidc.frontchannel_logout import LogoutFrame
from idp.oidc.session_id import session_id
from idp.signin.parts import KnownBrowser, SigninParts
from idp.signin.sign_out import sign_out


class LogoutStep(StrEnum):
    """What the browser is told next."""

    ASK = "ask"
    SIGNED_OUT = "signed_out"


@dataclass(frozen=True, slots=True)
class LogoutAnswer:
    """The step, where the browser goes without a further click (None: nowhere), and what it loads before."""

    step: LogoutStep
    target: VerifiedLogoutTarget | None = None
    frames: tuple[LogoutFrame, ...] = ()


def begin_logout(parts: SigninParts, request: LogoutRequest, browser: KnownBrowser, now: datetime) -> LogoutAnswer:
    """Sign out at once only where the client proves that it means the very session of this browser.

    Returns: ``ASK`` for every other session: somebody else's hint, an older one, or none may come from any link.
             Where nobody is signed in, the browser goes on by itself only for a client with a hint whose name the
             operator has checked; otherwise a link that anybody can write would send people wherever a client that
             registered itself likes.
    Effect:  the session ends, as by ``sign_out``.
    Source:  RP-Initiated Logout §2 (the person is asked unless the hint belongs to the current session), §6.
    """
    session = parts.store.find_browser_session(browser.session_hash, now) if browser.session_hash else None
    client = request.client
    if session is None:
        may_go_on = request.has_hint and client is not None and client.is_reviewed
        return LogoutAnswer(LogoutStep.SIGNED_OUT, request.target if may_go_on else None)
    if client is None or request.hint_sid is None:
        return LogoutAnswer(LogoutStep.ASK)
    own = session_id(session.origin_hash, client.client_id)
    if not hmac.compare_digest(own.encode("ascii"), request.hint_sid.encode("utf-8", "replace")):
        return LogoutAnswer(LogoutStep.ASK)
    frames = sign_out(parts, browser, now, client_id=client.client_id)
    return LogoutAnswer(LogoutStep.SIGNED_OUT, request.target, frames)
