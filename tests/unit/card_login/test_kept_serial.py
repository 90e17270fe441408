"""A serial number is kept where somebody can be asked about the certificate and no list tells of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from idp.card_login.kept_serial import SerialKeeping
from idp.identity.credential import LookupDigest
from idp.identity.sealed_serial import unseal_serial
from idp.jpki.certificate import parse_certificate
from idp.jpki.chain import verify_chain
from idp.jpki.crl_partition import list_partitions, parse_distribution_point, partition_id
from idp.jpki.ports import Status, StatusState
from idp.jpki.profile import SANDBOX_CARD_USER_AUTHENTICATION
from idp.jpki.status_coverage import WHOLE_AUTHORITY, StatusCoverage
from idp.jpki.verify import VerifiedCertificate
from idp.keys.sealing import Sealer
from idp.sandbox.cast import ORDINARY
from idp.sandbox.pki import create_sandbox_pki

NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
ROW = LookupDigest("2026", b"d" * 32)
SEALER = Sealer(b"k" * 32)
ELSEWHERE = partition_id(parse_distribution_point("CN=Elsewhere CRLDP,C=JP"))


@pytest.fixture(scope="module")
def shown(tmp_path_factory) -> tuple[bytes, VerifiedCertificate]:
    pki = create_sandbox_pki(tmp_path_factory.mktemp("sandbox"), NOW)
    der = pki.issue_user_authentication(ORDINARY.holder, NOW).certificate_der
    chained = verify_chain(parse_certificate(der), SANDBOX_CARD_USER_AUTHENTICATION, pki.anchors(), NOW)
    status = Status(StatusState.GOOD, NOW, "ocsp", "check")
    certificate = VerifiedCertificate(
        chained.profile, chained.anchor.issuer_key_id, chained.serial, NOW, NOW, status, checks=()
    )
    return der, certificate


def keep(shown: tuple[bytes, VerifiedCertificate], coverage: StatusCoverage):
    keeping = SerialKeeping(coverage, SEALER, timedelta(hours=6))
    return keeping.keep_serial(*shown, ROW, NOW)


def test_what_is_kept_is_the_certificates_own_name_and_it_is_due_after_the_interval(shown) -> None:
    der, certificate = shown
    kept = keep(shown, StatusCoverage(frozenset([certificate.issuer_key_id])))
    assert kept is not None
    assert kept.due_at == NOW + timedelta(hours=6)
    assert unseal_serial(SEALER, ROW, kept.sealed) == (certificate.issuer_key_id, parse_certificate(der).serial)
    assert kept.sealed not in repr(kept)


def test_nothing_is_kept_where_nobody_could_be_asked_or_nobody_was(shown) -> None:
    der, certificate = shown
    coverage = StatusCoverage(frozenset([certificate.issuer_key_id]))
    assert keep(shown, StatusCoverage(frozenset([b"o" * 32]))) is None
    assert keep((der, replace(certificate, status=None)), coverage) is None


@pytest.mark.parametrize(("is_own", "is_kept"), [(True, False), (False, True)])
def test_a_list_of_the_certificates_own_partition_spares_its_serial_number(shown, is_own, is_kept) -> None:
    der, certificate = shown
    listed = list_partitions(parse_certificate(der)) if is_own else [ELSEWHERE]
    assert listed
    issuer = certificate.issuer_key_id
    kept = keep(shown, StatusCoverage(frozenset([issuer]), {issuer: listed}))
    assert (kept is not None) is is_kept


def test_a_list_of_the_whole_authority_spares_all(shown) -> None:
    issuer = shown[1].issuer_key_id
    assert keep(shown, StatusCoverage(frozenset([issuer]), {issuer: [WHOLE_AUTHORITY]})) is None
