"""What the status of a certificate costs: ``python -m bench.revocation`` prints the rows, and fails past a target.

A list of half a million entries (refresh, look-up, memory), OCSP cached and not, one whole verification for RSA-2048
and for P-384. CPU time, not time on the clock: neighbours on the machine do not count.
"""

import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from idp.identity.lookup_keys import LookupKey, LookupKeys
from idp.jpki.certificate import parse_certificate
from idp.jpki.chain import ChainedCertificate, verify_chain
from idp.jpki.crl import verify_crl
from idp.jpki.crl_index import index_path, write_index
from idp.jpki.crl_status import CrlRevocation
from idp.jpki.ocsp_status import OcspResponder, OcspRevocation
from idp.jpki.profile import SANDBOX_PROFILES
from idp.jpki.revocation import RevocationPolicy
from idp.jpki.verify import verify_card
from idp.ops.ports import ListedCredentialWriter, SweepNote
from idp.ops.revocation_refresh import CrlFeed, refresh_revocation
from idp.ops.revocation_sweep import RevocationSweep, sweep_revocations
from idp.sandbox.authority import Authority, digest_for
from idp.sandbox.cast import NEXT_CARD, ORDINARY
from idp.sandbox.cast_cards import CastCard
from idp.sandbox.outcome import answer_as
from idp.sandbox.pki import IssuedCertificate, SandboxPki, create_sandbox_pki
from idp.sandbox.responder import SandboxResponder

ENTRIES: Final = 500_000
REFRESH_LIMIT_SECONDS: Final = 2.0
SWEEP_LIMIT_SECONDS: Final = 2.0
LOOK_UP_LIMIT_MICROSECONDS: Final = 10.0
MEMORY_LIMIT_MEGABYTES: Final = 15.0
_MESSAGE: Final = b"bench" + hashlib.sha256(b"bench").digest()
_ENTRY_TAIL: Final = bytes.fromhex("170d3236303130313030303030305a300c300a0603551d1504030a0104")


class Published:
    """A ``CrlSource`` in memory."""

    def __init__(self, der: bytes) -> None:
        self._der = der

    def read(self) -> bytes:
        """The whole list."""
        return self._der


class InProcess:
    """An ``OcspExchange`` that ends at the sandbox's responder; its answer is made once, to measure us and not it."""

    def __init__(self, responder: SandboxResponder, now: datetime) -> None:
        self._responder = responder
        self._now = now
        self._answer: bytes | None = None

    def ask(self, request: bytes) -> bytes:
        """The responder's answer."""
        if self._answer is None:
            self._answer = self._responder.answer(request, self._now)
        return self._answer


class Strangers:
    """A ``ListedCredentialStore`` of 100,000 credentials of which no list names any."""

    def __init__(self) -> None:
        self._digests = frozenset(hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(100_000))

    def find_live_digests(self, lookup_key_id: str, limit: int) -> frozenset[bytes] | None:
        """All of them."""
        return self._digests

    def find_listed_credentials(self, lookup_key_id: str, digests: Sequence[bytes]) -> tuple[str, ...]:
        """Nobody."""
        return ()

    def writing(self) -> AbstractContextManager[ListedCredentialWriter]:
        """Never."""
        raise AssertionError("nobody is listed")


class Forgetful:
    """``SweepNotes`` that keep nothing, so that every sweep is whole."""

    def find(self, kind: str, key: str, now: datetime) -> SweepNote | None:
        """Nothing."""
        return None

    def insert(self, kind: str, key: str, value: bytes, expires_at: datetime, now: datetime) -> bool:
        """Lost."""
        return True

    def replace(self, kind: str, key: str, version: int, value: bytes, expires_at: datetime, now: datetime) -> bool:
        """Lost."""
        return True


def main() -> int:
    """Measure, print the rows, and answer whether the targets were met."""
    now = datetime.now(UTC).replace(microsecond=0)
    with tempfile.TemporaryDirectory(prefix="idp-bench-") as name:
        directory = Path(name)
        pki = create_sandbox_pki(directory / "pki", now)
        issued = pki.issue_user_authentication(ORDINARY.holder, now)
        rows = {**_measure_list(pki, issued, directory / "index", now), **_measure_ocsp(pki, issued, now)}
        rows |= _measure_verification(pki, directory / "index", now)
    for label, (value, unit, limit) in rows.items():
        print(f"| {label} | {value:,.2f} {unit} | {'' if limit is None else f'≤ {limit:g} {unit}'} |")
    missed = [label for label, (value, _, limit) in rows.items() if limit is not None and value > limit]
    print(json.dumps({"missed": missed}))
    return 1 if missed else 0


Rows = dict[str, tuple[float, str, float | None]]


