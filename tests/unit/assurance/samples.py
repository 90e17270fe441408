"""A person's evidence and an operator's policy, as the evaluation of claims sees them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from idp.assurance.claims_policy import ClaimsPolicy
from idp.assurance.predicate import Area
from idp.assurance.trust_framework import production_frameworks, sandbox_frameworks
from idp.evidence import BasicFour, Check, CredentialKind, Evidence

ISSUER = "https://id.example.jp"
NOW = datetime(2026, 11, 22, 7, 31, 30, tzinfo=UTC)
REQUESTED_AT = NOW - timedelta(minutes=2)
VERIFIED_AT = datetime(2026, 11, 22, 7, 31, 12, tzinfo=UTC)
OWN = f"{ISSUER}/tf/jpki-v1"
TAXING = Area("13101", "東京都千代田区")
TOKYO = Area("13", "東京都")
OSAKA = Area("27", "大阪府")
YAMADA = BasicFour(
    name="山田　太郎",
    name_substitutions=(0,),
    address="東京都千代田区霞が関二丁目1番2号",
    address_substitutions=(),
    birthdate=date(1985, 3, 15),
    gender="male",
)


def person(**changed: Any) -> BasicFour:
    return replace(YAMADA, **changed)


def make_policy(**changed: Any) -> ClaimsPolicy:
    members: dict[str, Any] = {
        "issuer": ISSUER,
        "frameworks": production_frameworks(ISSUER, {"jp_aml": "jp_aml_ordinance_6_1_1"}),
        "has_status_source": True,
        "areas": (TOKYO, TAXING, OSAKA),
    }
    return ClaimsPolicy(**{**members, **changed})


def make_sandbox_policy() -> ClaimsPolicy:
    return make_policy(frameworks=sandbox_frameworks(ISSUER), has_status_source=False)


def user_authentication(status: str = "crl", credential_kind: CredentialKind = "card") -> Evidence:
    return Evidence(
        evidence_id="ev-auth",
        kind="user-authentication",
        credential_kind=credential_kind,
        verified_at=VERIFIED_AT - timedelta(seconds=30),
        procedure="card",
        checks=(
            Check("chk-auth-pop", "signature", VERIFIED_AT - timedelta(seconds=31)),
            Check("chk-auth-rev", status, VERIFIED_AT - timedelta(seconds=31)),
        ),
    )


def digital_signature(attributes: BasicFour | None = YAMADA, status: str = "ocsp", **changed: Any) -> Evidence:
    evidence = Evidence(
        evidence_id="ev-sign",
        kind="digital-signature",
        credential_kind="card",
        verified_at=VERIFIED_AT,
        procedure="card",
        checks=(
            Check("chk-sign-pop", "signature", VERIFIED_AT - timedelta(seconds=1)),
            Check("chk-sign-rev", status, VERIFIED_AT - timedelta(seconds=1)),
        ),
        attributes=attributes,
    )
    return replace(evidence, **changed)


EVIDENCE = (user_authentication(), digital_signature())
