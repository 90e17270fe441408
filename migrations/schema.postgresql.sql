-- Written by `python -m idp.stores.sql.schema_dump migrations`; a test holds it to the migrations.

-- access_tokens
--   token_hash: SHA-256 of the token
--   grant_id: what it hangs on
--   scope: RFC 6749: scope of this token
--   created_at: RFC 7662: iat
--   expires_at: RFC 7662: exp
--   cnf: RFC 7800: cnf, the key it is bound to, JSON; null: none
--   audience: RFC 8707: resource it is for; empty: userinfo
--   authorization_details: RFC 9396 §7: authorization_details of this token, JSON; null: those of its grant
CREATE TABLE access_tokens (
    token_hash BYTEA NOT NULL,
    grant_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    cnf TEXT,
    audience TEXT DEFAULT '' NOT NULL,
    authorization_details TEXT,
    CONSTRAINT pk_access_tokens PRIMARY KEY (token_hash),
    CONSTRAINT fk_access_tokens_grant_id FOREIGN KEY(grant_id) REFERENCES grants (grant_id) ON DELETE CASCADE
);
CREATE INDEX ix_access_tokens_expires_at ON access_tokens (expires_at);
CREATE INDEX ix_access_tokens_grant_id ON access_tokens (grant_id);

-- account_links
--   lookup_key_id: which look-up key made the digest
--   link_digest: HMAC-SHA-256 of (operator, person)
--   account_id: whose it is
--   check_id: OIDC4IDA: the check in which the operator said so
--   linked_at: when it was recorded
CREATE TABLE account_links (
    lookup_key_id TEXT NOT NULL,
    link_digest BYTEA NOT NULL,
    account_id TEXT NOT NULL,
    check_id TEXT NOT NULL,
    linked_at BIGINT NOT NULL,
    CONSTRAINT pk_account_links PRIMARY KEY (lookup_key_id, link_digest),
    CONSTRAINT fk_account_links_account_id FOREIGN KEY(account_id) REFERENCES accounts (account_id) ON DELETE CASCADE
);
CREATE INDEX ix_account_links_account_id ON account_links (account_id);

-- account_merge_items
--   merge_id: which merge
--   kind: credential, subject, consent or link
--   item: credential_id, sector, client_id, or key id and digest
CREATE TABLE account_merge_items (
    merge_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    item TEXT NOT NULL,
    CONSTRAINT pk_account_merge_items PRIMARY KEY (merge_id, kind, item),
    CONSTRAINT fk_account_merge_items_merge_id FOREIGN KEY(merge_id) REFERENCES account_merges (merge_id) ON DELETE CASCADE
);

-- account_merges
--   merge_id: random
--   from_account_id: which account closed
--   into_account_id: which account goes on
--   merged_at: when
--   undone_at: when it was undone; null: it holds
CREATE TABLE account_merges (
    merge_id TEXT NOT NULL,
    from_account_id TEXT NOT NULL,
    into_account_id TEXT NOT NULL,
    merged_at BIGINT NOT NULL,
    undone_at BIGINT,
    CONSTRAINT pk_account_merges PRIMARY KEY (merge_id),
    CONSTRAINT fk_account_merges_from_account_id FOREIGN KEY(from_account_id) REFERENCES accounts (account_id) ON DELETE CASCADE,
    CONSTRAINT fk_account_merges_into_account_id FOREIGN KEY(into_account_id) REFERENCES accounts (account_id) ON DELETE CASCADE
);
CREATE INDEX ix_account_merges_from_account_id ON account_merges (from_account_id);
CREATE INDEX ix_account_merges_into_account_id ON account_merges (into_account_id);

-- accounts
--   account_id: random
--   state: active or suspended
--   opened_at: first sign-in
--   state_changed_at: last suspension or resumption, at first opened_at
CREATE TABLE accounts (
    account_id TEXT NOT NULL,
    state TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    state_changed_at BIGINT NOT NULL,
    CONSTRAINT pk_accounts PRIMARY KEY (account_id)
);

