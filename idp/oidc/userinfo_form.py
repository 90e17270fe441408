"""The form of a userinfo answer: JSON, a signed JWT, an encrypted one, as the client registered (OIDC Core §5.3.2)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp.oidc.access_token import bearer_error
from idp.oidc.client import Client
from idp.oidc.encrypted_answer import find_encryption
from idp.oidc.errors import ErrorCode
from idp.oidc.ports import ClientStore, IdTokenSigner


@dataclass(frozen=True, slots=True)
class UserinfoForm:
    """What a userinfo answer is written with."""

    issuer: str
    clients: ClientStore
    signer: IdTokenSigner

    def get_client(self, client_id: str) -> Client:
        """The client that an access token was issued to.

        Raises: OAuthError invalid_token: it is gone.
        """
        client = self.clients.find_client(client_id)
        if client is None:
            raise bearer_error(ErrorCode.INVALID_TOKEN, "The access token is of a client that is not registered.")
        return client

    def write(self, claims: Mapping[str, Any], client_id: str) -> dict[str, Any] | str:
        """The claims for their client.

        Returns: the members of a JSON answer, or the text of one of type application/jwt.
        Raises:  OAuthError invalid_token: the client is gone. NoEncryptionKey.
        Source:  OIDC Core §5.3.2 (a signed answer has iss and aud), §10.2; RFC 7519 §11.2.
        """
        client = self.get_client(client_id)
        encryption = find_encryption(client, "userinfo", self.clients)
        signing = client.options.userinfo_signed_response_alg
        if signing is None and encryption is None:
            return dict(claims)
        if signing is None:
            text, cty = json.dumps(claims, separators=(",", ":")), None
        else:
            # Last, so that nothing released can take the place of who says it and to whom.
            text, cty = self.signer.sign({**claims, "iss": self.issuer, "aud": client_id}, signing), "JWT"
        return text if encryption is None else encryption.encrypt(text, cty=cty)