def _measure_list(pki: SandboxPki, issued: IssuedCertificate, directory: Path, now: datetime) -> Rows:
    chained = _chain(pki, issued, now)
    der, serials = _big_list(pki, chained, now)
    feeds = {chained.anchor.issuer_key_id: [CrlFeed(Published(der))]}
    started = time.process_time()
    outcomes = refresh_revocation(pki.anchors(), feeds, directory, now)
    refreshed = time.process_time() - started
    assert any(outcome.state == "updated" for outcome in outcomes)
    keys = LookupKeys((LookupKey("bench", bytes(32)),))
    sweep = RevocationSweep(pki.anchors(), keys, directory, Strangers(), Forgetful())
    started = time.process_time()
    assert any(found.entry_count == ENTRIES for found in sweep_revocations(sweep, now).swept)
    swept = time.process_time() - started
    path = index_path(directory, chained.anchor.issuer_key_id)
    source = CrlRevocation(directory)
    before = _resident_private_bytes()
    index = source.open_list(chained.anchor.issuer_key_id, now)
    assert all(index.is_revoked(serial.to_bytes(4, "big")) for serial in serials[:1000])
    private = (_resident_private_bytes() - before) / 1e6
    wanted = [serial.to_bytes(4, "big") for serial in Random(2).sample(range(1 << 24, 1 << 31), 20_000)]
    started = time.process_time()
    for serial in wanted:
        index.is_revoked(serial)
    looked_up = (time.process_time() - started) / len(wanted) * 1e6
    return {
        f"CRL of {ENTRIES:,} entries ({len(der) / 1e6:.1f} MB): refresh, CPU": (refreshed, "s", REFRESH_LIMIT_SECONDS),
        "its entries looked for among 100,000 credentials, CPU": (swept, "s", SWEEP_LIMIT_SECONDS),
        "CRL look-up": (looked_up, "µs", LOOK_UP_LIMIT_MICROSECONDS),
        "CRL index, shared by all workers": (path.stat().st_size / 1e6, "MB", MEMORY_LIMIT_MEGABYTES),
        "CRL index, private to a worker": (max(private, 0.0), "MB", None),
        "CRL status as a sign-in asks it": (_microseconds(lambda: source.find_status(chained, now)), "µs", None),
    }


def _measure_ocsp(pki: SandboxPki, issued: IssuedCertificate, now: datetime) -> Rows:
    chained = _chain(pki, issued, now)
    responders = {chained.anchor.issuer_key_id: OcspResponder(InProcess(SandboxResponder(pki), now))}
    cached = OcspRevocation(responders)
    uncached = OcspRevocation(responders, cache_seconds=0)
    return {
        "OCSP status, cached": (_microseconds(lambda: cached.find_status(chained, now)), "µs", None),
        "OCSP status, asked (without network)": (_microseconds(lambda: uncached.find_status(chained, now)), "µs", None),
    }


def _measure_verification(pki: SandboxPki, directory: Path, now: datetime) -> Rows:
    rows: Rows = {}
    for label, member in (("RSA-2048", ORDINARY), ("P-384", NEXT_CARD)):
        issued = pki.issue_user_authentication(member.holder, now, kind=member.kind)
        anchor = _chain(pki, issued, now).anchor
        if not index_path(directory, anchor.issuer_key_id).exists():
            complete = pki.publish_crls(now)[anchor.issuer_key_id]
            write_index(index_path(directory, anchor.issuer_key_id), verify_crl(complete, anchor, now))
        card = CastCard(member, issued, None)
        answer = answer_as(card, "ok", {}, _MESSAGE)
        policy = RevocationPolicy([CrlRevocation(directory)])

        def verify() -> object:
            return verify_card(
                answer.certificate,  # noqa: B023 -- called before the next turn
                _MESSAGE,
                answer.algorithm,  # noqa: B023
                answer.signature,  # noqa: B023
                purpose="user-authentication",
                profiles=SANDBOX_PROFILES,
                trust=pki.anchors(),
                revocation=policy,  # noqa: B023
                now=now,
            )

        rows[f"whole verification with CRL status, {label}"] = (_microseconds(verify, 1000), "µs", None)
    return rows


def _chain(pki: SandboxPki, issued: IssuedCertificate, now: datetime) -> ChainedCertificate:
    parsed = parse_certificate(issued.certificate_der)
    profile = next(p for p in SANDBOX_PROFILES if p.policy_oid in parsed.extensions.policies)
    return verify_chain(parsed, profile, pki.anchors(), now)


def _big_list(pki: SandboxPki, chained: ChainedCertificate, now: datetime) -> tuple[bytes, list[int]]:
    """A list with half a million entries; the library would take ten seconds to build it."""
    authority = pki.get_authority("user-authentication", 2)
    entry = x509.RevokedCertificateBuilder().serial_number(7).revocation_date(now)
    small = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now)
        .next_update(now + timedelta(days=1))
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_revoked_certificate(entry.build())
        .sign(authority.private_key, digest_for(authority.private_key))
    )
    own = int.from_bytes(chained.certificate.serial, "big")
    serials = [serial for serial in Random(1).sample(range(1 << 24, 1 << 31), ENTRIES + 1) if serial != own][:ENTRIES]
    entries = b"".join(_element(0x30, b"\x02\x04" + serial.to_bytes(4, "big") + _ENTRY_TAIL) for serial in serials)
    tbs = small.tbs_certlist_bytes
    at = tbs.index(b"\x02\x01\x07\x17") - 4
    rest = at + 2 + tbs[at + 1]
    begin = 2 if tbs[1] < 0x80 else 2 + (tbs[1] & 0x7F)
    signed = _element(0x30, tbs[begin:at] + _element(0x30, entries) + tbs[rest:])
    whole = small.public_bytes(Encoding.DER)
    algorithm = whole[whole.index(tbs) + len(tbs) :][:15]
    return _element(0x30, signed + algorithm + _element(0x03, b"\0" + _sign(authority, signed))), serials


def _sign(authority: Authority, signed: bytes) -> bytes:
    key = authority.private_key
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("the second generation has an RSA key")
    return key.sign(signed, PKCS1v15(), digest_for(key))


def _element(tag: int, content: bytes) -> bytes:
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _microseconds(call: Callable[[], object], times: int = 3000) -> float:
    for _ in range(50):
        call()
    started = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - started) / times * 1e6


def _resident_private_bytes() -> int:
    """Anonymous memory of this process: what no other worker can share."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))


if __name__ == "__main__":
    sys.exit(main())
