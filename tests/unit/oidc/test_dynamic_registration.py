"""Clients that register, read, change and remove themselves (RFC 7591, RFC 7592)."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.clock import to_epoch_seconds
from idp.identifiers import hash_secret, is_identifier, new_identifier
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.registration import client_fingerprint
from idp.oidc.registration_ports import RegistrationLimits
from tests.unit.oidc.registration_world import METADATA, POLICY, World
from tests.unit.oidc.samples import ISSUER, NOW


def refusal(call: Any, *arguments: Any) -> OAuthError:
    with pytest.raises(OAuthError) as refused:
        call(*arguments)
    return refused.value


def test_the_answer_has_what_rfc_7591_section_3_2_1_asks_for() -> None:
    world = World()
    answer = world.register()
    client = world.store.by_id[answer["client_id"]].client
    assert client.secret_hash == hash_secret(answer["client_secret"])
    assert answer["client_secret_expires_at"] == to_epoch_seconds(NOW + POLICY.open_lifetime)
    assert answer["client_id_issued_at"] == to_epoch_seconds(NOW)
    assert answer["registration_client_uri"] == f"{ISSUER}/register/{answer['client_id']}"
    assert is_identifier(answer["registration_access_token"])
    registered = {
        "redirect_uris",
        "client_name",
        "scope",
        "grant_types",
        "response_types",
        "token_endpoint_auth_method",
    }
    assert registered <= answer.keys()
    assert "is_self_registered" not in answer


def test_the_token_is_stored_as_a_hash_alone() -> None:
    world = World()
    token = world.register()["registration_access_token"]
    assert [each.token_hash for each in world.store.by_id.values()] == [hash_secret(token)]
    assert token not in repr(world.store.by_id)


def test_nobody_has_reviewed_a_client_that_registered_itself() -> None:
    world = World()
    world.register()
    (made,) = world.store.by_id.values()
    assert not made.client.is_reviewed
    assert made.client.is_untrusted
    assert made.client.fingerprint == client_fingerprint(made.client)


def test_members_that_nobody_understands_are_ignored() -> None:
    """RFC 7591 §2; the operator's own tools refuse them."""
    unknown = {"application_type2": 1, "client_name#ja": "名前", "client_id": "mine", "is_reviewed": True}
    unknown |= {"client_secret": "mine", "tls_client_certificate_bound_access_tokens2": True, "policy_uri": None}
    # What a client may have of others' resources is known to the operator alone.
    unknown |= {"resources": ["https://api.example"], "protected_resources": ["https://api.example"]}
    world = World()
    answer = world.register({**METADATA, **unknown})
    assert answer["client_id"] != "mine"
    assert answer["client_secret"] != "mine"
    assert not {*unknown} & {*answer} - {"client_id", "client_secret"}
    assert not world.store.by_id[answer["client_id"]].client.is_reviewed


def test_a_client_without_a_name_is_called_like_its_host() -> None:
    assert World().register({"redirect_uris": ["https://rp.example/cb"]})["client_name"] == "rp.example"
    app = {"redirect_uris": ["com.example.app:/cb"], "application_type": "native", "token_endpoint_auth_method": "none"}
    assert World().register(app)["client_name"] == "com.example.app"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"redirect_uris": ["http://rp.example/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://rp.example/cb#x"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://*.example/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://user@rp.example/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": []}, "invalid_client_metadata"),
        ({"redirect_uris": "https://rp.example/cb"}, "invalid_client_metadata"),
        ({"redirect_uris": [f"https://rp.example/{n}" for n in range(21)]}, "invalid_client_metadata"),
        ({"client_name": "My\u202eBank"}, "invalid_client_metadata"),
        ({"client_name": "x" * 65}, "invalid_client_metadata"),
        ({"client_name": "a\nb"}, "invalid_client_metadata"),
        ({"scope": "openid name"}, "invalid_client_metadata"),
        ({"scope": ["openid"]}, "invalid_client_metadata"),
        ({"grant_types": 7}, "invalid_client_metadata"),
        ({"grant_types": ["authorization_code", "client_credentials"]}, "invalid_client_metadata"),
        ({"require_pkce": False}, "invalid_client_metadata"),
        ({"subject_type": "public"}, "invalid_client_metadata"),
        ({"sector_identifier_uri": "https://victim.example/sector"}, "invalid_client_metadata"),
        ({"jwks": {"keys": [{"kty": "oct", "k": "AA"}]}, "token_endpoint_auth_method": "private_key_jwt"},
         "invalid_client_metadata"),
        ({"jwks_uri": "https://169.254.169.254/", "token_endpoint_auth_method": "private_key_jwt"},
         "invalid_client_metadata"),
        ({"id_token_signed_response_alg": "none"}, "invalid_client_metadata"),
    ],
)  # fmt: skip
def test_what_the_operator_could_not_register_nobody_can(changed: dict[str, Any], code: str) -> None:
    world = World()
    assert refusal(world.register, {**METADATA, **changed}).code == code
    assert not world.store.by_id


