"""The durable tables, in SQLAlchemy's words: what migrations are compared with and what administration maps.

Times are whole seconds since 1970 (BIGINT), lists are words separated by one space, hashes are raw bytes. Every table
with rows that end has ``expires_at``, by which ``ops.purge`` finds them. Tables stand in one module, however long,
because foreign keys tie them and a reader wants the database on one page; what hangs on one part alone has its own.
"""

from sqlalchemy import Index, Integer, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from idp.stores.sql import schema_logout, schema_registration
from idp.stores.sql.schema_columns import HASH_KEYED as _HASH_KEYED
from idp.stores.sql.schema_columns import SEQUENCE as _SEQUENCE
from idp.stores.sql.schema_columns import Base as Base
from idp.stores.sql.schema_columns import key_column as _key
from idp.stores.sql.schema_columns import owner_column as _owner
from idp.stores.sql.schema_columns import plain_column as _column

# With the tables of this module everything that the database has.
PARTS = (schema_registration, schema_logout)


class InstallationRow(Base):
    """What this database was made for; one row, never changed."""

    __tablename__ = "installation"
    installation_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False, comment="always 1")
    environment: Mapped[str] = _column("sandbox or production")
    issuer: Mapped[str] = _column("OIDC Discovery: issuer")
    created_at: Mapped[int] = _column("when the database was made")


class ClientRow(Base):
    """Registered relying parties (OIDC Registration §2)."""

    __tablename__ = "clients"
    __table_args__ = (Index(None, "sector"), _HASH_KEYED)
    client_id: Mapped[str] = _key("RFC 6749: client_id")
    client_name: Mapped[str] = _column("OIDC Registration: client_name")
    redirect_uris: Mapped[str] = _column("OIDC Registration: redirect_uris")
    sector: Mapped[str] = _column("OIDC Core §8.1: the sector identifier's host or name")
    token_endpoint_auth_method: Mapped[str] = _column("OIDC Registration: token_endpoint_auth_method")
    id_token_signed_response_alg: Mapped[str] = _column("OIDC Registration: id_token_signed_response_alg")
    scope: Mapped[str] = _column("RFC 7591: scope that may be asked for")
    grant_types: Mapped[str] = _column("OIDC Registration: grant_types")
    require_pkce: Mapped[bool] = _column("RFC 7636 is required of this client")
    is_reviewed: Mapped[bool] = _column("the operator has checked the name that people are shown")
    client_uri: Mapped[str] = _column("OIDC Registration: client_uri")
    post_logout_redirect_uris: Mapped[str] = _column("OIDC RP-Initiated Logout: post_logout_redirect_uris")
    secret_hash: Mapped[bytes | None] = _column("SHA-256 of the client_secret; null: none")
    jwks: Mapped[str | None] = _column("OIDC Registration: jwks, JSON of public keys")
    created_at: Mapped[int] = _column("RFC 7591: client_id_issued_at")
    fingerprint: Mapped[bytes] = _column("SHA-256 over the registered metadata")
    is_lawful_verifier: Mapped[bool] = mapped_column(
        server_default=false(), comment="the operator has registered its legal basis for values and serial numbers"
    )
    evidence_retention_days: Mapped[int | None] = _column("how long its evidence is kept; null: as the settings say")
    options: Mapped[str] = mapped_column(server_default="{}", comment="RFC 7591: members not every client has, JSON")


class ClientNoteRow(Base):
    """What happened to a client's requests, for its developer."""

    __tablename__ = "client_notes"
    __table_args__ = (Index(None, "client_id"), Index(None, "expires_at"), {"sqlite_autoincrement": True})
    sequence: Mapped[int] = mapped_column(_SEQUENCE, primary_key=True, autoincrement=True, comment="order of writing")
    client_id: Mapped[str] = _owner("clients.client_id", "RFC 6749: client_id")
    at: Mapped[int] = _column("when")
    place: Mapped[str] = _column("route, or claims")
    outcome: Mapped[str] = _column("error code, reason, or answered")
    detail: Mapped[str] = _column("more in words of ours")
    reference: Mapped[str] = _column("number that the answer or the log has")
    expires_at: Mapped[int] = _column("kept until then")


class AccountRow(Base):
    """Persons, without a name."""

    __tablename__ = "accounts"
    __table_args__ = (_HASH_KEYED,)
    account_id: Mapped[str] = _key("random")
    state: Mapped[str] = _column("active or suspended")
    opened_at: Mapped[int] = _column("first sign-in")
    state_changed_at: Mapped[int] = _column("last suspension or resumption, at first opened_at")


