"""Reading a registered client, by one statement."""

import json
from typing import Final

from idp.clock import from_epoch_seconds
from idp.oidc.client import Client
from idp.oidc.client_options import ClientOptions
from idp.stores.sql.column_value import is_storable, split_words
from idp.stores.sql.database import Row, Statements

_FIND: Final = """
SELECT client_id, client_name, redirect_uris, sector, token_endpoint_auth_method, id_token_signed_response_alg, scope,
       grant_types, require_pkce, is_reviewed, client_uri, post_logout_redirect_uris, secret_hash, jwks, created_at,
       fingerprint, is_lawful_verifier, evidence_retention_days, options
FROM clients WHERE client_id = ?
"""


class ClientReads:
    """What is asked of clients."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def find_client(self, client_id: str) -> Client | None:
        """The client, or None if it is not registered or was removed."""
        if not is_storable(client_id):
            return None
        row = self._statements.read_one(_FIND, (client_id,))
        return None if row is None else _read_client(row)


def _read_client(row: Row) -> Client:
    return Client(
        client_id=row[0],
        client_name=row[1],
        redirect_uris=split_words(row[2]),
        sector=row[3],
        token_endpoint_auth_method=row[4],
        id_token_signed_response_alg=row[5],
        scope=split_words(row[6]),
        grant_types=split_words(row[7]),
        require_pkce=bool(row[8]),
        is_reviewed=bool(row[9]),
        client_uri=row[10],
        post_logout_redirect_uris=split_words(row[11]),
        secret_hash=row[12],
        jwks=None if row[13] is None else json.loads(row[13]),
        created_at=from_epoch_seconds(row[14]),
        fingerprint=row[15],
        is_lawful_verifier=bool(row[16]),
        evidence_retention_days=row[17],
        options=ClientOptions.from_members(json.loads(row[18])),
    )
