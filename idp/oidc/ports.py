"""What the protocol half needs from the outside world, matched structurally by ``stores``."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from idp.audit import AuditWriter
from idp.oidc.authorization_details import AuthorizationDetails
from idp.oidc.browser_session import BrowserSession
from idp.oidc.client import Client
from idp.oidc.confirmation import Confirmation
from idp.oidc.grant import Grant, LiveAccessToken, SpentCode, StoredRefreshToken


class ClientKeySource(Protocol):
    """Clients' public keys, wherever they are: with the registration (``jwks``) or published (``jwks_uri``)."""

    def find_keys(self, client: Client, kid: str | None = None) -> Mapping[str, Any]:
        """The client's JWK Set; without keys where it registered none.

        Takes:  kid, the key that is looked for; only where it is given, a rollover is noticed before the cache ends.
        Raises: ClientKeysUnavailable: the keys are published, and could not be had.
        """
        ...


class ClientStore(ClientKeySource, Protocol):
    """Registered clients; an answer may be some seconds old (``oidc.client_cache_seconds``)."""

    def find_client(self, client_id: str) -> Client | None:
        """The client, or None if it is not registered or was removed."""
        ...

    def find_keys_at_hand(self, client: Client, kid: str | None = None) -> Mapping[str, Any] | None:
        """What ``find_keys`` would answer, and raise, without calling anybody; None where somebody would be called."""
        ...


class ClientAdmission(Protocol):
    """How often a client may ask, counted for one request once it has shown whose it is."""

    def while_waiting(self, client: Client) -> AbstractContextManager[None]:
        """In which a host that a client chose is called, so that nobody else waits for it.

        Takes:  client, the one that is claimed.
        """
        ...

    def admit(self, client: Client) -> None:
        """Count the request against its client; raises what the edge answers with 429 when the client asks too often.

        Called before anything is written or signed for the client, and never for one that is merely claimed.
        """
        ...


class DocumentSource(Protocol):
    """Documents at addresses that clients register; whoever is called is public, small and in time."""

    def read_document(self, url: str) -> bytes:
        """At most 64 KiB, unread. Raises: DocumentUnavailable."""
        ...


class TokenReader(Protocol):
    """Reads of one statement each, outside a transaction."""

    def find_access_token(self, token_hash: bytes, now: datetime) -> LiveAccessToken | None:
        """The token with its grant; None if unknown, expired, revoked, or its account or credential is not active."""
        ...

    def find_browser_session(self, session_hash: bytes, now: datetime) -> BrowserSession | None:
        """The session; None if unknown, ended, expired, or its account or credential is not active."""
        ...

    def find_consent(self, account_id: str, client_id: str, now: datetime) -> frozenset[str] | None:
        """The scopes this person agreed to give this client, if remembered and not expired."""
        ...


