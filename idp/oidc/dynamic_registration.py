"""Clients that register themselves, and change and remove themselves later, within what the operator allows.

Implements RFC 7591 §3 and RFC 7592 §2. What decides is in ``registration``, as for the operator; here is who may ask,
how far that goes, and what is ignored.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from idp.clock import to_epoch_seconds
from idp.identifiers import hash_secret, is_identifier, new_identifier
from idp.oidc.client import Client
from idp.oidc.client_update import change_client
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.ports import ClientAdmission
from idp.oidc.registration import client_fingerprint, client_to_metadata, client_to_registration, register_client
from idp.oidc.registration_dependencies import RegistrationDependencies
from idp.oidc.registration_ports import NO_LIMITS, Invitation, RegistrationLimits, SelfRegistration
from idp.oidc.registration_request import check_update, choose_members, keep_operators_choices
from idp.oidc.software_statement import verify_software_statement
from idp.strict_json import JsonLimits, NotJson, read_json_object

REGISTRATION_PATH: Final = "/register"
_LIMITS: Final = JsonLimits(size_bytes=32_768, depth=8, values=2000)
_BEARER: Final = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)


def answer_registration_request(
    body: bytes, authorization_header: str | None, dependencies: RegistrationDependencies, now: datetime
) -> dict[str, Any]:
    """Register a client that asks for it.

    Takes:   body, the JSON object of its metadata; authorization_header, with the initial access token where one is
             needed.
    Returns: the members of the answer, 201: what was registered, the client's secret where it has one, and the token by
             which it is read, changed and removed. Neither is stored.
    Raises:  OAuthError invalid_token (401): no usable initial access token; invalid_redirect_uri,
             invalid_client_metadata, invalid_software_statement, unapproved_software_statement.
    Effect:  the initial access token loses one use, in the transaction that records the client.
    Source:  RFC 7591 §2 (unknown members are ignored), §3.1, §3.2.
    """
    invitation = _find_invitation(authorization_header, dependencies, now)
    return register_self(_read_object(body), invitation, dependencies, now)


def register_self(
    sent: Mapping[str, Any], invitation: Invitation | None, dependencies: RegistrationDependencies, now: datetime
) -> dict[str, Any]:
    """The same, for whoever has been let in already: by a token, or by the sandbox's own page."""
    policy, randomness = dependencies.policy, dependencies.randomness
    limits = NO_LIMITS if invitation is None else invitation.limits
    metadata, statement = _judge(sent, limits, dependencies, now)
    client, secret = register_client(
        metadata,
        sandbox=dependencies.is_sandbox,
        now=now,
        randomness=randomness,
        claims_policy=dependencies.claims_policy,
        sectors=dependencies.sectors,
    )
    client = replace(client, options=replace(client.options, is_self_registered=True))
    client = replace(client, fingerprint=client_fingerprint(client))
    token = new_identifier(randomness)
    expires_at = now + policy.open_lifetime if invitation is None else None
    made = SelfRegistration(client, hash_secret(token), limits, statement, expires_at, invitation)
    if not dependencies.store.insert_registration(made, policy.open_limit, now):
        if invitation is not None:
            raise _no_token("the initial access token has no use left")
        raise OAuthError(
            ErrorCode.TEMPORARILY_UNAVAILABLE, "No more clients can be registered now.", detail="open_limit"
        )
    return _answer(made, token, secret, dependencies)


def answer_read_request(
    client_id: str,
    authorization_header: str | None,
    dependencies: RegistrationDependencies,
    now: datetime,
    admission: ClientAdmission | None = None,
) -> dict[str, Any]:
    """Tell a client its registration.

    Takes:  admission, where the request is counted against its client; as for the two that follow.
    Raises: OAuthError invalid_token (401), for every reason alike.
    Source: RFC 7592 §2.1, §3. The secret is not among the members: it is stored as a hash.
    """
    found, token = _authenticate(client_id, authorization_header, dependencies, now, admission)
    return _answer(found, token, None, dependencies)


def answer_update_request(
    client_id: str,
    body: bytes,
    authorization_header: str | None,
    dependencies: RegistrationDependencies,
    now: datetime,
    admission: ClientAdmission | None = None,
) -> dict[str, Any]:
    """Register a client anew, wholly, under its id.

    Returns: as for a read; a secret only where the client authenticates by one and did not before.
    Raises:  OAuthError as at registration; invalid_request: members that a client may not send, or another client's id;
             temporarily_unavailable: it was changed by somebody else at the same moment.
    Effect:  what the operator had found about the client counts no more, for it was found about another registration.
    Source:  RFC 7592 §2.2.
    """
    found, token = _authenticate(client_id, authorization_header, dependencies, now, admission)
    sent = _read_object(body)
    check_update(sent, found.client)
    metadata, statement = _judge(sent, found.limits, dependencies, now)
    changed, secret = change_client(
        found.client,
        metadata,
        sandbox=dependencies.is_sandbox,
        now=now,
        claims_policy=dependencies.claims_policy,
        sectors=dependencies.sectors,
        randomness=dependencies.randomness,
    )
    changed = keep_operators_choices(found.client, changed)
    changed = replace(changed, fingerprint=client_fingerprint(changed))
    if changed.fingerprint != found.client.fingerprint:
        changed = replace(changed, is_reviewed=False, is_lawful_verifier=False)
        changed = replace(changed, fingerprint=client_fingerprint(changed))
    if not dependencies.store.replace_registration(found.client, changed, statement, now):
        raise OAuthError(ErrorCode.TEMPORARILY_UNAVAILABLE, "The client was changed meanwhile.", detail="fingerprint")
    return _answer(replace(found, client=changed, software_statement=statement), token, secret, dependencies)