-- answered_questions
--   account_id: about whom
--   sector: OIDC Core §8.1: sector identifier
--   kind: age or residence
--   name: the exact question
--   answered_at: when it was last answered
CREATE TABLE answered_questions (
    account_id TEXT NOT NULL,
    sector TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    answered_at BIGINT NOT NULL,
    CONSTRAINT pk_answered_questions PRIMARY KEY (account_id, sector, kind, name),
    CONSTRAINT fk_answered_questions_account_id FOREIGN KEY(account_id) REFERENCES accounts (account_id) ON DELETE CASCADE
);

-- attachments
--   credential_id: what was attached
--   account_id: to which account
--   attached_by: the credential that vouched; null: two operators decided
--   attached_at: when
--   announced_until: until then an older credential may undo it
CREATE TABLE attachments (
    credential_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    attached_by TEXT,
    attached_at BIGINT NOT NULL,
    announced_until BIGINT NOT NULL,
    CONSTRAINT pk_attachments PRIMARY KEY (credential_id),
    CONSTRAINT fk_attachments_credential_id FOREIGN KEY(credential_id) REFERENCES credentials (credential_id) ON DELETE CASCADE,
    CONSTRAINT fk_attachments_account_id FOREIGN KEY(account_id) REFERENCES accounts (account_id) ON DELETE CASCADE
);
CREATE INDEX ix_attachments_account_id ON attachments (account_id);
CREATE INDEX ix_attachments_attached_by ON attachments (attached_by);

-- audit_events
--   sequence: order of writing
--   event: what happened
--   at: when
--   account_id: to which account
--   client_id: RFC 6749: client_id
--   txn: RFC 8417 §2.2: txn
--   outcome: code of the outcome, or empty
--   check_ids: OIDC4IDA: ids of the checks it rests on
CREATE TABLE audit_events (
    sequence BIGSERIAL NOT NULL,
    event TEXT NOT NULL,
    at BIGINT NOT NULL,
    account_id TEXT,
    client_id TEXT,
    txn TEXT,
    outcome TEXT NOT NULL,
    check_ids TEXT NOT NULL,
    CONSTRAINT pk_audit_events PRIMARY KEY (sequence)
);
CREATE INDEX ix_audit_events_account_id ON audit_events (account_id);
CREATE INDEX ix_audit_events_txn ON audit_events (txn);

-- audit_seals
--   first_sequence: first event of the batch
--   last_sequence: last event of the batch
--   previous_digest: digest of the seal before; 32 zero bytes for the first
--   digest: SHA-256 over previous_digest and the events
--   sealed_at: when it was sealed
CREATE TABLE audit_seals (
    first_sequence BIGINT NOT NULL,
    last_sequence BIGINT NOT NULL,
    previous_digest BYTEA NOT NULL,
    digest BYTEA NOT NULL,
    sealed_at BIGINT NOT NULL,
    CONSTRAINT pk_audit_seals PRIMARY KEY (first_sequence),
    CONSTRAINT uq_audit_seals_previous_digest UNIQUE (previous_digest)
);

-- browser_sessions
--   session_hash: SHA-256 of the cookie's value
--   origin_hash: session_hash of the first of a row of renewals; null: its own
--   account_id: who is signed in
--   credential_id: with which credential
--   auth_time: OIDC Core §2: auth_time
--   acr: OIDC Core §2: acr
--   amr: OIDC Core §2: amr
--   status_time: as of when the certificate was known not to be revoked
--   created_at: when it began
--   last_used_at: last request to /authorize with it
--   expires_at: when it ends
CREATE TABLE browser_sessions (
    session_hash BYTEA NOT NULL,
    origin_hash BYTEA,
    account_id TEXT NOT NULL,
    credential_id TEXT NOT NULL,
    auth_time BIGINT NOT NULL,
    acr TEXT NOT NULL,
    amr TEXT NOT NULL,
    status_time BIGINT,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    CONSTRAINT pk_browser_sessions PRIMARY KEY (session_hash),
    CONSTRAINT fk_browser_sessions_account_id FOREIGN KEY(account_id) REFERENCES accounts (account_id) ON DELETE CASCADE,
    CONSTRAINT fk_browser_sessions_credential_id FOREIGN KEY(credential_id) REFERENCES credentials (credential_id) ON DELETE CASCADE
);
CREATE INDEX ix_browser_sessions_account_id ON browser_sessions (account_id);
CREATE INDEX ix_browser_sessions_credential_id ON browser_sessions (credential_id);
CREATE INDEX ix_browser_sessions_expires_at ON browser_sessions (expires_at);