class CredentialRow(Base):
    """Certificates that accounts sign in with, each only as a keyed digest."""

    __tablename__ = "credentials"
    __table_args__ = (
        UniqueConstraint("lookup_key_id", "lookup_digest"),
        Index(None, "account_id"),
        Index(None, "status_due_at"),
        _HASH_KEYED,
    )
    credential_id: Mapped[str] = _key("random")
    account_id: Mapped[str] = _owner("accounts.account_id", "whose it is")
    lookup_key_id: Mapped[str] = _column("which look-up key made the digest")
    lookup_digest: Mapped[bytes] = _column("HMAC-SHA-256 of (issuer key, serial number)")
    profile: Mapped[str] = _column("credential profile")
    kind: Mapped[str] = _column("card, phone …")
    valid_until: Mapped[int] = _column("RFC 5280: notAfter")
    state: Mapped[str] = _column("active, suspended or revoked")
    state_changed_at: Mapped[int] = _column("when it came into this state")
    first_seen_at: Mapped[int] = _column("first sign-in with it")
    last_seen_at: Mapped[int] = _column("last sign-in with it, to the day")
    link_digest: Mapped[bytes | None] = _column("link_digest of whom an operator named for it; null: nobody was asked")
    sealed_serial: Mapped[str | None] = _column("issuer and serial number, encrypted for lookup_digest; null: not kept")
    status_due_at: Mapped[int | None] = _column("when its status is to be asked for; null: with sealed_serial")
    status_time: Mapped[int | None] = _column("as of when a later question found it not revoked; null: none was put")
    listed_by: Mapped[str | None] = _column(
        "which lists of its authority there were when one told of it; empty: none did; null: not known"
    )


class LookupKeyCanaryRow(Base):
    """Proofs that look-up keys are the ones they were."""

    __tablename__ = "lookup_key_canaries"
    __table_args__ = (_HASH_KEYED,)
    lookup_key_id: Mapped[str] = _key("names the key")
    canary: Mapped[bytes] = _column("what only this key makes")
    created_at: Mapped[int] = _column("when the key was first used")


class SubjectRow(Base):
    """By which ``sub`` a sector knows an account (OIDC Core §8.1)."""

    __tablename__ = "subjects"
    __table_args__ = (UniqueConstraint("sub"), _HASH_KEYED)
    account_id: Mapped[str] = _owner("accounts.account_id", "whose it is", primary_key=True)
    sector: Mapped[str] = _key("OIDC Core §8.1: sector identifier")
    sub: Mapped[str] = _column("OIDC Core §2: sub, 256 random bits")
    created_at: Mapped[int] = _column("first grant in this sector")


class AccountLinkRow(Base):
    """Persons as a platform operator names them, each only as a keyed digest, and the account they reach."""

    __tablename__ = "account_links"
    __table_args__ = (Index(None, "account_id"), _HASH_KEYED)
    lookup_key_id: Mapped[str] = _key("which look-up key made the digest")
    link_digest: Mapped[bytes] = _key("HMAC-SHA-256 of (operator, person)")
    account_id: Mapped[str] = _owner("accounts.account_id", "whose it is")
    check_id: Mapped[str] = _column("OIDC4IDA: the check in which the operator said so")
    linked_at: Mapped[int] = _column("when it was recorded")


class AttachmentRow(Base):
    """Credentials that joined an account by ceremony or decision: by whom, and until when that is announced."""

    __tablename__ = "attachments"
    __table_args__ = (Index(None, "account_id"), Index(None, "attached_by"), _HASH_KEYED)
    credential_id: Mapped[str] = _owner("credentials.credential_id", "what was attached", primary_key=True)
    account_id: Mapped[str] = _owner("accounts.account_id", "to which account")
    attached_by: Mapped[str | None] = _column("the credential that vouched; null: two operators decided")
    attached_at: Mapped[int] = _column("when")
    announced_until: Mapped[int] = _column("until then an older credential may undo it")


