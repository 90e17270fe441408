"""A grant as a row: its columns, in the one order in which every statement names them."""

from typing import Any, Final

from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.oidc.authorization_details import AuthorizationDetails
from idp.oidc.grant import Grant
from idp.stores.sql.column_value import from_optional_seconds, join_words, split_words, to_optional_seconds
from idp.stores.sql.database import Row

GRANT_COLUMNS: Final = (
    "grants.grant_id, grants.client_id, grants.account_id, grants.credential_id, grants.session_hash, grants.sub, "
    "grants.redirect_uri, grants.scope, grants.nonce, grants.code_challenge, grants.auth_time, grants.acr, grants.amr, "
    "grants.status_time, grants.txn, grants.created_at, grants.dpop_jkt, grants.resources, "
    "grants.authorization_details"
)
GRANT_WIDTH: Final = 19


def read_grant(row: Row) -> Grant:
    """The grant at the beginning of a row that was selected with GRANT_COLUMNS first."""
    return Grant(
        grant_id=row[0],
        client_id=row[1],
        account_id=row[2],
        credential_id=row[3],
        session_hash=row[4],
        sub=row[5],
        redirect_uri=row[6],
        scope=split_words(row[7]),
        nonce=row[8],
        code_challenge=row[9],
        auth_time=from_epoch_seconds(row[10]),
        acr=row[11],
        amr=split_words(row[12]),
        status_time=from_optional_seconds(row[13]),
        txn=row[14],
        created_at=from_epoch_seconds(row[15]),
        dpop_jkt=row[16],
        resources=split_words(row[17]),
        authorization_details=None if row[18] is None else AuthorizationDetails(row[18]),
    )


def to_grant_row(grant: Grant) -> tuple[Any, ...]:
    """The grant's values in the order of GRANT_COLUMNS."""
    return (
        grant.grant_id,
        grant.client_id,
        grant.account_id,
        grant.credential_id,
        grant.session_hash,
        grant.sub,
        grant.redirect_uri,
        join_words(grant.scope),
        grant.nonce,
        grant.code_challenge,
        to_epoch_seconds(grant.auth_time),
        grant.acr,
        join_words(grant.amr),
        to_optional_seconds(grant.status_time),
        grant.txn,
        to_epoch_seconds(grant.created_at),
        grant.dpop_jkt,
        join_words(grant.resources),
        None if grant.authorization_details is None else grant.authorization_details.text,
    )
