"""What a record of evidence holds, and who can open it."""

from dataclasses import replace

import pytest

from idp.keys.errors import Unsealable
from idp.keys.sealing import Sealer
from idp.signin.evidence_record import certificates_from_json, certificates_to_json, open_evidence
from tests.contracts.test_evidence_store import RECORD

SEALER = Sealer(b"k" * 32)


def test_certificates_come_back_as_they_were_kept() -> None:
    assert certificates_from_json(certificates_to_json(RECORD.certificates)) == RECORD.certificates
    assert certificates_from_json(certificates_to_json(())) == ()


def test_nothing_sealed_opens_to_nothing() -> None:
    assert open_evidence(SEALER, replace(RECORD, sealed=None)) is None


@pytest.mark.parametrize(("purpose", "context"), [("evidence", b"other"), ("released-claims", b"txn")])
def test_what_was_sealed_for_something_else_does_not_open(purpose: str, context: bytes) -> None:
    sealed = SEALER.seal(purpose, context, b'{"userinfo":{},"id_token":{},"statement":""}')
    with pytest.raises(Unsealable):
        open_evidence(SEALER, replace(RECORD, sealed=sealed))


def test_values_stand_in_no_representation() -> None:
    sealed = SEALER.seal("evidence", b"txn", '{"userinfo":{"name":"花子"},"id_token":{},"statement":"文"}'.encode())
    record = replace(RECORD, sealed=sealed)
    values = open_evidence(SEALER, record)
    assert values is not None
    assert values.userinfo == {"name": "花子"}
    assert "花子" not in repr(values)
    assert sealed not in repr(record)