class LinkRequestRow(Base):
    """Requests to attach a credential to an account, waiting for two operators."""

    __tablename__ = "link_requests"
    __table_args__ = (Index(None, "account_id"), Index(None, "expires_at"), _HASH_KEYED)
    request_id: Mapped[str] = _key("random")
    account_id: Mapped[str] = _owner("accounts.account_id", "to which account")
    lookup_key_id: Mapped[str] = _column("which look-up key made the digest")
    lookup_digest: Mapped[bytes] = _column("HMAC-SHA-256 of (issuer key, serial number)")
    profile: Mapped[str] = _column("credential profile")
    kind: Mapped[str] = _column("card, phone …")
    valid_until: Mapped[int] = _column("RFC 5280: notAfter")
    txn: Mapped[str] = _column("RFC 8417 §2.2: txn of the sign-in that asked")
    state: Mapped[str] = _column("pending, approved or rejected")
    first_operator: Mapped[str | None] = _column("who approved first; null: nobody")
    decided_by: Mapped[str | None] = _column("who decided at last; null: nobody yet")
    requested_at: Mapped[int] = _column("when")
    expires_at: Mapped[int] = _column("without decision it ends then")


class AccountMergeRow(Base):
    """Accounts found to be one person's, and what was moved, so that it can be moved back."""

    __tablename__ = "account_merges"
    __table_args__ = (Index(None, "from_account_id"), Index(None, "into_account_id"), _HASH_KEYED)
    merge_id: Mapped[str] = _key("random")
    from_account_id: Mapped[str] = _owner("accounts.account_id", "which account closed")
    into_account_id: Mapped[str] = _owner("accounts.account_id", "which account goes on")
    merged_at: Mapped[int] = _column("when")
    undone_at: Mapped[int | None] = _column("when it was undone; null: it holds")


class AccountMergeItemRow(Base):
    """What a merge moved, by kind and key."""

    __tablename__ = "account_merge_items"
    __table_args__ = (_HASH_KEYED,)
    merge_id: Mapped[str] = _owner("account_merges.merge_id", "which merge", primary_key=True)
    kind: Mapped[str] = _key("credential, subject, consent or link")
    item: Mapped[str] = _key("credential_id, sector, client_id, or key id and digest")


class ConsentRow(Base):
    """What a person agreed to give a client, to be asked no more until it expires."""

    __tablename__ = "consents"
    __table_args__ = (Index(None, "client_id"), Index(None, "expires_at"), _HASH_KEYED)
    account_id: Mapped[str] = _owner("accounts.account_id", "who agreed", primary_key=True)
    client_id: Mapped[str] = _owner("clients.client_id", "to give to whom", primary_key=True)
    scope: Mapped[str] = _column("RFC 6749: scope agreed to")
    given_at: Mapped[int] = _column("when the person agreed")
    expires_at: Mapped[int] = _column("after it the person is asked again")


class ReleasedClaimsRow(Base):
    """What a grant releases about a person, encrypted; it goes with the grant."""

    __tablename__ = "released_claims"
    __table_args__ = (Index(None, "credential_id"), _HASH_KEYED)
    grant_id: Mapped[str] = _owner("grants.grant_id", "under which grant", primary_key=True)
    sealed: Mapped[str] = _column("OIDC Core §5.3.2: claims, encrypted for grant_id")
    credential_id: Mapped[str | None] = _column("the signing certificate they come from; null: none")


class AnsweredQuestionRow(Base):
    """Questions about a person that one sector got answered, so that a value cannot be searched out."""

    __tablename__ = "answered_questions"
    __table_args__ = (_HASH_KEYED,)
    account_id: Mapped[str] = _owner("accounts.account_id", "about whom", primary_key=True)
    sector: Mapped[str] = _key("OIDC Core §8.1: sector identifier")
    kind: Mapped[str] = _key("age or residence")
    name: Mapped[str] = _key("the exact question")
    answered_at: Mapped[int] = _column("when it was last answered")


class BrowserSessionRow(Base):
    """Browsers in which a person is signed in."""

    __tablename__ = "browser_sessions"
    __table_args__ = (Index(None, "account_id"), Index(None, "credential_id"), Index(None, "expires_at"))
    session_hash: Mapped[bytes] = _key("SHA-256 of the cookie's value")
    origin_hash: Mapped[bytes | None] = _column("session_hash of the first of a row of renewals; null: its own")
    account_id: Mapped[str] = _owner("accounts.account_id", "who is signed in")
    credential_id: Mapped[str] = _owner("credentials.credential_id", "with which credential")
    auth_time: Mapped[int] = _column("OIDC Core §2: auth_time")
    acr: Mapped[str] = _column("OIDC Core §2: acr")
    amr: Mapped[str] = _column("OIDC Core §2: amr")
    status_time: Mapped[int | None] = _column("as of when the certificate was known not to be revoked")
    created_at: Mapped[int] = _column("when it began")
    last_used_at: Mapped[int] = _column("last request to /authorize with it")
    expires_at: Mapped[int] = _column("when it ends")