def test_a_sandbox_registers_public_subjects_too() -> None:
    assert World(is_sandbox=True).register({**METADATA, "subject_type": "public"})["subject_type"] == "public"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"client_name": "a", "client_name": "b"}', b"\xff", b"[" * 5000, b" " * 40_000],
)
def test_a_body_that_is_not_one_plain_object_is_refused(body: bytes) -> None:
    assert refusal(World().register, body).code is ErrorCode.INVALID_CLIENT_METADATA


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=10) | st.just("https://rp.example/cb"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.binary(max_size=100) | st.dictionaries(
    st.sampled_from([
        "client_name", "redirect_uris", "scope", "grant_types", "jwks", "jwks_uri", "contacts", "subject_type",
        "software_statement", "token_endpoint_auth_method", "sector_identifier_uri", "application_type", "other",
    ]), VALUES).map(lambda members: json.dumps(members).encode()))  # fmt: skip
def test_whatever_bytes_are_sent_a_client_is_made_or_an_oauth_error_is_answered(body: bytes) -> None:
    world = World()
    try:
        world.register(body)
    except OAuthError as error:
        assert error.status in (400, 401)
        assert not world.store.by_id


def test_where_a_token_is_needed_nobody_registers_without_one() -> None:
    world = World(is_open=False)
    bare = refusal(world.register)
    assert (bare.code, bare.status, bare.authenticate) == (ErrorCode.INVALID_TOKEN, 401, "Bearer")
    for wrong in (new_identifier(), "x", "a b", ""):
        assert refusal(world.register, METADATA, wrong).code is ErrorCode.INVALID_TOKEN
    assert not world.store.by_id


def test_an_initial_access_token_is_good_as_often_as_it_says_and_for_good_registrations_only() -> None:
    world = World(is_open=False)
    token = world.invite(uses=2)
    assert refusal(world.register, {}, token).code is ErrorCode.INVALID_CLIENT_METADATA
    for _ in range(2):
        assert world.register(METADATA, token)["client_secret_expires_at"] == 0
    assert refusal(world.register, METADATA, token).code is ErrorCode.INVALID_TOKEN
    assert len(world.store.by_id) == 2


def test_a_token_that_was_spent_meanwhile_registers_nobody() -> None:
    world = World(is_open=False)
    token = world.invite()
    found = world.store.find_invitation(hash_secret(token), NOW)
    world.register(METADATA, token)
    world.store.find_invitation = lambda token_hash, now: found  # type: ignore[method-assign]
    assert refusal(world.register, METADATA, token).code is ErrorCode.INVALID_TOKEN
    assert len(world.store.by_id) == 1


def test_an_invitations_limits_hold_at_once_and_at_every_change() -> None:
    world = World(is_open=False)
    token = world.invite(uses=9, limits=RegistrationLimits(("openid",), ("rp.example", "two.example")))
    elsewhere = {**METADATA, "redirect_uris": ["https://rp.example/cb", "https://thief.example/cb"]}
    assert refusal(world.register, elsewhere, token).code is ErrorCode.INVALID_REDIRECT_URI
    more = {**METADATA, "scope": "openid offline_access"}
    assert refusal(world.register, more, token).code is ErrorCode.INVALID_CLIENT_METADATA
    refreshing = {**METADATA, "grant_types": ["authorization_code", "refresh_token"]}
    assert refusal(world.register, refreshing, token).code is ErrorCode.INVALID_CLIENT_METADATA
    made = world.register(METADATA, token)
    own = (made["client_id"], made["registration_access_token"])
    for metadata in (elsewhere, more, {**METADATA, "redirect_uris": ["com.rp.example:/cb"]}):
        with pytest.raises(OAuthError):
            world.update(*own, {**metadata, "client_id": own[0]})
    assert world.read(*own)["redirect_uris"] == METADATA["redirect_uris"]


@pytest.mark.parametrize(
    "changed",
    [
        {"post_logout_redirect_uris": ["https://thief.example/bye"]},
        {"initiate_login_uri": "https://thief.example/start"},
    ],
)
def test_an_invitations_hosts_hold_for_every_place_that_people_are_sent_to(changed: dict[str, Any]) -> None:
    world = World(is_open=False)
    token = world.invite(uses=9, limits=RegistrationLimits(("openid",), ("rp.example",)))
    with pytest.raises(OAuthError):
        world.register({**METADATA, **changed}, token)
    assert world.register(METADATA, token)["client_id"]


def test_a_change_leaves_what_is_the_operators_and_loosens_no_rule() -> None:
    world = World()
    made = world.register()
    own = (made["client_id"], made["registration_access_token"])
    found = world.store.by_id[own[0]]
    options = replace(
        found.client.options,
        resources=("https://api.example/",),
        authorization_details_types=("payment",),
        require_pushed_authorization_requests=True,
    )
    judged = replace(found.client, options=options)
    world.store.by_id[own[0]] = replace(found, client=replace(judged, fingerprint=client_fingerprint(judged)))
    sent = {**METADATA, "client_id": own[0]}
    assert refusal(world.update, *own, sent).code is ErrorCode.INVALID_CLIENT_METADATA
    world.update(*own, {**sent, "require_pushed_authorization_requests": True, "resources": ["https://other.example/"]})
    kept = world.store.by_id[own[0]].client.options
    assert (kept.resources, kept.authorization_details_types) == (("https://api.example/",), ("payment",))