def answer_removal_request(
    client_id: str,
    authorization_header: str | None,
    dependencies: RegistrationDependencies,
    now: datetime,
    admission: ClientAdmission | None = None,
) -> None:
    """Remove a client, with its grants, tokens and consents.

    Raises: OAuthError invalid_token (401).
    Source: RFC 7592 §2.3.
    """
    _authenticate(client_id, authorization_header, dependencies, now, admission)
    dependencies.store.delete_client(client_id, now)


def _judge(
    sent: Mapping[str, Any], limits: RegistrationLimits, dependencies: RegistrationDependencies, now: datetime
) -> tuple[dict[str, Any], str | None]:
    policy = dependencies.policy
    statement = sent.get("software_statement")
    asserted: dict[str, Any] = {}
    if isinstance(statement, str):
        issuers = policy.statement_issuers
        asserted = verify_software_statement(statement, issuers, audience=dependencies.issuer, now=now)
    elif statement is not None or policy.is_statement_required:
        detail = "missing" if statement is None else "not a text"
        text = "A software statement is required." if statement is None else "The software statement is not a text."
        raise OAuthError(ErrorCode.INVALID_SOFTWARE_STATEMENT, text, detail=f"software_statement: {detail}")
    scopes = limits.scope or policy.scopes
    may_be_public = dependencies.is_sandbox
    metadata = choose_members({**sent, **asserted}, scopes, limits.redirect_hosts, may_be_public=may_be_public)
    return metadata, statement if asserted else None


def _find_invitation(
    authorization_header: str | None, dependencies: RegistrationDependencies, now: datetime
) -> Invitation | None:
    if authorization_header is None:
        if dependencies.policy.is_open:
            return None
        raise OAuthError(
            ErrorCode.INVALID_TOKEN, "An initial access token is required.", detail="no token", authenticate="Bearer"
        )
    token_hash = hash_secret(_read_token(authorization_header))
    invitation = dependencies.store.find_invitation(token_hash, now)
    if invitation is None:
        raise _no_token("the initial access token is unknown, used up or past its time")
    return invitation


def _authenticate(
    client_id: str,
    authorization_header: str | None,
    dependencies: RegistrationDependencies,
    now: datetime,
    admission: ClientAdmission | None,
) -> tuple[SelfRegistration, str]:
    if authorization_header is None:
        raise OAuthError(
            ErrorCode.INVALID_TOKEN,
            "A registration access token is required.",
            detail="no token",
            authenticate="Bearer",
        )
    token = _read_token(authorization_header)
    found = dependencies.store.find_registration(client_id, hash_secret(token), now)
    if found is None:
        raise _no_token("not the registration access token of this client")
    if admission is not None:
        admission.admit(found.client)
    return found, token


def _read_token(authorization_header: str) -> str:
    match = _BEARER.fullmatch(authorization_header)
    if match is None or not is_identifier(match[1]):
        raise _no_token("not a token of this provider")
    return match[1]


def _no_token(detail: str) -> OAuthError:
    return OAuthError(
        ErrorCode.INVALID_TOKEN,
        "The token is unknown, expired or used up.",
        detail=detail,
        authenticate='Bearer error="invalid_token"',
    )


def _read_object(body: bytes) -> dict[str, Any]:
    try:
        return read_json_object(body, _LIMITS)
    except NotJson as error:
        text = f"The body is not one JSON object: {error}"
        raise OAuthError(ErrorCode.INVALID_CLIENT_METADATA, text, detail=str(error)) from error


def _answer(
    found: SelfRegistration, token: str, secret: str | None, dependencies: RegistrationDependencies
) -> dict[str, Any]:
    client: Client = found.client
    issued = {name: client_to_metadata(client)[name] for name in ("client_id", "client_id_issued_at")}
    members: dict[str, Any] = {
        **issued,
        **client_to_registration(client),
        "registration_access_token": token,
        "registration_client_uri": f"{dependencies.issuer}{REGISTRATION_PATH}/{client.client_id}",
    }
    if secret is not None:
        members["client_secret"] = secret
    if client.secret_hash is not None:
        # RFC 7591 §3.2.1: required with a secret; 0 says never, and a client that is removed then ends with its secret.
        members["client_secret_expires_at"] = 0 if found.expires_at is None else to_epoch_seconds(found.expires_at)
    if found.software_statement is not None:
        members["software_statement"] = found.software_statement
    return members
