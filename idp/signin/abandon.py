"""Back to the service without a sign-in: the person stops, or does not agree."""

from datetime import datetime

from idp.audit import AuditEvent, AuditRecord
from idp.log import log_line
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.response_mode import AuthorizationResponse
from idp.signin.next_step import check_client_unchanged
from idp.signin.own_account import is_own_account, own_account_address
from idp.signin.parts import SigninParts
from idp.signin.shelf import StoredSignin


def abandon_signin(
    parts: SigninParts, stored: StoredSignin, *, is_consent_refused: bool, now: datetime
) -> AuthorizationResponse | str:
    """End the sign-in at the person's word.

    Returns: the response with ``access_denied`` that goes to the client; the address of this provider's first page
             where the sign-in was for the person's own page, of that page where it was to add a card.
    Raises:  SigninOver: the client is not what it was, so there is nowhere to go.
    Effect:  the transaction is gone; a refusal of consent is audited.
    Source:  RFC 6749 §4.1.2.1; OIDC Core §3.1.2.6.
    """
    signin = stored.signin
    _, redirect = check_client_unchanged(parts, signin)
    who = signin.authenticated
    # Nobody is known before a card was shown, and a stranger must not be able to fill the audit.
    if is_consent_refused and who is not None:
        with parts.store.writing() as writer:
            writer.append_audit(
                AuditRecord(
                    AuditEvent.CONSENT_REFUSED,
                    now,
                    who.account_id,
                    signin.request.client_id,
                    signin.txn,
                    ErrorCode.ACCESS_DENIED.value,
                )
            )
    parts.shelf.remove(stored, now)
    log_line("signin_abandoned", txn=signin.txn, client_id=signin.request.client_id)
    if signin.attaching is not None:
        return own_account_address(parts.issuer)
    if is_own_account(signin):
        return f"{parts.issuer}/"
    error = OAuthError(ErrorCode.ACCESS_DENIED, "The person did not go through with the sign-in.")
    return redirect.error(error, parts.issuer)
