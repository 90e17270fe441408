"""The token endpoint's answer: access token, refresh token and ID token as the client reads them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from idp.oidc.access_token import IssuedAccessToken
from idp.oidc.client import Client
from idp.oidc.confirmation import Confirmation
from idp.oidc.discovery import USERINFO_PATH
from idp.oidc.encrypted_answer import Encryption
from idp.oidc.grant import Grant, SpentCode
from idp.oidc.id_token import issue_id_token
from idp.oidc.jwt_access_token import is_jwt_client, sign_access_token
from idp.oidc.token_dependencies import TokenDependencies


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """What an exchange recorded, to be told to the client; ``spent`` is the code it was for, None for a refresh."""

    grant: Grant
    access_token: IssuedAccessToken
    confirmation: Confirmation | None
    refresh_token: str | None
    spent: SpentCode | None

    @property
    def is_refreshed(self) -> bool:
        """Whether they came of a refresh token."""
        return self.spent is None

    @property
    def token_type(self) -> str:
        """RFC 9449 §5; RFC 8705 §3: bound to a certificate alone it is still used as a bearer token is."""
        return "Bearer" if self.confirmation is None or self.confirmation.jkt is None else "DPoP"


def answer_with_tokens(
    issued: IssuedTokens,
    client: Client,
    encryption: Encryption | None,
    dependencies: TokenDependencies,
    now: datetime,
) -> dict[str, Any]:
    """Say what was issued, once it is recorded; signatures are made here.

    Takes:   encryption, how the ID token is encrypted, None for not at all.
    Returns: the members of the JSON answer.
    Source:  RFC 6749 §5.1; OIDC Core §3.1.3.3, §12.2; RFC 9396 §7; RFC 9449 §5.
    """
    access_token = _access_token(issued, client, dependencies, now)
    answer: dict[str, Any] = {
        "access_token": access_token,
        "token_type": issued.token_type,
        "expires_in": issued.access_token.lifetime_seconds,
        "scope": " ".join(issued.access_token.scope),
    }
    if issued.refresh_token is not None:
        answer["refresh_token"] = issued.refresh_token
    if issued.access_token.authorization_details is not None:
        # RFC 9396 §7: the details as granted and assigned to this token.
        answer["authorization_details"] = issued.access_token.authorization_details.to_list()
    # A refresh that gave up openid gets no statement about the person (OIDC Core §3.1.3.3, §12.2).
    if "openid" in issued.access_token.scope:
        answer["id_token"] = issue_id_token(
            issued.grant,
            client,
            dependencies.signer,
            issuer=dependencies.issuer,
            access_token=access_token,
            now=now,
            lifetime_seconds=dependencies.id_token_seconds,
            sandbox=dependencies.is_sandbox,
            encryption=encryption,
            is_refreshed=issued.is_refreshed,
            released_claims=_find_id_token_claims(issued, dependencies),
            status_max_age_seconds=dependencies.status_max_age_seconds,
        )
    return answer


def _access_token(issued: IssuedTokens, client: Client, dependencies: TokenDependencies, now: datetime) -> str:
    if not is_jwt_client(client):
        return issued.access_token.token
    return sign_access_token(
        issued.access_token.token,
        issued.grant,
        client,
        dependencies.signer,
        issuer=dependencies.issuer,
        audience=issued.access_token.audience or (dependencies.issuer + USERINFO_PATH,),
        scope=issued.access_token.scope,
        confirmation=issued.confirmation,
        now=now,
        lifetime_seconds=issued.access_token.lifetime_seconds,
        status_max_age_seconds=dependencies.status_max_age_seconds,
        authorization_details=issued.access_token.authorization_details,
    )


def _find_id_token_claims(issued: IssuedTokens, dependencies: TokenDependencies) -> dict[str, Any] | None:
    # Told once, for the code; a refresh says nothing new about the person.
    if dependencies.released is None or issued.is_refreshed:
        return None
    released = dependencies.released.find_released_claims(issued.grant.grant_id)
    return None if released is None else released.id_token