-- client_notes
--   sequence: order of writing
--   client_id: RFC 6749: client_id
--   at: when
--   place: route, or claims
--   outcome: error code, reason, or answered
--   detail: more in words of ours
--   reference: number that the answer or the log has
--   expires_at: kept until then
CREATE TABLE client_notes (
    sequence BIGSERIAL NOT NULL,
    client_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    place TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    reference TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    CONSTRAINT pk_client_notes PRIMARY KEY (sequence),
    CONSTRAINT fk_client_notes_client_id FOREIGN KEY(client_id) REFERENCES clients (client_id) ON DELETE CASCADE
);
CREATE INDEX ix_client_notes_client_id ON client_notes (client_id);
CREATE INDEX ix_client_notes_expires_at ON client_notes (expires_at);

-- client_registrations
--   client_id: RFC 6749: client_id
--   token_hash: SHA-256 of the RFC 7592 registration_access_token
--   initial_token_id: which initial access token let it in; null: none was needed
--   scope: RFC 7591: scope that it may register; empty: as the settings say
--   redirect_hosts: hosts of redirect_uris that it may register; empty: any
--   software_statement: RFC 7591 §2.3: software_statement, as sent; null: none
--   registered_at: when
--   expires_at: the client is removed then; null: never
CREATE TABLE client_registrations (
    client_id TEXT NOT NULL,
    token_hash BYTEA NOT NULL,
    initial_token_id TEXT,
    scope TEXT NOT NULL,
    redirect_hosts TEXT NOT NULL,
    software_statement TEXT,
    registered_at BIGINT NOT NULL,
    expires_at BIGINT,
    CONSTRAINT pk_client_registrations PRIMARY KEY (client_id),
    CONSTRAINT fk_client_registrations_client_id FOREIGN KEY(client_id) REFERENCES clients (client_id) ON DELETE CASCADE
);
CREATE INDEX ix_client_registrations_expires_at ON client_registrations (expires_at);

-- clients
--   client_id: RFC 6749: client_id
--   client_name: OIDC Registration: client_name
--   redirect_uris: OIDC Registration: redirect_uris
--   sector: OIDC Core §8.1: the sector identifier's host or name
--   token_endpoint_auth_method: OIDC Registration: token_endpoint_auth_method
--   id_token_signed_response_alg: OIDC Registration: id_token_signed_response_alg
--   scope: RFC 7591: scope that may be asked for
--   grant_types: OIDC Registration: grant_types
--   require_pkce: RFC 7636 is required of this client
--   is_reviewed: the operator has checked the name that people are shown
--   client_uri: OIDC Registration: client_uri
--   post_logout_redirect_uris: OIDC RP-Initiated Logout: post_logout_redirect_uris
--   secret_hash: SHA-256 of the client_secret; null: none
--   jwks: OIDC Registration: jwks, JSON of public keys
--   created_at: RFC 7591: client_id_issued_at
--   fingerprint: SHA-256 over the registered metadata
--   is_lawful_verifier: the operator has registered its legal basis for values and serial numbers
--   evidence_retention_days: how long its evidence is kept; null: as the settings say
--   options: RFC 7591: members not every client has, JSON
CREATE TABLE clients (
    client_id TEXT NOT NULL,
    client_name TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    sector TEXT NOT NULL,
    token_endpoint_auth_method TEXT NOT NULL,
    id_token_signed_response_alg TEXT NOT NULL,
    scope TEXT NOT NULL,
    grant_types TEXT NOT NULL,
    require_pkce BOOLEAN NOT NULL,
    is_reviewed BOOLEAN NOT NULL,
    client_uri TEXT NOT NULL,
    post_logout_redirect_uris TEXT NOT NULL,
    secret_hash BYTEA,
    jwks TEXT,
    created_at BIGINT NOT NULL,
    fingerprint BYTEA NOT NULL,
    is_lawful_verifier BOOLEAN DEFAULT false NOT NULL,
    evidence_retention_days BIGINT,
    options TEXT DEFAULT '{}' NOT NULL,
    CONSTRAINT pk_clients PRIMARY KEY (client_id)
);
CREATE INDEX ix_clients_sector ON clients (sector);

