"""What the person is shown and signs, made of the accepted request and the client as it is registered."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from idp.identifiers import encode_base64url
from idp.oidc.authorization_request import AuthorizationRequest
from idp.oidc.claims_consent import ConsentItem, consent_items
from idp.oidc.claims_wording import word_item
from idp.oidc.client import Client
from idp.oidc.details_wording import word_details
from idp.oidc.errors import ErrorCode, OAuthError
from idp.presenter.errors import PresenterError, PresenterErrorCode
from idp.presenter.statement import Declaration, DeclaredRequest, Language, write_statement
from idp.presenter.transaction import CardTransaction, check_transaction, format_time
from idp.signin.attach_statement import ATTACH_STATEMENT
from idp.signin.declared_purpose import DECLARED_PURPOSE
from idp.signin.own_account import find_signin_client
from idp.signin.parts import SigninParts
from idp.signin.record import Signin
from idp.signin.release import find_asked, find_items, needs_signature

_LANGUAGES: Final[tuple[Language, ...]] = ("ja", "en")


def describe_for_card(parts: SigninParts, signin: Signin, now: datetime, expires_at: datetime) -> str:
    """The transaction in its RFC 8785 form, ready to be frozen.

    Raises: PresenterError transaction_ended if the client is no longer what it was when the request was accepted, or
            cannot be shown to a person.
    Source: card presenter protocol §3.2.
    """
    client = find_signin_client(parts.clients, parts.issuer, signin.request.client_id)
    if client is None or encode_base64url(client.fingerprint) != signin.client_fingerprint:
        raise PresenterError(PresenterErrorCode.TRANSACTION_ENDED, "the client was changed or removed")
    try:
        transaction = _transaction(parts, signin, client, now, expires_at)
        check_transaction(transaction, signin.opening.purpose)
    except ValueError as error:
        raise PresenterError(PresenterErrorCode.TRANSACTION_ENDED, f"cannot be shown: {error}") from error
    return transaction.canonical().decode("utf-8")


def check_declarable(parts: SigninParts, request: AuthorizationRequest, client: Client, now: datetime) -> None:
    """Establish, before anybody shows a card, that the details of a request can stand in what would be signed for it.

    Raises: OAuthError invalid_authorization_details: with everything that is asked they do not fit into a statement.
    Source: card presenter protocol §3.2 (a statement is whole, of at most 2,000 characters); RFC 9396 §5.
    """
    asked = None if request.authorization_details is None else find_asked(parts, request, client)
    items = () if asked is None else consent_items(asked, now)
    if not needs_signature(tuple(item.key for item in items)):
        return
    try:
        for language in _LANGUAGES:
            _write(parts, request, client, items, language, now)
    except ValueError as error:
        raise OAuthError(
            ErrorCode.INVALID_AUTHORIZATION_DETAILS,
            "authorization_details and the claims asked for are too much to be signed together.",
            detail=f"authorization_details: the statement cannot be written: {error}",
        ) from error


def _declare(parts: SigninParts, signin: Signin, client: Client, now: datetime) -> str:
    agreed = frozenset(signin.agreed or ())
    items = (item for item in find_items(parts, signin, client) if item.key in agreed)
    return _write(parts, signin.request, client, items, _language(signin), now)


def _write(
    parts: SigninParts,
    request: AuthorizationRequest,
    client: Client,
    items: Iterable[ConsentItem],
    language: Language,
    now: datetime,
) -> str:
    details = word_details(request.authorization_details, parts.requests.details_types, language)
    declaration = Declaration(
        redirect_uri=request.redirect_uri,
        client_name=client.client_name,
        is_reviewed=client.is_reviewed,
        items=tuple(word_item(item, language) for item in items),
        purpose_of_use=DECLARED_PURPOSE[language],
        issuer=parts.issuer,
        requests=tuple(DeclaredRequest(detail.words, detail.members) for detail in details),
    )
    return write_statement(declaration, language, now)


def _language(signin: Signin) -> Language:
    return "en" if signin.language == "en" else "ja"


def _transaction(
    parts: SigninParts, signin: Signin, client: Client, now: datetime, expires_at: datetime
) -> CardTransaction:
    signs = signin.opening.purpose == "digital-signature"
    action, statement = "sign-in", ""
    if signs:
        action, statement = "step-up", _declare(parts, signin, client, now)
    elif signin.attaching is not None:
        action, statement = "attach-credential", ATTACH_STATEMENT[signin.attaching.part][_language(signin)]
    return CardTransaction(
        txn=signin.txn,
        action=action,
        flow="same-device",
        client_id=client.client_id,
        client_name=client.client_name,
        client_status="reviewed" if client.is_reviewed else "unreviewed",
        redirect_uri=signin.request.redirect_uri,
        acr=f"{parts.issuer}/acr/user-authentication",
        claims=(signin.agreed or ()) if signs else (),
        statement=statement,
        request_hash=encode_base64url(signin.request.request_hash),
        locale=signin.language,
        issued_at=format_time(now),
        expires_at=format_time(expires_at),
    )
