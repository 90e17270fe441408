"""What a sign-in works with: the installation's parts, handed in once by the composition root."""

from dataclasses import dataclass
from datetime import timedelta

from idp.assurance.claims_policy import ClaimsPolicy
from idp.card_login.prove import CardVerifier
from idp.client_journal import ClientJournal
from idp.identity.linking import Linkage
from idp.keys.sealing import Sealer
from idp.oidc.ports import ClientStore, IdTokenHintVerifier
from idp.oidc.request_sources import RequestSources
from idp.oidc.status_time import StatusTimes
from idp.signin.ports import SigninStore
from idp.signin.shelf import SigninShelf


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long things live; the settings' values, as durations."""

    signin: timedelta
    opening: timedelta
    code: timedelta
    session_idle: timedelta
    session_absolute: timedelta
    consent: timedelta
    status_max_age: timedelta
    evidence: timedelta


@dataclass(frozen=True, slots=True)
class SigninParts:
    """The parts; none of them keeps state of a sign-in in the process.

    ``claims_policy`` is what may be said about a person; None where no linkage can say whose signing card it is.
    ``statuses`` is what lists, or questions about one card, have said since it was shown; None where nobody looks.
    """

    issuer: str
    clients: ClientStore
    store: SigninStore
    shelf: SigninShelf
    verifier: CardVerifier
    linkage: Linkage
    id_token_hints: IdTokenHintVerifier
    lifetimes: Lifetimes
    presenter_tries: int
    sealer: Sealer
    journal: ClientJournal
    requests: RequestSources
    claims_policy: ClaimsPolicy | None = None
    statuses: StatusTimes | None = None


@dataclass(frozen=True, slots=True)
class KnownBrowser:
    """What a browser's cookies say, after they were found to be ours.

    ``session_hash`` is that of its session cookie, or empty; ``account_ids`` are those that signed in here before.
    """

    session_hash: bytes = b""
    account_ids: frozenset[str] = frozenset()
