"""Lists and OCSP responses about one certificate of the first generation, in order and with one oddity each."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import AuthorityInformationAccessOID

from tests.unit.jpki.certificates import DAY, NOW, Leaf, ec_key, name, rsa_key
from tests.unit.jpki.ocsp_responses import REVOKED, UNKNOWN, Answer, Delegate, Response, one
from tests.unit.jpki.revocation_lists import HOUR, RevocationList
from tests.unit.jpki.test_crl import point
from tests.unit.jpki.test_crl_partition import CHIYODA, SHINJUKU, distribution_point, partition_list

_RESPONDER: Final = x509.AuthorityInformationAccess(
    [x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier("http://ocsp.invalid"))]
)
LEAF: Final = Leaf(more=[distribution_point(CHIYODA), (_RESPONDER, False)])
_LISTED: Final = [LEAF.serial]
_REASONS: Final = frozenset({x509.ReasonFlags.key_compromise})
_HOLD: Final = [(x509.CRLReason(x509.ReasonFlags.certificate_hold), False)]
_PAST: Final = {"this_update": NOW - 2 * DAY, "next_update": NOW - DAY}
_DIRECTORY: Final = [x509.DirectoryName(CHIYODA)]

LISTS: Final[dict[str, bytes]] = {
    label: found.der()
    for label, found in {
        "complete": RevocationList(),
        "complete, revoked": RevocationList(serials=_LISTED),
        "complete, on hold": RevocationList(serials=_LISTED, entry_extensions=_HOLD),
        "partition": partition_list(CHIYODA),
        "partition, revoked": partition_list(CHIYODA, serials=_LISTED),
        "other partition": partition_list(SHINJUKU),
        "other partition, revoked": partition_list(SHINJUKU, serials=_LISTED),
        "past its time": RevocationList(**_PAST),
        "past its time, revoked": RevocationList(serials=_LISTED, **_PAST),
        "from the future": RevocationList(this_update=NOW + HOUR, next_update=NOW + DAY),
        "other generation": RevocationList(key=rsa_key("authority-2")),
        "forged": RevocationList(key=rsa_key("forger")),
        "other issuer": RevocationList(issuer=name("Other")),
        "without number": RevocationList(number=None),
        "delta alone": RevocationList(more=[(x509.DeltaCRLIndicator(9), True)]),
        "authorities only": RevocationList(more=[(point(only_contains_ca_certs=True), True)]),
        "attribute certificates only": RevocationList(more=[(point(only_contains_attribute_certs=True), True)]),
        "some reasons": RevocationList(more=[(point(full_name=_DIRECTORY, only_some_reasons=_REASONS), True)]),
        "indirect": RevocationList(more=[(point(full_name=_DIRECTORY, indirect_crl=True), True)]),
    }.items()
}

ANSWERS: Final[dict[str, bytes]] = {
    label: replace(found, produced_at=NOW).der()
    for label, found in {
        "good": one(),
        "revoked": one(status=REVOKED),
        "unknown": one(status=UNKNOWN),
        "by the authority itself": Response(delegate=None),
        "certID by SHA-256": one(algorithm=hashes.SHA256()),
        "of another certificate": one(serial=5),
        "past its time": one(this_update=NOW - 2 * DAY, next_update=NOW - DAY),
        "past its time, revoked": one(status=REVOKED, this_update=NOW - 2 * DAY, next_update=NOW - DAY),
        "from the future": one(this_update=NOW + HOUR, next_update=NOW + DAY),
        "forged": Response(signing_key=ec_key("forger", "P-256")),
        "responder of another authority": Response(delegate=Delegate(signing_key=rsa_key("authority-2"))),
        "responder without purpose": Response(delegate=Delegate(purposes=None)),
        "responder expired": Response(delegate=Delegate(not_after=NOW - timedelta(seconds=1))),
        "responder without nocheck": Response(delegate=Delegate(no_check=False)),
        "two, the other revoked": Response(answers=(Answer(), Answer(serial=5, status=REVOKED))),
        "two, this one revoked": Response(answers=(Answer(serial=5), Answer(status=REVOKED))),
    }.items()
}

# The answers that stand for their kind: one that decides each way, one that does not know, one too old, one forged.
BESIDE_LISTS: Final = ("no answer", "good", "revoked", "unknown", "past its time", "forged")
