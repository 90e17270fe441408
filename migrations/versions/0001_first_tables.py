"""Make the first tables.

Why:    an empty database becomes one that sign-ins can run on.
Phase:  expand.
Locks:  none that anybody waits for; every table is new.
Personal data: credentials as keyed digests, and who signed in where and when; no name and no other attribute.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    _create_accounts()
    _create_audit_events()
    _create_audit_seals()
    _create_clients()
    _create_installation()
    _create_lookup_key_canaries()
    _create_signing_keys()
    _create_consents()
    _create_credentials()
    _create_subjects()
    _create_browser_sessions()
    _create_grants()
    _create_access_tokens()
    _create_refresh_tokens()


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("account_id", sa.Text(), nullable=False, comment="random"),
        sa.Column("state", sa.Text(), nullable=False, comment="active or suspended"),
        sa.Column("opened_at", sa.BigInteger(), nullable=False, comment="first sign-in"),
        sa.Column(
            "state_changed_at",
            sa.BigInteger(),
            nullable=False,
            comment="last suspension or resumption, at first opened_at",
        ),
        sa.PrimaryKeyConstraint("account_id", name="pk_accounts"),
        sqlite_with_rowid=False,
    )


def _create_audit_events() -> None:
    op.create_table(
        "audit_events",
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
            comment="order of writing",
        ),
        sa.Column("event", sa.Text(), nullable=False, comment="what happened"),
        sa.Column("at", sa.BigInteger(), nullable=False, comment="when"),
        sa.Column("account_id", sa.Text(), nullable=True, comment="to which account"),
        sa.Column("client_id", sa.Text(), nullable=True, comment="RFC 6749: client_id"),
        sa.Column("txn", sa.Text(), nullable=True, comment="RFC 8417 §2.2: txn"),
        sa.Column("outcome", sa.Text(), nullable=False, comment="code of the outcome, or empty"),
        sa.Column("check_ids", sa.Text(), nullable=False, comment="OIDC4IDA: ids of the checks it rests on"),
        sa.PrimaryKeyConstraint("sequence", name="pk_audit_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_events_account_id", "audit_events", ["account_id"], unique=False)
    op.create_index("ix_audit_events_txn", "audit_events", ["txn"], unique=False)


def _create_audit_seals() -> None:
    op.create_table(
        "audit_seals",
        sa.Column(
            "first_sequence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
            comment="first event of the batch",
        ),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False, comment="last event of the batch"),
        sa.Column(
            "previous_digest",
            sa.LargeBinary(),
            nullable=False,
            comment="digest of the seal before; 32 zero bytes for the first",
        ),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 over previous_digest and the events"),
        sa.Column("sealed_at", sa.BigInteger(), nullable=False, comment="when it was sealed"),
        sa.PrimaryKeyConstraint("first_sequence", name="pk_audit_seals"),
        sa.UniqueConstraint("previous_digest", name="uq_audit_seals_previous_digest"),
    )


def _create_clients() -> None:
    op.create_table(
        "clients",
        sa.Column("client_id", sa.Text(), nullable=False, comment="RFC 6749: client_id"),
        sa.Column("client_name", sa.Text(), nullable=False, comment="OIDC Registration: client_name"),
        sa.Column("redirect_uris", sa.Text(), nullable=False, comment="OIDC Registration: redirect_uris"),
        sa.Column("sector", sa.Text(), nullable=False, comment="OIDC Core §8.1: the sector identifier's host or name"),
        sa.Column(
            "token_endpoint_auth_method",
            sa.Text(),
            nullable=False,
            comment="OIDC Registration: token_endpoint_auth_method",
        ),
        sa.Column(
            "id_token_signed_response_alg",
            sa.Text(),
            nullable=False,
            comment="OIDC Registration: id_token_signed_response_alg",
        ),
        sa.Column("scope", sa.Text(), nullable=False, comment="RFC 7591: scope that may be asked for"),
        sa.Column("grant_types", sa.Text(), nullable=False, comment="OIDC Registration: grant_types"),
        sa.Column("require_pkce", sa.Boolean(), nullable=False, comment="RFC 7636 is required of this client"),
        sa.Column(
            "is_reviewed",
            sa.Boolean(),
            nullable=False,
            comment="the operator has checked the name that people are shown",
        ),
        sa.Column("client_uri", sa.Text(), nullable=False, comment="OIDC Registration: client_uri"),
        sa.Column(
            "post_logout_redirect_uris",
            sa.Text(),
            nullable=False,
            comment="OIDC RP-Initiated Logout: post_logout_redirect_uris",
        ),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=True, comment="SHA-256 of the client_secret; null: none"),
        sa.Column("jwks", sa.Text(), nullable=True, comment="OIDC Registration: jwks, JSON of public keys"),
        sa.Column("created_at", sa.BigInteger(), nullable=False, comment="RFC 7591: client_id_issued_at"),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False, comment="SHA-256 over the registered metadata"),
        sa.PrimaryKeyConstraint("client_id", name="pk_clients"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_clients_sector", "clients", ["sector"], unique=False)


def _create_installation() -> None:
    op.create_table(
        "installation",
        sa.Column("installation_id", sa.Integer(), autoincrement=False, nullable=False, comment="always 1"),
        sa.Column("environment", sa.Text(), nullable=False, comment="sandbox or production"),
        sa.Column("issuer", sa.Text(), nullable=False, comment="OIDC Discovery: issuer"),
        sa.Column("created_at", sa.BigInteger(), nullable=False, comment="when the database was made"),
        sa.PrimaryKeyConstraint("installation_id", name="pk_installation"),
    )


def _create_lookup_key_canaries() -> None:
    op.create_table(
        "lookup_key_canaries",
        sa.Column("lookup_key_id", sa.Text(), nullable=False, comment="names the key"),
        sa.Column("canary", sa.LargeBinary(), nullable=False, comment="what only this key makes"),
        sa.Column("created_at", sa.BigInteger(), nullable=False, comment="when the key was first used"),
        sa.PrimaryKeyConstraint("lookup_key_id", name="pk_lookup_key_canaries"),
        sqlite_with_rowid=False,
    )


def _create_signing_keys() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.Text(), nullable=False, comment="RFC 7517: kid"),
        sa.Column("alg", sa.Text(), nullable=False, comment="RFC 7517: alg"),
        sa.Column(
            "encrypted_private_jwk",
            sa.LargeBinary(),
            nullable=False,
            comment="RFC 7517: the private JWK, AEAD bound to kid",
        ),
        sa.Column("public_jwk", sa.Text(), nullable=False, comment="RFC 7517: the public JWK, JSON"),
        sa.Column("created_at", sa.BigInteger(), nullable=False, comment="when it was generated"),
        sa.Column("signs_from", sa.BigInteger(), nullable=False, comment="signs from then on"),
        sa.Column("signs_until", sa.BigInteger(), nullable=True, comment="signs until then; null: until rotated"),
        sa.Column(
            "published_until", sa.BigInteger(), nullable=True, comment="in the JWKS until then; null: while it signs"
        ),
        sa.PrimaryKeyConstraint("kid", name="pk_signing_keys"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_signing_keys_published_until", "signing_keys", ["published_until"], unique=False)


def _create_consents() -> None:
    op.create_table(
        "consents",
        sa.Column("account_id", sa.Text(), nullable=False, comment="who agreed"),
        sa.Column("client_id", sa.Text(), nullable=False, comment="to give to whom"),
        sa.Column("scope", sa.Text(), nullable=False, comment="RFC 6749: scope agreed to"),
        sa.Column("given_at", sa.BigInteger(), nullable=False, comment="when the person agreed"),
        sa.Column("expires_at", sa.BigInteger(), nullable=False, comment="after it the person is asked again"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name="fk_consents_account_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["client_id"], ["clients.client_id"], name="fk_consents_client_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "client_id", name="pk_consents"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_consents_client_id", "consents", ["client_id"], unique=False)
    op.create_index("ix_consents_expires_at", "consents", ["expires_at"], unique=False)


def _create_credentials() -> None:
    op.create_table(
        "credentials",
        sa.Column("credential_id", sa.Text(), nullable=False, comment="random"),
        sa.Column("account_id", sa.Text(), nullable=False, comment="whose it is"),
        sa.Column("lookup_key_id", sa.Text(), nullable=False, comment="which look-up key made the digest"),
        sa.Column(
            "lookup_digest", sa.LargeBinary(), nullable=False, comment="HMAC-SHA-256 of (issuer key, serial number)"
        ),
        sa.Column("profile", sa.Text(), nullable=False, comment="credential profile"),
        sa.Column("kind", sa.Text(), nullable=False, comment="card, phone …"),
        sa.Column("valid_until", sa.BigInteger(), nullable=False, comment="RFC 5280: notAfter"),
        sa.Column("state", sa.Text(), nullable=False, comment="active, suspended or revoked"),
        sa.Column("state_changed_at", sa.BigInteger(), nullable=False, comment="when it came into this state"),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False, comment="first sign-in with it"),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False, comment="last sign-in with it, to the day"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name="fk_credentials_account_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("credential_id", name="pk_credentials"),
        sa.UniqueConstraint("lookup_key_id", "lookup_digest", name="uq_credentials_lookup_key_id_lookup_digest"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_credentials_account_id", "credentials", ["account_id"], unique=False)


def _create_subjects() -> None:
    op.create_table(
        "subjects",
        sa.Column("account_id", sa.Text(), nullable=False, comment="whose it is"),
        sa.Column("sector", sa.Text(), nullable=False, comment="OIDC Core §8.1: sector identifier"),
        sa.Column("sub", sa.Text(), nullable=False, comment="OIDC Core §2: sub, 256 random bits"),
        sa.Column("created_at", sa.BigInteger(), nullable=False, comment="first grant in this sector"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name="fk_subjects_account_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "sector", name="pk_subjects"),
        sa.UniqueConstraint("sub", name="uq_subjects_sub"),
        sqlite_with_rowid=False,
    )


def _create_browser_sessions() -> None:
    op.create_table(
        "browser_sessions",
        sa.Column("session_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the cookie's value"),
        sa.Column("account_id", sa.Text(), nullable=False, comment="who is signed in"),
        sa.Column("credential_id", sa.Text(), nullable=False, comment="with which credential"),
        sa.Column("auth_time", sa.BigInteger(), nullable=False, comment="OIDC Core §2: auth_time"),
        sa.Column("acr", sa.Text(), nullable=False, comment="OIDC Core §2: acr"),
        sa.Column("amr", sa.Text(), nullable=False, comment="OIDC Core §2: amr"),
        sa.Column(
            "status_time",
            sa.BigInteger(),
            nullable=True,
            comment="as of when the certificate was known not to be revoked",
        ),
        sa.Column("created_at", sa.BigInteger(), nullable=False, comment="when it began"),
        sa.Column("last_used_at", sa.BigInteger(), nullable=False, comment="last request to /authorize with it"),
        sa.Column("expires_at", sa.BigInteger(), nullable=False, comment="when it ends"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name="fk_browser_sessions_account_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["credential_id"],
            ["credentials.credential_id"],
            name="fk_browser_sessions_credential_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_hash", name="pk_browser_sessions"),
    )
    op.create_index("ix_browser_sessions_account_id", "browser_sessions", ["account_id"], unique=False)
    op.create_index("ix_browser_sessions_credential_id", "browser_sessions", ["credential_id"], unique=False)
    op.create_index("ix_browser_sessions_expires_at", "browser_sessions", ["expires_at"], unique=False)


def _create_grants() -> None:
    op.create_table(
        "grants",
        sa.Column("grant_id", sa.Text(), nullable=False, comment="random"),
        sa.Column("client_id", sa.Text(), nullable=False, comment="RFC 6749: client_id"),
        sa.Column("account_id", sa.Text(), nullable=False, comment="who granted"),
        sa.Column("credential_id", sa.Text(), nullable=False, comment="signed in with what"),
        sa.Column("session_hash", sa.LargeBinary(), nullable=False, comment="the browser session it came from"),
        sa.Column("sub", sa.Text(), nullable=False, comment="OIDC Core §2: sub in tokens of this grant"),
        sa.Column(
            "redirect_uri", sa.Text(), nullable=False, comment="RFC 6749 §4.1.3: redirect_uri the code is bound to"
        ),
        sa.Column("scope", sa.Text(), nullable=False, comment="RFC 6749: scope granted"),
        sa.Column("nonce", sa.Text(), nullable=True, comment="OIDC Core §3.1.2.1: nonce"),
        sa.Column("code_challenge", sa.Text(), nullable=True, comment="RFC 7636: code_challenge, S256"),
        sa.Column("auth_time", sa.BigInteger(), nullable=False, comment="OIDC Core §2: auth_time"),
        sa.Column("acr", sa.Text(), nullable=False, comment="OIDC Core §2: acr"),
        sa.Column("amr", sa.Text(), nullable=False, comment="OIDC Core §2: amr"),
        sa.Column(
            "status_time",
            sa.BigInteger(),
            nullable=True,
            comment="as of when the certificate was known not to be revoked",
        ),
        sa.Column("txn", sa.Text(), nullable=False, comment="RFC 8417 §2.2: txn, the sign-in's name in log and audit"),
        sa.Column("created_at", sa.BigInteger(), nullable=False, comment="when it was granted"),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the authorization code"),
        sa.Column("code_expires_at", sa.BigInteger(), nullable=False, comment="RFC 6749 §4.1.2: end of the code"),
        sa.Column("code_spent_at", sa.BigInteger(), nullable=True, comment="when the code was redeemed; null: not yet"),
        sa.Column(
            "revoked_at", sa.BigInteger(), nullable=True, comment="when the grant and its tokens ended; null: not"
        ),
        sa.Column(
            "expires_at",
            sa.BigInteger(),
            nullable=False,
            comment="no code or token of it lived longer when this was last looked at",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name="fk_grants_account_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["client_id"], ["clients.client_id"], name="fk_grants_client_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["credential_id"], ["credentials.credential_id"], name="fk_grants_credential_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("grant_id", name="pk_grants"),
        sa.UniqueConstraint("code_hash", name="uq_grants_code_hash"),
    )
    op.create_index("ix_grants_account_id", "grants", ["account_id"], unique=False)
    op.create_index("ix_grants_client_id", "grants", ["client_id"], unique=False)
    op.create_index("ix_grants_credential_id", "grants", ["credential_id"], unique=False)
    op.create_index("ix_grants_expires_at", "grants", ["expires_at"], unique=False)
    op.create_index("ix_grants_txn", "grants", ["txn"], unique=False)


def _create_access_tokens() -> None:
    op.create_table(
        "access_tokens",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the token"),
        sa.Column("grant_id", sa.Text(), nullable=False, comment="what it hangs on"),
        sa.Column("scope", sa.Text(), nullable=False, comment="RFC 6749: scope of this token"),
        sa.Column("created_at", sa.BigInteger(), nullable=False, comment="RFC 7662: iat"),
        sa.Column("expires_at", sa.BigInteger(), nullable=False, comment="RFC 7662: exp"),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["grants.grant_id"], name="fk_access_tokens_grant_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_access_tokens"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_access_tokens_expires_at", "access_tokens", ["expires_at"], unique=False)
    op.create_index("ix_access_tokens_grant_id", "access_tokens", ["grant_id"], unique=False)


def _create_refresh_tokens() -> None:
    op.create_table(
        "refresh_tokens",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the token"),
        sa.Column("grant_id", sa.Text(), nullable=False, comment="what it hangs on"),
        sa.Column("scope", sa.Text(), nullable=False, comment="RFC 6749: scope of this token"),
        sa.Column("created_at", sa.BigInteger(), nullable=False, comment="when it was issued"),
        sa.Column("expires_at", sa.BigInteger(), nullable=False, comment="when it ends, spent or not"),
        sa.Column("spent_at", sa.BigInteger(), nullable=True, comment="when it was rotated; null: not yet"),
        sa.Column("grace_uses", sa.Integer(), nullable=False, comment="uses after spent_at within the grace window"),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["grants.grant_id"], name="fk_refresh_tokens_grant_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_refresh_tokens"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_refresh_tokens_expires_at", "refresh_tokens", ["expires_at"], unique=False)
    op.create_index("ix_refresh_tokens_grant_id", "refresh_tokens", ["grant_id"], unique=False)
