"""Profiles out of the settings: complete, known and never the sandbox's."""

import pytest

from idp.jpki.profile import CARD_DIGITAL_SIGNATURE, CARD_USER_AUTHENTICATION, SANDBOX_ARC, CredentialProfile
from idp.jpki.profile_settings import ProfileRefused, profile_from_settings

PHONE = {
    "name": "phone-user-authentication",
    "purpose": "user-authentication",
    "credential_kind": "phone",
    "policy_oid": "1.2.392.200149.8.5.1.3.99",
    "key": "rsa-2048",
}


def test_a_phone_is_described_in_five_members():
    profile = profile_from_settings(PHONE)
    assert profile == CredentialProfile(
        name="phone-user-authentication",
        purpose="user-authentication",
        credential_kind="phone",
        policy_oid="1.2.392.200149.8.5.1.3.99",
        key_rule=CARD_USER_AUTHENTICATION.key_rule,
        key_usage=frozenset({"digital_signature"}),
        extended_key_usage="1.3.6.1.5.5.7.3.2",
        amr=("hwk",),
    )


@pytest.mark.parametrize("built_in", [CARD_USER_AUTHENTICATION, CARD_DIGITAL_SIGNATURE], ids=lambda found: found.name)
def test_the_built_in_profiles_can_be_described(built_in: CredentialProfile):
    described = {
        "name": built_in.name,
        "purpose": built_in.purpose,
        "credential_kind": built_in.credential_kind,
        "policy_oid": built_in.policy_oid,
        "key": "rsa-2048",
    }
    assert profile_from_settings(described) == built_in


def test_amr_usages_and_the_next_key_can_be_chosen():
    changes = {"key": "p-384", "amr": ["hwk", "pin"], "extended_key_usage": "", "key_usage": ["content_commitment"]}
    profile = profile_from_settings({**PHONE, **changes})
    assert profile.key_rule.algorithm == "ES384"
    assert profile.amr == ("hwk", "pin")
    assert profile.extended_key_usage is None
    assert profile.key_usage == {"content_commitment"}


@pytest.mark.parametrize(
    "changes",
    [
        {"unknown": 1},
        {"sandbox": True},
        {"name": ""},
        {"name": "Upper"},
        {"purpose": "everything"},
        {"purpose": None},
        {"credential_kind": "watch"},
        {"policy_oid": "1"},
        {"policy_oid": "not an oid"},
        {"policy_oid": "1.2.03.4"},
        {"policy_oid": SANDBOX_ARC},
        {"policy_oid": SANDBOX_ARC + ".3.30"},
        {"key": "rsa-1024"},
        {"key": ["rsa-2048"]},
        {"key_usage": []},
        {"key_usage": "digital_signature"},
        {"key_usage": ["key_cert_sign"]},
        {"extended_key_usage": "client"},
        {"extended_key_usage": None},
        {"amr": []},
        {"amr": ["made up"]},
        {"amr": [1]},
    ],
    ids=repr,
)
def test_what_is_no_profile_is_refused(changes: dict[str, object]):
    with pytest.raises(ProfileRefused):
        profile_from_settings({**PHONE, **changes})


@pytest.mark.parametrize("member", sorted(PHONE))
def test_a_missing_member_is_refused(member: str):
    with pytest.raises(ProfileRefused):
        profile_from_settings({key: value for key, value in PHONE.items() if key != member})