-- consents
--   account_id: who agreed
--   client_id: to give to whom
--   scope: RFC 6749: scope agreed to
--   given_at: when the person agreed
--   expires_at: after it the person is asked again
CREATE TABLE consents (
    account_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    CONSTRAINT pk_consents PRIMARY KEY (account_id, client_id),
    CONSTRAINT fk_consents_account_id FOREIGN KEY(account_id) REFERENCES accounts (account_id) ON DELETE CASCADE,
    CONSTRAINT fk_consents_client_id FOREIGN KEY(client_id) REFERENCES clients (client_id) ON DELETE CASCADE
);
CREATE INDEX ix_consents_client_id ON consents (client_id);
CREATE INDEX ix_consents_expires_at ON consents (expires_at);

-- credentials
--   credential_id: random
--   account_id: whose it is
--   lookup_key_id: which look-up key made the digest
--   lookup_digest: HMAC-SHA-256 of (issuer key, serial number)
--   profile: credential profile
--   kind: card, phone …
--   valid_until: RFC 5280: notAfter
--   state: active, suspended or revoked
--   state_changed_at: when it came into this state
--   first_seen_at: first sign-in with it
--   last_seen_at: last sign-in with it, to the day
--   link_digest: link_digest of whom an operator named for it; null: nobody was asked
--   sealed_serial: issuer and serial number, encrypted for lookup_digest; null: not kept
--   status_due_at: when its status is to be asked for; null: with sealed_serial
--   status_time: as of when a later question found it not revoked; null: none was put
--   listed_by: which lists of its authority there were when one told of it; empty: none did; null: not known
CREATE TABLE credentials (
    credential_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    lookup_key_id TEXT NOT NULL,
    lookup_digest BYTEA NOT NULL,
    profile TEXT NOT NULL,
    kind TEXT NOT NULL,
    valid_until BIGINT NOT NULL,
    state TEXT NOT NULL,
    state_changed_at BIGINT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    link_digest BYTEA,
    sealed_serial TEXT,
    status_due_at BIGINT,
    status_time BIGINT,
    listed_by TEXT,
    CONSTRAINT pk_credentials PRIMARY KEY (credential_id),
    CONSTRAINT uq_credentials_lookup_key_id_lookup_digest UNIQUE (lookup_key_id, lookup_digest),
    CONSTRAINT fk_credentials_account_id FOREIGN KEY(account_id) REFERENCES accounts (account_id) ON DELETE CASCADE
);
CREATE INDEX ix_credentials_account_id ON credentials (account_id);
CREATE INDEX ix_credentials_status_due_at ON credentials (status_due_at);

