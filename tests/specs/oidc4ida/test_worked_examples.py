"""Two whole exchanges: a login by user authentication, and the four attributes by the signing certificate."""

import json
from typing import Any

from tests.specs.oidc4ida.schemas import is_valid_request
from tests.unit.assurance.samples import ISSUER, OWN, user_authentication
from tests.unit.oidc.claims_world import ALL, TXN, ClaimsWorld
from tests.unit.oidc.samples import make_client

CHECKS = [{"check_method": None, "check_id": None, "time": None}]
CARD = {"type": {"value": "jp_individual_number_card"}}
DOCUMENT = {"type": {"value": "document"}, "check_details": CHECKS, "document_details": CARD}
LOGIN: dict[str, Any] = {
    "id_token": {
        "acr": {"essential": True, "values": [f"{ISSUER}/acr/user-authentication"]},
        "auth_time": {"essential": True},
        "txn": None,
        "verified_claims": {
            "verification": {
                "trust_framework": None,
                "time": None,
                "verification_process": None,
                "assurance_process": {"procedure": None},
                "evidence": [DOCUMENT],
            },
            "claims": None,
        },
    }
}
FOUR_ATTRIBUTES: dict[str, Any] = {
    "userinfo": {
        "txn": None,
        "verified_claims": {
            "verification": {
                "trust_framework": {"value": "jp_aml"},
                "time": {"max_age": 86400},
                "verification_process": None,
                "assurance_process": {"policy": None, "procedure": None},
                "evidence": [DOCUMENT],
            },
            "claims": {
                "name": {"essential": True},
                "birthdate": {"essential": True},
                "address": {"essential": True},
                "gender": None,
            },
        },
    }
}
ATTRIBUTES = {
    "name": "山田　太郎",
    "birthdate": "1985-03-15",
    "gender": "male",
    "address": {"formatted": "東京都千代田区霞が関二丁目1番2号", "country_code": "JPN"},
}


def test_the_requests_are_valid() -> None:
    assert is_valid_request(LOGIN)
    assert is_valid_request(FOUR_ATTRIBUTES)


def test_a_login_proves_a_valid_card_and_nothing_about_whose() -> None:
    world = ClaimsWorld(LOGIN, evidence=(user_authentication(),), client=make_client())
    assert world.keys() == ["verification"]
    released = world.release()
    assert released.userinfo == {}
    assert released.id_token == {
        "txn": TXN,
        "verified_claims": {
            "verification": {
                "trust_framework": OWN,
                "assurance_process": {"procedure": "jpki_user_authentication"},
                "time": "2026-11-22T07:30:42Z",
                "verification_process": "ev-auth",
                "evidence": [
                    {
                        "type": "document",
                        "check_details": [
                            {"check_method": "token", "check_id": "chk-auth-pop", "time": "2026-11-22T07:30:41Z"},
                            {"check_method": "vcrypt", "check_id": "chk-auth-rev", "time": "2026-11-22T07:30:41Z"},
                        ],
                        "document_details": {"type": "jp_individual_number_card"},
                    }
                ],
            },
            "claims": {},
        },
    }


def test_four_attributes_under_the_money_laundering_law() -> None:
    world = ClaimsWorld(FOUR_ATTRIBUTES)
    assert [(item.key, item.is_essential) for item in world.items()] == [
        ("name", True),
        ("birthdate", True),
        ("address", True),
        ("gender", False),
    ]
    released = world.release()
    assert released.id_token == {}
    assert released.userinfo == {
        "txn": TXN,
        "verified_claims": {
            "verification": {
                "trust_framework": "jp_aml",
                "assurance_process": {"policy": "jp_aml_ordinance_6_1_1", "procedure": "jpki_signature_certificate"},
                "time": "2026-11-22T07:31:12Z",
                "verification_process": "ev-sign",
                "evidence": [
                    {
                        "type": "document",
                        "check_details": [
                            {"check_method": "eid", "check_id": "ev-sign", "time": "2026-11-22T07:31:12Z"},
                            {"check_method": "token", "check_id": "chk-sign-pop", "time": "2026-11-22T07:31:11Z"},
                            {"check_method": "vcrypt", "check_id": "chk-sign-rev", "time": "2026-11-22T07:31:11Z"},
                        ],
                        "document_details": {"type": "jp_individual_number_card"},
                    }
                ],
            },
            "claims": ATTRIBUTES,
        },
    }
    assert released.names == ("address", "birthdate", "gender", "name", "txn", "verified_claims")
    assert released.omitted == ()