class GrantRow(Base):
    """What one sign-in gave one client, with the one code that redeems it."""

    __tablename__ = "grants"
    __table_args__ = (
        UniqueConstraint("code_hash"),
        Index(None, "client_id", "code_challenge"),
        Index(None, "client_id", "nonce"),
        Index(None, "account_id"),
        Index(None, "credential_id"),
        Index(None, "txn", unique=True),
        Index(None, "expires_at"),
    )
    grant_id: Mapped[str] = _key("random")
    client_id: Mapped[str] = _owner("clients.client_id", "RFC 6749: client_id")
    account_id: Mapped[str] = _owner("accounts.account_id", "who granted")
    credential_id: Mapped[str] = _owner("credentials.credential_id", "signed in with what")
    session_hash: Mapped[bytes] = _column("the browser session it came from")
    sub: Mapped[str] = _column("OIDC Core §2: sub in tokens of this grant")
    redirect_uri: Mapped[str] = _column("RFC 6749 §4.1.3: redirect_uri the code is bound to")
    scope: Mapped[str] = _column("RFC 6749: scope granted")
    nonce: Mapped[str | None] = _column("OIDC Core §3.1.2.1: nonce")
    code_challenge: Mapped[str | None] = _column("RFC 7636: code_challenge, S256")
    auth_time: Mapped[int] = _column("OIDC Core §2: auth_time")
    acr: Mapped[str] = _column("OIDC Core §2: acr")
    amr: Mapped[str] = _column("OIDC Core §2: amr")
    status_time: Mapped[int | None] = _column("as of when the certificate was known not to be revoked")
    txn: Mapped[str] = _column("RFC 8417 §2.2: txn, the sign-in's name in log and audit")
    created_at: Mapped[int] = _column("when it was granted")
    code_hash: Mapped[bytes] = _column("SHA-256 of the authorization code")
    code_expires_at: Mapped[int] = _column("RFC 6749 §4.1.2: end of the code")
    code_spent_at: Mapped[int | None] = _column("when the code was redeemed; null: not yet")
    revoked_at: Mapped[int | None] = _column("when the grant and its tokens ended; null: not")
    expires_at: Mapped[int] = _column("no code or token of it lived longer when this was last looked at")
    dpop_jkt: Mapped[str | None] = _column("RFC 9449 §10: dpop_jkt, the key the code is bound to; null: none")
    resources: Mapped[str] = mapped_column(
        server_default="", comment="RFC 8707: resource granted; empty: userinfo alone"
    )
    authorization_details: Mapped[str | None] = _column("RFC 9396 §7: authorization_details granted, JSON")


class AccessTokenRow(Base):
    """Access tokens, by hash."""

    __tablename__ = "access_tokens"
    __table_args__ = (Index(None, "grant_id"), Index(None, "expires_at"), _HASH_KEYED)
    token_hash: Mapped[bytes] = _key("SHA-256 of the token")
    grant_id: Mapped[str] = _owner("grants.grant_id", "what it hangs on")
    scope: Mapped[str] = _column("RFC 6749: scope of this token")
    created_at: Mapped[int] = _column("RFC 7662: iat")
    expires_at: Mapped[int] = _column("RFC 7662: exp")
    cnf: Mapped[str | None] = _column("RFC 7800: cnf, the key it is bound to, JSON; null: none")
    audience: Mapped[str] = mapped_column(server_default="", comment="RFC 8707: resource it is for; empty: userinfo")
    authorization_details: Mapped[str | None] = _column(
        "RFC 9396 §7: authorization_details of this token, JSON; null: those of its grant"
    )


