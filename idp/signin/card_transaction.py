"""What the person is shown and signs, made of the accepted request and the client as it is registered."""

from datetime import datetime

from idp.identifiers import encode_base64url
from idp.oidc.claims_wording import word_item
from idp.oidc.client import Client
from idp.presenter.errors import PresenterError, PresenterErrorCode
from idp.presenter.statement import Declaration, Language, write_statement
from idp.presenter.transaction import CardTransaction, check_transaction, format_time
from idp.signin.attach_statement import ATTACH_STATEMENT
from idp.signin.declared_purpose import DECLARED_PURPOSE
from idp.signin.own_account import find_signin_client
from idp.signin.parts import SigninParts
from idp.signin.record import Signin
from idp.signin.release import find_items


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


def _declare(parts: SigninParts, signin: Signin, client: Client, now: datetime) -> str:
    language = _language(signin)
    agreed = frozenset(signin.agreed or ())
    declaration = Declaration(
        redirect_uri=signin.request.redirect_uri,
        client_name=client.client_name,
        is_reviewed=client.is_reviewed,
        items=tuple(word_item(item, language) for item in find_items(parts, signin, client) if item.key in agreed),
        purpose_of_use=DECLARED_PURPOSE[language],
        issuer=parts.issuer,
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
