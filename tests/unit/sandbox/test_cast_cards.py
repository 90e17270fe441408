"""The cast ends in what it promises, and survives a restart."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from idp.jpki.crl import verify_crl
from idp.jpki.crl_index import index_path, write_index
from idp.jpki.crl_status import CrlRevocation
from idp.jpki.errors import CardRejected
from idp.jpki.profile import SANDBOX_PROFILES
from idp.jpki.revocation import RevocationPolicy
from idp.sandbox.cast import CAST, CastMember
from idp.sandbox.installation import prepare_sandbox
from tests.unit.jpki.certificates import sign, verify

NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("installation") / "sandbox"


@pytest.fixture(scope="module")
def sandbox(directory: Path):
    return prepare_sandbox(directory, NOW)


@pytest.fixture(scope="module")
def revocation(sandbox, tmp_path_factory) -> RevocationPolicy:
    indexes = tmp_path_factory.mktemp("indexes")
    pki, _ = sandbox
    for anchor in pki.anchors().anchors:
        crl = verify_crl(pki.crl_path(anchor.issuer_key_id).read_bytes(), anchor, NOW)
        write_index(index_path(indexes, anchor.issuer_key_id), crl)
    return RevocationPolicy([CrlRevocation(indexes)])


@pytest.mark.parametrize("purpose", ["user-authentication", "digital-signature"])
@pytest.mark.parametrize("member", CAST, ids=lambda member: member.slug)
def test_a_member_ends_in_what_it_promises(sandbox, revocation, member: CastMember, purpose):
    pki, cards = sandbox
    card = cards[member.slug]
    issued = card.user_authentication if purpose == "user-authentication" else card.digital_signature
    if issued is None:
        assert not member.has_digital_signature
        return

    def sign_in():
        return verify(
            issued.certificate_der,
            proof=sign(issued.private_key),
            purpose=purpose,
            profiles=SANDBOX_PROFILES,
            anchors=pki.anchors(),
            revocation=revocation,
            now=NOW,
        )

    if member.expected is None:
        assert sign_in().profile.credential_kind == ("phone" if member.kind == "phone" else "card")
    else:
        with pytest.raises(CardRejected) as refusal:
            sign_in()
        assert refusal.value.reason is member.expected


def test_a_second_start_opens_the_same_cards(directory: Path, sandbox):
    _, cards = sandbox
    _, again = prepare_sandbox(directory, NOW + timedelta(days=1))
    for slug, card in cards.items():
        for before, after in (
            (card.user_authentication, again[slug].user_authentication),
            (card.digital_signature, again[slug].digital_signature),
        ):
            assert (before is None) == (after is None)
            if before is not None and after is not None:
                assert (before.authority, before.serial, before.certificate_der) == (
                    after.authority,
                    after.serial,
                    after.certificate_der,
                )
                assert public(before.private_key) == public(after.private_key)


def public(key) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def test_a_first_start_that_was_killed_is_made_anew(tmp_path: Path):
    (tmp_path / "pki.json").write_text("{", "utf-8")
    _, cards = prepare_sandbox(tmp_path, NOW)
    assert set(cards) == {member.slug for member in CAST}


def test_the_cards_files_are_readable_by_the_owner_only(directory: Path, sandbox):
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (directory / "cast").rglob("*") if path.is_file()}
    assert modes == {0o600}


def test_maps_have_a_digit_for_every_character():
    for member in CAST:
        holder = member.holder.with_full_maps()
        assert len(holder.name_map) == len(holder.name)
        assert len(holder.address_map) == len(holder.address)


def test_slugs_are_unique():
    assert len({member.slug for member in CAST}) == len(CAST)