class RefreshTokenRow(Base):
    """Refresh tokens, by hash, spent ones included until they expire (RFC 9700 §4.14.2)."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (Index(None, "grant_id"), Index(None, "expires_at"), _HASH_KEYED)
    token_hash: Mapped[bytes] = _key("SHA-256 of the token")
    grant_id: Mapped[str] = _owner("grants.grant_id", "what it hangs on")
    scope: Mapped[str] = _column("RFC 6749: scope of this token")
    created_at: Mapped[int] = _column("when it was issued")
    expires_at: Mapped[int] = _column("when it ends, spent or not")
    spent_at: Mapped[int | None] = _column("when it was rotated; null: not yet")
    grace_uses: Mapped[int] = mapped_column(Integer, comment="uses after spent_at within the grace window")
    cnf: Mapped[str | None] = _column("RFC 7800: cnf, the key it is bound to, JSON; null: none")


class EvidenceRow(Base):
    """What was checked, agreed to and told in a sign-in; it outlives grant, account and client."""

    __tablename__ = "evidence"
    __table_args__ = (Index(None, "account_id"), Index(None, "client_id"), Index(None, "expires_at"))
    txn: Mapped[str] = _key("RFC 8417 §2.2: txn of the sign-in")
    client_id: Mapped[str] = _column("RFC 6749: client_id it was made for; the client may be gone")
    account_id: Mapped[str] = _column("who was checked; the account may be gone")
    sub: Mapped[str] = _column("OIDC Core §2: sub by which the client knows the person")
    certificates: Mapped[str] = _column("OIDC4IDA §5: kinds, procedures and checks, JSON")
    claim_names: Mapped[str] = _column("OIDC Core §5.1: names of the claims released")
    consent_items: Mapped[str] = _column("what the person agreed to, by key")
    statement_hash: Mapped[bytes | None] = _column("SHA-256 of the text signed; null: none was")
    sealed: Mapped[str | None] = _column("values and statement, encrypted for txn; null: no legal basis")
    recorded_at: Mapped[int] = _column("when it was made, with the grant")
    expires_at: Mapped[int] = _column("kept until then, and longer while held")
    held_at: Mapped[int | None] = _column("legal hold since then; null: none")


class SigningKeyRow(Base):
    """The provider's own keys, private parts encrypted under the key-encryption key."""

    __tablename__ = "signing_keys"
    __table_args__ = (Index(None, "published_until"), _HASH_KEYED)
    kid: Mapped[str] = _key("RFC 7517: kid")
    alg: Mapped[str] = _column("RFC 7517: alg")
    encrypted_private_jwk: Mapped[bytes] = _column("RFC 7517: the private JWK, AEAD bound to kid")
    public_jwk: Mapped[str] = _column("RFC 7517: the public JWK, JSON")
    created_at: Mapped[int] = _column("when it was generated")
    signs_from: Mapped[int] = _column("signs from then on")
    signs_until: Mapped[int | None] = _column("signs until then; null: until rotated")
    published_until: Mapped[int | None] = _column("in the JWKS until then; null: while it signs")
    erased_at: Mapped[int | None] = _column("the public half stands for the private one since then; null: not yet")
    revoked_at: Mapped[int | None] = _column("withdrawn in an emergency then, nothing is left of it; null: never")


class AuditEventRow(Base):
    """What happened, each row written in the transaction of the change it tells of."""

    __tablename__ = "audit_events"
    __table_args__ = (Index(None, "txn"), Index(None, "account_id"), {"sqlite_autoincrement": True})
    sequence: Mapped[int] = mapped_column(_SEQUENCE, primary_key=True, autoincrement=True, comment="order of writing")
    event: Mapped[str] = _column("what happened")
    at: Mapped[int] = _column("when")
    account_id: Mapped[str | None] = _column("to which account")
    client_id: Mapped[str | None] = _column("RFC 6749: client_id")
    txn: Mapped[str | None] = _column("RFC 8417 §2.2: txn")
    outcome: Mapped[str] = _column("code of the outcome, or empty")
    check_ids: Mapped[str] = _column("OIDC4IDA: ids of the checks it rests on")


class AuditSealRow(Base):
    """Hash-chained seals over batches of audit events: whoever changes one changes all that follow."""

    __tablename__ = "audit_seals"
    __table_args__ = (UniqueConstraint("previous_digest"),)
    first_sequence: Mapped[int] = mapped_column(
        _SEQUENCE, primary_key=True, autoincrement=False, comment="first event of the batch"
    )
    last_sequence: Mapped[int] = _column("last event of the batch")
    previous_digest: Mapped[bytes] = _column("digest of the seal before; 32 zero bytes for the first")
    digest: Mapped[bytes] = _column("SHA-256 over previous_digest and the events")
    sealed_at: Mapped[int] = _column("when it was sealed")