-- evidence
--   txn: RFC 8417 §2.2: txn of the sign-in
--   client_id: RFC 6749: client_id it was made for; the client may be gone
--   account_id: who was checked; the account may be gone
--   sub: OIDC Core §2: sub by which the client knows the person
--   certificates: OIDC4IDA §5: kinds, procedures and checks, JSON
--   claim_names: OIDC Core §5.1: names of the claims released
--   consent_items: what the person agreed to, by key
--   statement_hash: SHA-256 of the text signed; null: none was
--   sealed: values and statement, encrypted for txn; null: no legal basis
--   recorded_at: when it was made, with the grant
--   expires_at: kept until then, and longer while held
--   held_at: legal hold since then; null: none
CREATE TABLE evidence (
    txn TEXT NOT NULL,
    client_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    sub TEXT NOT NULL,
    certificates TEXT NOT NULL,
    claim_names TEXT NOT NULL,
    consent_items TEXT NOT NULL,
    statement_hash BYTEA,
    sealed TEXT,
    recorded_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    held_at BIGINT,
    CONSTRAINT pk_evidence PRIMARY KEY (txn)
);
CREATE INDEX ix_evidence_account_id ON evidence (account_id);
CREATE INDEX ix_evidence_client_id ON evidence (client_id);
CREATE INDEX ix_evidence_expires_at ON evidence (expires_at);

-- grants
--   grant_id: random
--   client_id: RFC 6749: client_id
--   account_id: who granted
--   credential_id: signed in with what
--   session_hash: the browser session it came from
--   sub: OIDC Core §2: sub in tokens of this grant
--   redirect_uri: RFC 6749 §4.1.3: redirect_uri the code is bound to
--   scope: RFC 6749: scope granted
--   nonce: OIDC Core §3.1.2.1: nonce
--   code_challenge: RFC 7636: code_challenge, S256
--   auth_time: OIDC Core §2: auth_time
--   acr: OIDC Core §2: acr
--   amr: OIDC Core §2: amr
--   status_time: as of when the certificate was known not to be revoked
--   txn: RFC 8417 §2.2: txn, the sign-in's name in log and audit
--   created_at: when it was granted
--   code_hash: SHA-256 of the authorization code
--   code_expires_at: RFC 6749 §4.1.2: end of the code
--   code_spent_at: when the code was redeemed; null: not yet
--   revoked_at: when the grant and its tokens ended; null: not
--   expires_at: no code or token of it lived longer when this was last looked at
--   dpop_jkt: RFC 9449 §10: dpop_jkt, the key the code is bound to; null: none
--   resources: RFC 8707: resource granted; empty: userinfo alone
--   authorization_details: RFC 9396 §7: authorization_details granted, JSON
CREATE TABLE grants (
    grant_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    credential_id TEXT NOT NULL,
    session_hash BYTEA NOT NULL,
    sub TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    scope TEXT NOT NULL,
    nonce TEXT,
    code_challenge TEXT,
    auth_time BIGINT NOT NULL,
    acr TEXT NOT NULL,
    amr TEXT NOT NULL,
    status_time BIGINT,
    txn TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    code_hash BYTEA NOT NULL,
    code_expires_at BIGINT NOT NULL,
    code_spent_at BIGINT,
    revoked_at BIGINT,
    expires_at BIGINT NOT NULL,
    dpop_jkt TEXT,
    resources TEXT DEFAULT '' NOT NULL,
    authorization_details TEXT,
    CONSTRAINT pk_grants PRIMARY KEY (grant_id),
    CONSTRAINT uq_grants_code_hash UNIQUE (code_hash),
    CONSTRAINT fk_grants_client_id FOREIGN KEY(client_id) REFERENCES clients (client_id) ON DELETE CASCADE,
    CONSTRAINT fk_grants_account_id FOREIGN KEY(account_id) REFERENCES accounts (account_id) ON DELETE CASCADE,
    CONSTRAINT fk_grants_credential_id FOREIGN KEY(credential_id) REFERENCES credentials (credential_id) ON DELETE CASCADE
);
CREATE INDEX ix_grants_account_id ON grants (account_id);
CREATE INDEX ix_grants_client_id_code_challenge ON grants (client_id, code_challenge);
CREATE INDEX ix_grants_client_id_nonce ON grants (client_id, nonce);
CREATE INDEX ix_grants_credential_id ON grants (credential_id);
CREATE INDEX ix_grants_expires_at ON grants (expires_at);
CREATE UNIQUE INDEX ix_grants_txn ON grants (txn);

