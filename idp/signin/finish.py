"""What a sign-in writes, in one durable transaction: account, session, consent, subject, grant and code, audit."""

from datetime import datetime

from idp.audit import AuditEvent, AuditRecord
from idp.card_login.authenticate import authenticate
from idp.card_login.proven_card import ProvenCard
from idp.identifiers import hash_secret, new_identifier
from idp.identity.errors import CredentialRevoked
from idp.identity.linking import find_or_open_account
from idp.identity.subject import find_or_create_subject
from idp.oidc.acr import choose_acr
from idp.oidc.authorization_code import issue_code
from idp.oidc.authorization_request import AuthorizationRequest
from idp.oidc.browser_session import BrowserSession
from idp.oidc.claims_authentication import check_essential_acr
from idp.oidc.client import Client
from idp.oidc.errors import AuthorizationRefused, ErrorCode, OAuthError
from idp.oidc.grant import Grant
from idp.oidc.redirect_uri import VerifiedRedirect
from idp.oidc.response_mode import AuthorizationResponse
from idp.signin.evidence_record import make_evidence
from idp.signin.parts import KnownBrowser, SigninParts
from idp.signin.ports import SigninWriter
from idp.signin.record import Authenticated, Signin, authenticated_by
from idp.signin.release import find_evidence, find_kept_proof, release_claims, seal_released_claims
from idp.signin.step import NewSession


def make_session(
    parts: SigninParts,
    writer: SigninWriter,
    signin: Signin,
    proven: ProvenCard,
    browser: KnownBrowser,
    now: datetime,
) -> tuple[Authenticated, NewSession]:
    """Find or open the account of a proven card and sign this browser in under a new session id.

    Raises: CredentialRefused: the account or the credential may not sign in.
    Effect: the browser's former session ends (no session fixation, RFC 9700 §4). One of the same person lives on under
            the new id, for the clients that it reached; one of somebody else ends for them too.
    """
    found = find_or_open_account(writer, proven.presented, linkage=parts.linkage, now=now, txn=signin.txn)
    presented = proven.presented
    if not writer.touch_credential(found.credential_id, now, presented.serial, presented.listed_by):
        raise CredentialRevoked(found.account_id, found.credential_id)
    authentication = authenticate(parts.issuer, proven, found.account_id)
    secret = new_identifier()
    session_hash = hash_secret(secret)
    origin_hash = session_hash
    if browser.session_hash:
        origin_hash = writer.succeed_browser_session(browser.session_hash, found.account_id, now) or session_hash
    writer.insert_browser_session(
        BrowserSession(
            session_hash=session_hash,
            origin_hash=origin_hash,
            account_id=found.account_id,
            credential_id=found.credential_id,
            auth_time=authentication.auth_time,
            acr=authentication.acr,
            amr=authentication.amr,
            status_time=authentication.status_time,
            created_at=now,
            last_used_at=now,
            expires_at=now + parts.lifetimes.session_absolute,
        )
    )
    check_ids = tuple(check.id for evidence in authentication.evidence for check in evidence.checks)
    writer.append_audit(
        AuditRecord(
            AuditEvent.SIGNED_IN, now, found.account_id, signin.request.client_id, signin.txn, check_ids=check_ids
        )
    )
    authenticated = authenticated_by(authentication, found.credential_id, session_hash, origin_hash)
    return authenticated, NewSession(secret, found.account_id)


def save_given_consent(
    parts: SigninParts,
    writer: SigninWriter,
    signin: Signin,
    account_id: str,
    scope: frozenset[str],
    now: datetime,
    *,
    is_once: bool,
) -> None:
    """Record that the person agreed to give this client these scopes.

    Takes:  is_once, that the page said "this time only", as it does where there was something to choose or a certain
            thing to agree to; then nothing is remembered.
    """
    if parts.lifetimes.consent and not is_once:
        writer.save_consent(account_id, signin.request.client_id, scope, now, now + parts.lifetimes.consent)
    writer.append_audit(AuditRecord(AuditEvent.CONSENT_GIVEN, now, account_id, signin.request.client_id, signin.txn))


def grant_code(
    parts: SigninParts,
    writer: SigninWriter,
    signin: Signin,
    client: Client,
    redirect: VerifiedRedirect,
    who: Authenticated,
    now: datetime,
    code: str | None = None,
    signed_by: str | None = None,
) -> AuthorizationResponse:
    """Record the grant with its code.

    Takes:   code, as ``Answers`` has it; signed_by, the credential that signed for what is released, if one did.
    Returns: the response, with the code, that goes to the client.
    Raises:  AuthorizationRefused login_required: an id_token_hint named somebody else (OIDC Core §3.1.2.1).
    """
    request = signin.request
    sub = find_or_create_subject(writer, who.account_id, client.sector, now=now)
    if request.id_token_hint_sub is not None and request.id_token_hint_sub != sub:
        error = OAuthError(ErrorCode.LOGIN_REQUIRED, "Another person than the one hinted at has signed in.")
        raise AuthorizationRefused(error, redirect)
    grant = Grant(
        grant_id=new_identifier(),
        client_id=client.client_id,
        account_id=who.account_id,
        credential_id=who.credential_id,
        session_hash=who.origin_hash,
        sub=sub,
        redirect_uri=request.redirect_uri,
        scope=request.scope,
        nonce=request.nonce,
        code_challenge=request.code_challenge,
        auth_time=who.auth_time,
        acr=choose_acr(who.acr, request.acr_values, parts.issuer),
        amr=who.amr,
        status_time=who.status_time,
        txn=signin.txn,
        created_at=now,
        dpop_jkt=request.dpop_jkt,
        resources=request.resources,
        authorization_details=request.authorization_details,
    )
    if request.is_acr_essential:
        _check_essential_acr(parts, request, who, redirect)
    evidence = find_evidence(parts, signin)
    kept = find_kept_proof(parts, signin, client)
    released = release_claims(parts, writer, signin, client, who, evidence, kept, now)
    code_seconds = int(parts.lifetimes.code.total_seconds())
    issued = issue_code(grant, writer, now=now, lifetime_seconds=code_seconds, code=code)
    if released is not None:
        sealed = seal_released_claims(parts.sealer, grant.grant_id, released)
        writer.insert_sealed_claims(grant.grant_id, sealed, signed_by)
        writer.insert_evidence(
            make_evidence(
                signin, client, grant, released, evidence, kept, sealer=parts.sealer, retention=parts.lifetimes.evidence
            )
        )
        names = " ".join(released.names)
        writer.append_audit(
            AuditRecord(AuditEvent.CLAIMS_RELEASED, now, who.account_id, client.client_id, signin.txn, names)
        )
    return redirect.success(issued, parts.issuer)


def _check_essential_acr(
    parts: SigninParts, request: AuthorizationRequest, who: Authenticated, redirect: VerifiedRedirect
) -> None:
    try:
        check_essential_acr(request.acr_values, who.acr, parts.issuer)
    except OAuthError as error:
        raise AuthorizationRefused(error, redirect) from error
