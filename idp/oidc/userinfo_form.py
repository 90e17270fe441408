"""The form of a userinfo answer: JSON, a signed JWT, an encrypted one, as the client registered (OIDC Core §5.3.2)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp.oidc.access_token import bearer_error
from idp.oidc.encrypted_answer import encrypt_for_client
from idp.oidc.errors import ErrorCode
from idp.oidc.ports import ClientStore, IdTokenSigner


@dataclass(frozen=True, slots=True)
class UserinfoForm:
    """What a userinfo answer is written with."""

    issuer: str
    clients: ClientStore
    signer: IdTokenSigner

    def write(self, claims: Mapping[str, Any], client_id: str) -> dict[str, Any] | str:
        """The claims for their client.

        Returns: the members of a JSON answer, or the text of one of type application/jwt.
        Raises:  OAuthError invalid_token: the client is gone; invalid_request: it has no key to encrypt to any more.
        Source:  OIDC Core §5.3.2 (a signed answer has iss and aud), §10.2; RFC 7519 §11.2.
        """
        client = self.clients.find_client(client_id)
        if client is None:
            raise bearer_error(ErrorCode.INVALID_TOKEN, "The access token is of a client that is not registered.")
        signing, alg = client.options.userinfo_signed_response_alg, client.options.userinfo_encrypted_response_alg
        if signing is None and alg is None:
            return dict(claims)
        if signing is None:
            text, cty = json.dumps(claims, separators=(",", ":")), None
        else:
            # Last, so that nothing released can take the place of who says it and to whom.
            text, cty = self.signer.sign({**claims, "iss": self.issuer, "aud": client_id}, signing), "JWT"
        if alg is None:
            return text
        return encrypt_for_client(text, client.jwks or {}, alg, client.options.userinfo_encrypted_response_enc, cty=cty)