-- initial_access_tokens
--   token_id: random, by which an operator ends it
--   token_hash: SHA-256 of the token
--   note: for whom, in the operator's words
--   scope: RFC 7591: scope that may be registered with it; empty: as the settings say
--   redirect_hosts: hosts of redirect_uris that may be registered with it; empty: any
--   uses_left: how many clients may still be registered with it
--   created_at: when
--   expires_at: it is good until then
CREATE TABLE initial_access_tokens (
    token_id TEXT NOT NULL,
    token_hash BYTEA NOT NULL,
    note TEXT NOT NULL,
    scope TEXT NOT NULL,
    redirect_hosts TEXT NOT NULL,
    uses_left BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    CONSTRAINT pk_initial_access_tokens PRIMARY KEY (token_id),
    CONSTRAINT uq_initial_access_tokens_token_hash UNIQUE (token_hash)
);
CREATE INDEX ix_initial_access_tokens_expires_at ON initial_access_tokens (expires_at);

-- installation
--   installation_id: always 1
--   environment: sandbox or production
--   issuer: OIDC Discovery: issuer
--   created_at: when the database was made
CREATE TABLE installation (
    installation_id INTEGER NOT NULL,
    environment TEXT NOT NULL,
    issuer TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_installation PRIMARY KEY (installation_id)
);

-- link_requests
--   request_id: random
--   account_id: to which account
--   lookup_key_id: which look-up key made the digest
--   lookup_digest: HMAC-SHA-256 of (issuer key, serial number)
--   profile: credential profile
--   kind: card, phone …
--   valid_until: RFC 5280: notAfter
--   txn: RFC 8417 §2.2: txn of the sign-in that asked
--   state: pending, approved or rejected
--   first_operator: who approved first; null: nobody
--   decided_by: who decided at last; null: nobody yet
--   requested_at: when
--   expires_at: without decision it ends then
CREATE TABLE link_requests (
    request_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    lookup_key_id TEXT NOT NULL,
    lookup_digest BYTEA NOT NULL,
    profile TEXT NOT NULL,
    kind TEXT NOT NULL,
    valid_until BIGINT NOT NULL,
    txn TEXT NOT NULL,
    state TEXT NOT NULL,
    first_operator TEXT,
    decided_by TEXT,
    requested_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    CONSTRAINT pk_link_requests PRIMARY KEY (request_id),
    CONSTRAINT fk_link_requests_account_id FOREIGN KEY(account_id) REFERENCES accounts (account_id) ON DELETE CASCADE
);
CREATE INDEX ix_link_requests_account_id ON link_requests (account_id);
CREATE INDEX ix_link_requests_expires_at ON link_requests (expires_at);

-- logout_deliveries
--   delivery_id: random
--   client_id: to whom
--   sub: Back-Channel Logout §2.4: sub
--   sid: Back-Channel Logout §2.4: sid
--   created_at: when the session ended
--   due_at: next try
--   claimed_until: a try is under way, and lost then; null: none
--   tries: tries begun
--   outcome: code of the last failure, or empty
--   dead_at: when it was given up; null: not
--   expires_at: forgotten then, delivered or not
CREATE TABLE logout_deliveries (
    delivery_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    sub TEXT NOT NULL,
    sid TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    claimed_until BIGINT,
    tries INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    dead_at BIGINT,
    expires_at BIGINT NOT NULL,
    CONSTRAINT pk_logout_deliveries PRIMARY KEY (delivery_id),
    CONSTRAINT fk_logout_deliveries_client_id FOREIGN KEY(client_id) REFERENCES clients (client_id) ON DELETE CASCADE
);
CREATE INDEX ix_logout_deliveries_client_id ON logout_deliveries (client_id);
CREATE INDEX ix_logout_deliveries_due_at ON logout_deliveries (due_at);
CREATE INDEX ix_logout_deliveries_expires_at ON logout_deliveries (expires_at);

