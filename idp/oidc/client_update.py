"""A client whose registration changes: the same client, its metadata read and judged anew.

Implements RFC 7592 §2.2 (a whole replacement), for the operator and for the client itself.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from idp.assurance.claims_policy import ClaimsPolicy
from idp.identifiers import Randomness
from idp.oidc.client import Client
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.registration import client_fingerprint, register_client
from idp.oidc.sector_document import NOBODY_VOUCHES, SectorVoucher


def change_client(
    client: Client,
    metadata: Mapping[str, Any],
    *,
    sandbox: bool,
    now: datetime,
    claims_policy: ClaimsPolicy | None = None,
    sectors: SectorVoucher = NOBODY_VOUCHES,
    may_change_sector: bool = False,
    randomness: Randomness = secrets.token_bytes,
) -> tuple[Client, str | None]:
    """Establish that a client may be what it asks to be from now on.

    Takes:   metadata, the whole of it: what is not in it is registered no more; may_change_sector, whether people may
             be known to it by another ``sub`` afterwards.
    Returns: the client, and its new secret where it authenticates by one and did not before: an old one is kept.
    Raises:  OAuthError invalid_redirect_uri, invalid_client_metadata; the latter also where the sector would change,
             for then every person would be a stranger to the client, or somebody whom another client knows.
    Source:  RFC 7592 §2.2; OIDC Core §8.1.
    """
    changed, secret = register_client(
        metadata,
        sandbox=sandbox,
        now=now,
        randomness=randomness,
        client_id=client.client_id,
        is_reviewed=client.is_reviewed,
        is_lawful_verifier=client.is_lawful_verifier,
        evidence_retention_days=client.evidence_retention_days,
        claims_policy=claims_policy,
        sectors=sectors,
    )
    if changed.sector != client.sector and not may_change_sector:
        text = "this change gives people another sub at this client: register a new one"
        raise OAuthError(ErrorCode.INVALID_CLIENT_METADATA, text, detail="the sector would change")
    if secret is not None and client.secret_hash is not None:
        changed, secret = replace(changed, secret_hash=client.secret_hash), None
    options = replace(changed.options, is_self_registered=client.options.is_self_registered)
    changed = replace(changed, created_at=client.created_at, options=options)
    return replace(changed, fingerprint=client_fingerprint(changed)), secret
