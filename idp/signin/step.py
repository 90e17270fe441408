"""What a browser is told next: the closed list of answers that the dispatcher gives."""

from dataclasses import dataclass

from idp.oidc.claims_consent import ConsentItem
from idp.oidc.client import Client
from idp.oidc.redirect_uri import VerifiedRedirect
from idp.oidc.response_mode import AuthorizationResponse
from idp.signin.shelf import StoredSignin


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that has just been made: its secret goes into this browser's cookie, the account among its known."""

    secret: str
    account_id: str


@dataclass(frozen=True, slots=True)
class PresentCard:
    """Nobody has opened the link yet: show the sign-in page."""

    stored: StoredSignin
    client: Client
    redirect: VerifiedRedirect


@dataclass(frozen=True, slots=True)
class WaitForCard:
    """A presenter is at work, or has finished and its return address has not been opened here."""

    stored: StoredSignin
    client: Client
    redirect: VerifiedRedirect


@dataclass(frozen=True, slots=True)
class CardFailed:
    """The presenter's part ended without a person; ``reason`` is a card outcome, a cancellation or an error code."""

    stored: StoredSignin
    client: Client
    redirect: VerifiedRedirect
    reason: str


@dataclass(frozen=True, slots=True)
class ConfirmBrowser:
    """This browser has not seen this account: ask before a session is made here."""

    stored: StoredSignin
    client: Client
    redirect: VerifiedRedirect


@dataclass(frozen=True, slots=True)
class TellAttached:
    """A card or phone joined the person's account lately: say so before anything is granted."""

    stored: StoredSignin
    client: Client
    redirect: VerifiedRedirect
    new_session: NewSession | None


@dataclass(frozen=True, slots=True)
class AskConsent:
    """The person is known; ask what may leave."""

    stored: StoredSignin
    client: Client
    redirect: VerifiedRedirect
    new_session: NewSession | None
    items: tuple[ConsentItem, ...] = ()


@dataclass(frozen=True, slots=True)
class StepUp:
    """Another card follows in the same sign-in or ceremony: a new transaction takes this one's place."""

    former_tx: str
    tx: str
    cookie_secret: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The code is issued: send the browser to the client, or to its page of this provider for a sign-in of our own."""

    destination: AuthorizationResponse | str
    tx: str | None
    new_session: NewSession | None


PendingStep = PresentCard | WaitForCard | CardFailed | ConfirmBrowser | TellAttached | AskConsent
Step = PendingStep | StepUp | Finished


class SigninOver(Exception):
    """The sign-in cannot go on and there is nowhere to send an error to; ``reason`` is a page text key."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