-- lookup_key_canaries
--   lookup_key_id: names the key
--   canary: what only this key makes
--   created_at: when the key was first used
CREATE TABLE lookup_key_canaries (
    lookup_key_id TEXT NOT NULL,
    canary BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_lookup_key_canaries PRIMARY KEY (lookup_key_id)
);

-- refresh_tokens
--   token_hash: SHA-256 of the token
--   grant_id: what it hangs on
--   scope: RFC 6749: scope of this token
--   created_at: when it was issued
--   expires_at: when it ends, spent or not
--   spent_at: when it was rotated; null: not yet
--   grace_uses: uses after spent_at within the grace window
--   cnf: RFC 7800: cnf, the key it is bound to, JSON; null: none
CREATE TABLE refresh_tokens (
    token_hash BYTEA NOT NULL,
    grant_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    spent_at BIGINT,
    grace_uses INTEGER NOT NULL,
    cnf TEXT,
    CONSTRAINT pk_refresh_tokens PRIMARY KEY (token_hash),
    CONSTRAINT fk_refresh_tokens_grant_id FOREIGN KEY(grant_id) REFERENCES grants (grant_id) ON DELETE CASCADE
);
CREATE INDEX ix_refresh_tokens_expires_at ON refresh_tokens (expires_at);
CREATE INDEX ix_refresh_tokens_grant_id ON refresh_tokens (grant_id);

-- released_claims
--   grant_id: under which grant
--   sealed: OIDC Core §5.3.2: claims, encrypted for grant_id
--   credential_id: the signing certificate they come from; null: none
CREATE TABLE released_claims (
    grant_id TEXT NOT NULL,
    sealed TEXT NOT NULL,
    credential_id TEXT,
    CONSTRAINT pk_released_claims PRIMARY KEY (grant_id),
    CONSTRAINT fk_released_claims_grant_id FOREIGN KEY(grant_id) REFERENCES grants (grant_id) ON DELETE CASCADE
);
CREATE INDEX ix_released_claims_credential_id ON released_claims (credential_id);

-- signing_keys
--   kid: RFC 7517: kid
--   alg: RFC 7517: alg
--   encrypted_private_jwk: RFC 7517: the private JWK, AEAD bound to kid
--   public_jwk: RFC 7517: the public JWK, JSON
--   created_at: when it was generated
--   signs_from: signs from then on
--   signs_until: signs until then; null: until rotated
--   published_until: in the JWKS until then; null: while it signs
--   erased_at: the public half stands for the private one since then; null: not yet
--   revoked_at: withdrawn in an emergency then, nothing is left of it; null: never
CREATE TABLE signing_keys (
    kid TEXT NOT NULL,
    alg TEXT NOT NULL,
    encrypted_private_jwk BYTEA NOT NULL,
    public_jwk TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    signs_from BIGINT NOT NULL,
    signs_until BIGINT,
    published_until BIGINT,
    erased_at BIGINT,
    revoked_at BIGINT,
    CONSTRAINT pk_signing_keys PRIMARY KEY (kid)
);
CREATE INDEX ix_signing_keys_published_until ON signing_keys (published_until);

-- subjects
--   account_id: whose it is
--   sector: OIDC Core §8.1: sector identifier
--   sub: OIDC Core §2: sub, 256 random bits
--   created_at: first grant in this sector
CREATE TABLE subjects (
    account_id TEXT NOT NULL,
    sector TEXT NOT NULL,
    sub TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_subjects PRIMARY KEY (account_id, sector),
    CONSTRAINT uq_subjects_sub UNIQUE (sub),
    CONSTRAINT fk_subjects_account_id FOREIGN KEY(account_id) REFERENCES accounts (account_id) ON DELETE CASCADE
);
