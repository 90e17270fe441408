"""One sign-in in flight: the validated request, the presenter's opening, and what has been established so far."""

import json
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final

from idp.card_login.proven_card import ProvenCard, proven_card_from_members
from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.evidence import Authentication
from idp.oidc.authorization_request import AuthorizationRequest
from idp.presenter.opening import Opening, OpeningState
from idp.signin.attaching import Attaching, attaching_from_members

_OPENING_MEMBERS: Final = tuple(field.name for field in fields(Opening))
_encode: Final = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Authenticated:
    """Who this browser's person is, once that is settled: by this sign-in's card or by a session that suffices.

    ``is_fresh`` says that the card was shown in this very sign-in.
    """

    account_id: str
    credential_id: str
    session_hash: bytes
    origin_hash: bytes
    auth_time: datetime
    acr: str
    amr: tuple[str, ...]
    status_time: datetime | None
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class Signin:
    """The record behind one transaction's cookie.

    ``tx`` names pages and cookie, ``txn`` names the sign-in in log and audit; neither opens anything.
    In a step-up ``proven`` is the signing card, ``identified`` the one that signed in, ``agreed`` the person's choice.
    ``client_fingerprint`` (base64url) is that of the client when the request was accepted. ``attaching`` is set where
    the card is proven to join an account and not to sign in; ``is_untold`` while the person has still to be told that
    a card or phone joined theirs.
    """

    tx: str
    txn: str
    request: AuthorizationRequest
    client_fingerprint: str
    language: str
    issued_at: datetime
    expires_at: datetime
    opening: Opening
    proven: ProvenCard | None = None
    authenticated: Authenticated | None = None
    identified: ProvenCard | None = None
    agreed: tuple[str, ...] | None = None
    attaching: Attaching | None = None
    is_untold: bool = False

    def to_json(self) -> bytes:
        """The record as stored."""
        members = {
            "tx": self.tx,
            "txn": self.txn,
            "request": self.request.to_json(),
            "client": self.client_fingerprint,
            "language": self.language,
            "issued_at": to_epoch_seconds(self.issued_at),
            "expires_at": to_epoch_seconds(self.expires_at),
            # Not asdict, which copies each value: this is written five times a sign-in.
            "opening": {name: getattr(self.opening, name) for name in _OPENING_MEMBERS},
            "proven": None if self.proven is None else self.proven.to_members(),
            "authenticated": None if self.authenticated is None else _authenticated_members(self.authenticated),
            "identified": None if self.identified is None else self.identified.to_members(),
            "agreed": None if self.agreed is None else list(self.agreed),
            "attaching": None if self.attaching is None else self.attaching.to_members(),
            "is_untold": self.is_untold,
        }
        return _encode(members).encode("ascii")


def signin_from_json(value: bytes) -> Signin:
    """The inverse of ``to_json``, for records of our own store."""
    members = json.loads(value.decode("ascii"))
    opening = members["opening"]
    proven = members["proven"]
    authenticated = members["authenticated"]
    # Written by a version before these members, a record in flight has none of them.
    identified, agreed, attaching = members.get("identified"), members.get("agreed"), members.get("attaching")
    return Signin(
        tx=members["tx"],
        txn=members["txn"],
        request=AuthorizationRequest.from_json(members["request"]),
        client_fingerprint=members["client"],
        language=members["language"],
        issued_at=from_epoch_seconds(members["issued_at"]),
        expires_at=from_epoch_seconds(members["expires_at"]),
        opening=Opening(**opening | {"state": OpeningState(opening["state"])}),
        proven=None if proven is None else proven_card_from_members(proven),
        authenticated=None if authenticated is None else _authenticated_from(authenticated),
        identified=None if identified is None else proven_card_from_members(identified),
        agreed=None if agreed is None else tuple(agreed),
        attaching=None if attaching is None else attaching_from_members(attaching),
        is_untold=members.get("is_untold", False),
    )


def authenticated_by(
    authentication: Authentication,
    credential_id: str,
    session_hash: bytes,
    origin_hash: bytes,
    *,
    is_fresh: bool = True,
) -> Authenticated:
    """What the sign-in keeps of the card half's last word."""
    return Authenticated(
        account_id=authentication.account_id,
        credential_id=credential_id,
        session_hash=session_hash,
        origin_hash=origin_hash,
        auth_time=authentication.auth_time,
        acr=authentication.acr,
        amr=authentication.amr,
        status_time=authentication.status_time,
        is_fresh=is_fresh,
    )


def _authenticated_members(authenticated: Authenticated) -> dict[str, Any]:
    status_time = authenticated.status_time
    return asdict(authenticated) | {
        "session_hash": authenticated.session_hash.hex(),
        "origin_hash": authenticated.origin_hash.hex(),
        "auth_time": to_epoch_seconds(authenticated.auth_time),
        "status_time": None if status_time is None else to_epoch_seconds(status_time),
    }


def _authenticated_from(members: dict[str, Any]) -> Authenticated:
    status_time = members["status_time"]
    decoded = {
        "session_hash": bytes.fromhex(members["session_hash"]),
        # Written by a version before this member, a record in flight has a session of its own origin.
        "origin_hash": bytes.fromhex(members.get("origin_hash", members["session_hash"])),
        "auth_time": from_epoch_seconds(members["auth_time"]),
        "status_time": None if status_time is None else from_epoch_seconds(status_time),
        "amr": tuple(members["amr"]),
    }
    return Authenticated(**members | decoded)