class GrantWriter(AuditWriter, Protocol):
    """Writes inside one durable transaction; what is not committed never happened."""

    def insert_grant(self, grant: Grant, code_hash: bytes, code_expires_at: datetime) -> None:
        """Record a grant with the one code that redeems it.

        Raises: AlreadyGranted: there is a grant with this ``txn``; the sign-in's uniqueness is this record's.
        """
        ...

    def replace_code(self, txn: str, code_hash: bytes, code_expires_at: datetime, granted_before: datetime) -> bool:
        """Give the grant of a sign-in another code in place of one that nobody has redeemed, in one statement.

        False if there is no such grant, it was redeemed or revoked, or is not older than ``granted_before``, unless
        this is the very code that it has.
        """
        ...

    def spend_code(self, code_hash: bytes, client_id: str, now: datetime) -> SpentCode | None:
        """Mark the code spent, in one statement; of many callers one gets the grant, all others None.

        None also for an unknown code, an expired one, another client's, a revoked grant's, or a suspended account's.
        The same statement looks for other codes of the client that were redeemed, not merely spent: a grant that
        ended in the second in which its code was spent does not count. Two at the same moment may miss each other.
        """
        ...

    def find_spent_code_grant(self, code_hash: bytes, client_id: str) -> Grant | None:
        """The grant of a code of this client that was spent before (a reuse), or None."""
        ...

    def revoke_grant(self, grant_id: str, now: datetime) -> bool:
        """End the grant and with it every token; False if it was revoked already."""
        ...

    def insert_access_token(
        self,
        token_hash: bytes,
        grant_id: str,
        scope: tuple[str, ...],
        now: datetime,
        expires_at: datetime,
        confirmation: Confirmation | None = None,
        audience: tuple[str, ...] = (),
        authorization_details: AuthorizationDetails | None = None,
    ) -> None:
        """Record an access token by its hash; ``authorization_details`` None stands for those of the grant."""
        ...

    def insert_refresh_token(
        self,
        token_hash: bytes,
        grant_id: str,
        scope: tuple[str, ...],
        now: datetime,
        expires_at: datetime,
        confirmation: Confirmation | None = None,
    ) -> None:
        """Record a refresh token by its hash."""
        ...

    def spend_refresh_token(self, token_hash: bytes, client_id: str, now: datetime) -> StoredRefreshToken | None:
        """Mark an unspent, unexpired token of a live grant of this client spent, in one statement; None otherwise."""
        ...

    def extend_refresh_token(self, token_hash: bytes, now: datetime, expires_at: datetime) -> bool:
        """Let an unspent, unexpired token live until ``expires_at``, in one statement; False if there is none."""
        ...

    def find_refresh_token(self, token_hash: bytes, client_id: str) -> StoredRefreshToken | None:
        """The token in whatever state, for judging a reuse."""
        ...

    def count_refresh_grace_use(self, token_hash: bytes, limit: int) -> bool:
        """Count one more use within the grace window, in one statement; False if ``limit`` was reached."""
        ...

    def retire_refresh_tokens(self, grant_id: str, now: datetime) -> None:
        """Mark every unspent refresh token of the grant spent."""
        ...

    def find_access_token_grant(self, token_hash: bytes, client_id: str) -> Grant | None:
        """The grant of an access token of this client in whatever state, for revocation."""
        ...

    def delete_access_token(self, token_hash: bytes) -> None:
        """End one access token."""
        ...


class GrantStore(TokenReader, Protocol):
    """Durable state of grants."""

    def writing(self) -> AbstractContextManager[GrantWriter]:
        """One durable transaction: committed when the block ends, rolled back when it raises."""
        ...


class KeptRequest(Protocol):
    """What a store gives back of a request."""

    @property
    def value(self) -> bytes:
        """The bytes that were stored."""
        ...


class PushedRequestStore(Protocol):
    """Pushed authorization requests, for as long as they are good."""

    def insert(self, kind: str, key: str, value: bytes, expires_at: datetime, now: datetime) -> bool:
        """Store a new record; False if the key is there already."""
        ...

    def take(self, kind: str, key: str, now: datetime) -> KeptRequest | None:
        """Read and delete, in one statement; of many callers one gets it."""
        ...


class OnceStore(Protocol):
    """Values that may be used once (the ``jti`` of client assertions and of DPoP proofs)."""

    def insert_once(self, kind: str, key: str, expires_at: datetime) -> bool:
        """Remember the key until ``expires_at``; of many callers one gets True."""
        ...


class JweDecrypter(Protocol):
    """The provider's keys for what clients encrypt to it (RFC 7516)."""

    def decrypt(self, unverified_compact: str) -> bytes:
        """What was encrypted to one of our published keys; ``keys.errors.NotDecryptable`` otherwise.

        Nothing is known of who wrote it. Bounded in size, without decompression.
        """
        ...


class IdTokenSigner(Protocol):
    """The provider's signing keys, as the protocol half sees them."""

    def sign(self, payload: Mapping[str, Any], alg: str, typ: str = "JWT") -> str:
        """A compact JWS of the claims under the present key for ``alg``, with ``typ`` and its ``kid`` in the header."""
        ...


class IdTokenHintVerifier(Protocol):
    """Recognition of the provider's own ID tokens, of any age (``id_token_hint``)."""

    def verify_own(self, unverified_token: str) -> dict[str, Any]:
        """The claims, if a published key of ours signed exactly this; ``keys.errors.NotOurToken`` otherwise."""
        ...


class OwnTokenVerifier(Protocol):
    """Recognition of the provider's own JWTs of one kind, of any age."""

    def verify_own(self, unverified_token: str, typ: str) -> dict[str, Any]:
        """The claims, if a published key of ours signed exactly this; ``keys.errors.NotOurToken`` otherwise."""
        ...