SIGNATURE: dict[str, Any] = {
    "userinfo": {
        "verified_claims": {
            "verification": {
                "trust_framework": {"value": "jp_aml"},
                "time": None,
                "evidence": [
                    {
                        "type": {"value": "electronic_signature"},
                        "signature_type": None,
                        "issuer": None,
                        "serial_number": None,
                        "created_at": None,
                        "derived_claims": {"name": None, "birthdate": None},
                    }
                ],
            },
            "claims": {"name": None, "birthdate": None},
        }
    }
}


def test_a_lawful_verifier_gets_the_serial_number_if_the_person_agrees() -> None:
    world = ClaimsWorld(SIGNATURE, client=make_client(scope=ALL, is_lawful_verifier=True))
    assert world.keys() == ["name", "birthdate", "certificate_serial"]
    told = {"name": "山田　太郎", "birthdate": "1985-03-15"}
    assert world.release().userinfo["verified_claims"] == {
        "verification": {
            "trust_framework": "jp_aml",
            "time": "2026-11-22T07:31:12Z",
            "evidence": [
                {
                    "type": "electronic_signature",
                    "signature_type": f"{ISSUER}/sigtype/jpki-digital-signature",
                    "issuer": "OU=JPKI for digital signature,O=JPKI,C=JP",
                    "serial_number": "1a2b3c4d",
                    "created_at": "2026-11-22T07:31:12Z",
                    "derived_claims": told,
                }
            ],
        },
        "claims": told,
    }
    assert "certificate_serial" in world.release().names
    assert world.release(agreed=("name", "birthdate")).userinfo == {}


def demanding(**values: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(json.dumps(SIGNATURE))
    entry = claims["userinfo"]["verified_claims"]["verification"]["evidence"][0]
    entry.update({name: {"value": value} for name, value in values.items()})
    return claims


def test_a_serial_number_that_is_demanded_is_asked_for_and_told_only_if_it_is_this_one() -> None:
    lawful = make_client(scope=ALL, is_lawful_verifier=True)
    this_one = ClaimsWorld(demanding(serial_number="1a2b3c4d"), client=lawful)
    another = ClaimsWorld(demanding(serial_number="00", issuer="C=JP"), client=lawful)
    assert this_one.keys() == another.keys() == ["name", "birthdate", "certificate_serial"]
    assert this_one.release().userinfo
    assert this_one.release(agreed=("name", "birthdate")).userinfo == {}
    assert another.release().userinfo == {}
    assert [reason for _, reason in another.release().told_of_omitted] == ["left_out"]
    assert ClaimsWorld(demanding(serial_number="00")).keys() == []


def test_a_signature_without_its_three_required_members_is_left_out() -> None:
    entry = {"type": {"value": "electronic_signature"}, "serial_number": None}
    verification = {"trust_framework": None, "evidence": [entry]}
    claims = {"userinfo": {"verified_claims": {"verification": verification, "claims": {"name": None}}}}
    world = ClaimsWorld(claims, client=make_client(scope=ALL, is_lawful_verifier=True))
    assert world.release().userinfo["verified_claims"]["verification"] == {"trust_framework": OWN}


def test_anybody_else_gets_nothing_and_is_not_even_asked_for_the_card() -> None:
    world = ClaimsWorld(SIGNATURE)
    assert world.keys() == []
    assert world.release(agreed=("name", "birthdate", "certificate_serial")).userinfo == {}