def test_there_are_only_so_many_clients_that_nobody_invited() -> None:
    world = World()
    for _ in range(3):
        world.register()
    full = refusal(world.register)
    assert (full.code, full.status) == (ErrorCode.TEMPORARILY_UNAVAILABLE, 503)
    assert world.register(METADATA, world.invite())["client_id"]


def test_a_client_reads_what_is_registered_and_no_secret() -> None:
    world = World()
    made = world.register()
    read = world.read(made["client_id"], made["registration_access_token"])
    assert read == {name: value for name, value in made.items() if name != "client_secret"}


def test_a_client_changes_wholly_and_keeps_its_secret() -> None:
    """RFC 7592 §2.2."""
    world = World()
    made = world.register({**METADATA, "tos_uri": "https://rp.example/terms"})
    own = (made["client_id"], made["registration_access_token"])
    sent = {**METADATA, "client_id": own[0], "client_name": "新しい名前", "client_secret": made["client_secret"]}
    changed = world.update(*own, sent)
    assert changed["client_name"] == "新しい名前"
    assert "tos_uri" not in changed
    assert "client_secret" not in changed
    assert changed == world.read(*own)
    assert world.store.by_id[own[0]].client.secret_hash == hash_secret(made["client_secret"])


def test_a_change_ends_what_the_operator_had_found() -> None:
    world = World()
    made = world.register()
    own = (made["client_id"], made["registration_access_token"])
    found = world.store.by_id[own[0]]
    judged = replace(found.client, is_reviewed=True, is_lawful_verifier=True)
    judged = replace(judged, fingerprint=client_fingerprint(judged))
    world.store.by_id[own[0]] = replace(found, client=judged)
    world.update(*own, {**METADATA, "client_id": own[0]})
    assert world.store.by_id[own[0]].client.is_reviewed
    world.update(*own, {**METADATA, "client_id": own[0], "client_name": "My Bank"})
    client = world.store.by_id[own[0]].client
    assert not client.is_reviewed
    assert not client.is_lawful_verifier
    assert client.is_untrusted
    assert client.fingerprint == client_fingerprint(client)


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": ...},
        {"client_id": "another"},
        {"registration_access_token": "x"},
        {"registration_client_uri": "https://rp.example"},
        {"client_secret_expires_at": 0},
        {"client_id_issued_at": 1},
        {"client_secret": "guessed"},
        {"client_secret": None},
    ],
)
def test_a_change_chooses_nothing_that_the_provider_chooses(changed: dict[str, Any]) -> None:
    world = World()
    made = world.register()
    sent = {**METADATA, "client_id": made["client_id"], **changed}
    sent = {name: value for name, value in sent.items() if value is not ...}
    error = refusal(world.update, made["client_id"], made["registration_access_token"], sent)
    assert error.code is ErrorCode.INVALID_REQUEST


def test_people_do_not_get_another_sub_by_a_change() -> None:
    world = World()
    made = world.register()
    own = (made["client_id"], made["registration_access_token"])
    elsewhere = {**METADATA, "client_id": own[0], "redirect_uris": ["https://victim.example/cb"]}
    assert refusal(world.update, *own, elsewhere).code is ErrorCode.INVALID_CLIENT_METADATA


def test_two_changes_at_one_moment_are_one() -> None:
    world = World()
    made = world.register()
    own = (made["client_id"], made["registration_access_token"])
    seen = world.store.by_id[own[0]]
    world.update(*own, {**METADATA, "client_id": own[0], "client_name": "first"})
    world.store.find_registration = lambda *_: seen  # type: ignore[method-assign]
    sent = {**METADATA, "client_id": own[0], "client_name": "second"}
    assert refusal(world.update, *own, sent).code is ErrorCode.TEMPORARILY_UNAVAILABLE


def test_a_removed_client_is_gone_and_its_token_is_worth_nothing() -> None:
    world = World()
    made = world.register()
    own = (made["client_id"], made["registration_access_token"])
    world.remove(*own)
    assert not world.store.by_id
    for call in (world.read, world.remove):
        assert refusal(call, *own).code is ErrorCode.INVALID_TOKEN


def test_no_token_another_clients_and_none_at_all_are_refused_alike() -> None:
    """Client takeover by another's registration access token."""
    world = World()
    victim, thief = world.register(), world.register()
    for client_id in (victim["client_id"], "unknown"):
        for token in (thief["registration_access_token"], victim["client_secret"], new_identifier(), "x", ""):
            for call in (world.read, world.remove, lambda *own: world.update(*own, METADATA)):
                error = refusal(call, client_id, token)
                assert (error.code, error.status) == (ErrorCode.INVALID_TOKEN, 401)
        assert refusal(world.read, client_id, None).authenticate == "Bearer"
    assert world.store.by_id[victim["client_id"]].client.client_name == METADATA["client_name"]
