"""A registration judged anew: what stays, what is drawn afresh, and what may not change unasked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from idp.identifiers import hash_secret
from idp.oidc.client_update import change_client
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.registration import client_fingerprint, client_to_registration, register_client
from tests.unit.oidc.samples import NOW

METADATA = {"client_name": "R", "redirect_uris": ["https://rp.example/cb"]}
CLIENT, SECRET = register_client(METADATA, sandbox=False, now=NOW, is_reviewed=True, evidence_retention_days=30)
LATER = NOW + timedelta(days=1)


def test_the_same_metadata_is_the_same_client() -> None:
    again, secret = change_client(CLIENT, client_to_registration(CLIENT), sandbox=False, now=LATER)
    assert (again, secret) == (CLIENT, None)


def test_what_is_not_said_again_is_registered_no_more() -> None:
    """RFC 7592 §2.2: a replacement, not an addition."""
    with_terms, _ = change_client(CLIENT, {**METADATA, "tos_uri": "https://rp.example/"}, sandbox=False, now=LATER)
    assert with_terms.options.tos_uri
    assert change_client(with_terms, METADATA, sandbox=False, now=LATER)[0] == CLIENT


def test_a_secret_is_kept_dropped_and_drawn_with_the_method() -> None:
    post, none = change_client(
        CLIENT, {**METADATA, "token_endpoint_auth_method": "client_secret_post"}, sandbox=False, now=LATER
    )
    assert (post.secret_hash, none) == (CLIENT.secret_hash, None)
    public, none = change_client(CLIENT, {**METADATA, "token_endpoint_auth_method": "none"}, sandbox=False, now=LATER)
    assert (public.secret_hash, none) == (None, None)
    again, secret = change_client(public, METADATA, sandbox=False, now=LATER)
    assert secret is not None
    assert again.secret_hash == hash_secret(secret) != CLIENT.secret_hash


def test_people_do_not_get_another_sub_unasked() -> None:
    elsewhere = {**METADATA, "redirect_uris": ["https://elsewhere.example/cb"]}
    for metadata in (elsewhere, {**METADATA, "subject_type": "public"}):
        with pytest.raises(OAuthError) as refused:
            change_client(CLIENT, metadata, sandbox=False, now=LATER)
        assert refused.value.code is ErrorCode.INVALID_CLIENT_METADATA
        changed, _ = change_client(CLIENT, metadata, sandbox=False, now=LATER, may_change_sector=True)
        assert changed.sector != CLIENT.sector


def test_a_sign_in_in_flight_notices_the_change() -> None:
    changed, _ = change_client(CLIENT, {**METADATA, "client_name": "Other"}, sandbox=False, now=LATER)
    assert changed.fingerprint == client_fingerprint(changed) != CLIENT.fingerprint
    assert changed == replace(CLIENT, client_name="Other", fingerprint=changed.fingerprint)
