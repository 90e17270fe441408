"""RFC 5280 §6.1 and RFC 6960, judged twice: our verdicts and pyhanko-certvalidator's over a generated family.

``-s`` prints the table: how many, how many agree, and why each of the others differs. In no case do we take what the
second opinion refuses. It asks OCSP first, so ours does here too.
"""

from collections import Counter
from pathlib import Path

import pytest

from idp.jpki.certificate import parse_certificate
from idp.jpki.chain import verify_chain
from idp.jpki.crl import CrlRefused, verify_crl
from idp.jpki.crl_index import index_path, write_index
from idp.jpki.crl_status import CrlRevocation
from idp.jpki.errors import CardError, CardUnverifiable, Rejection
from idp.jpki.ocsp_status import OcspResponder, OcspRevocation
from idp.jpki.profile import CARD_USER_AUTHENTICATION
from idp.jpki.revocation import RevocationPolicy
from tests.specs.rfc5280.chain_family import PROFILES, Member, family_trust, kinds, members
from tests.specs.rfc5280.second_validator import second_verdict
from tests.specs.rfc5280.status_family import ANSWERS, BESIDE_LISTS, LEAF, LISTS
from tests.unit.jpki.certificates import NOW, verify
from tests.unit.jpki.test_crl_partition import CHIYODA

# A certificate with these faults alone is taken by the second opinion and refused by us.
STRICTER = {
    "is an authority": "§4.2.1.9 is asked of issuers only; a card's holder issues nothing",
    "a second policy": "§4.2.1.4 allows several; the one policy tells our kinds apart",
    "policy not critical": "§4.2.1.4 leaves it open; J-LIS's profile has it critical",
    "key usage not critical": "§4.2.1.3 says SHOULD; J-LIS's profile has it critical",
    "one usage more": "§4.2.1.3 allows any set; the profile has exactly one",
    "purpose client and server": "§4.2.1.12 allows several; the profile has exactly one",
    "purpose client": "§4.2.1.12: the profile for signing has none",
    "purpose server": "§4.2.1.12: the profile for signing has none",
    "key of 1024 bits": "RFC 5280 sets no size; the profile has 2048",
    "exponent 3": "RFC 5280 sets no exponent; the profile has 65537",
    "P-256 key": "RFC 5280 leaves the key open; the profile has one kind",
    "P-384 key": "RFC 5280 leaves the key open; the profile has one kind",
    "Ed25519 key": "RFC 5280 leaves the key open; the profile has one kind",
    "RSA key": "RFC 5280 leaves the key open; the profile has one kind",
    "no authority key id": "§4.2.1.1 lets a verifier try all keys of a name; we pick by key",
    "signature with SHA-512": "RFC 5280 leaves the algorithm open; the profile has one",
    "signature by PSS": "RFC 5280 leaves the algorithm open; the profile has one",
}
HARMLESS = {"unknown extension", "is expressly none"}


def our_verdict(member: Member, der: bytes) -> str:
    purpose = kinds()[member.kind].profile.purpose
    try:
        verify(der, key=member.leaf.key, purpose=purpose, profiles=PROFILES, anchors=family_trust())
    except CardError:
        return "refused"
    return "good"


def explanation(member: Member) -> str | None:
    """Why the verdicts on a member must differ, or None where they must agree."""
    telling = [fault for fault in member.faults if fault not in HARMLESS]
    if not telling or any(fault not in STRICTER for fault in telling):
        return None
    if member.kind != "signing certificate" and "purpose server" in telling:
        return None  # there the purpose is missing, which both see
    if member.kind.startswith("next card") and "no authority key id" in telling:
        return None  # the second opinion stumbles over this one, see second_verdict
    return " and ".join(sorted({STRICTER[fault] for fault in telling}))


def show(title: str, agreed: int, explained: Counter[str]) -> None:
    print(f"\n{title}: {agreed + explained.total()} judged, {agreed} agreed, {explained.total()} explained")
    for reason, count in sorted(explained.items(), key=lambda item: (-item[1], item[0])):
        if " and " not in reason:
            print(f"  {count:5}  {reason}")
    together = sum(count for reason, count in explained.items() if " and " in reason)
    print(f"  {together:5}  two of these reasons at once")


@pytest.mark.slow
def test_both_judge_every_certificate_alike_but_where_we_are_stricter():
    agreed, explained, wrong = 0, Counter[str](), []
    for member in members():
        der = member.leaf.der()
        ours, second = our_verdict(member, der), second_verdict(der, kinds()[member.kind].profile)
        reason = explanation(member)
        if (ours, second) == ("refused", "good") and reason is not None:
            explained[reason] += 1
        elif ours == second and reason is None:
            agreed += 1
        else:
            wrong.append((member.kind, member.faults, ours, second))
    show("certificates", agreed, explained)
    assert wrong == []
    assert {part for reason in explained for part in reason.split(" and ")} == set(STRICTER.values())
    assert agreed > 500


class Exchange:
    def __init__(self, response: bytes) -> None:
        self.response = response

    def ask(self, request: bytes) -> bytes:
        return self.response


def lists_in(directory: Path, crl: bytes | None) -> CrlRevocation:
    anchor = family_trust().anchors[0]
    for point in (None, CHIYODA):
        try:
            verified = verify_crl(crl or b"", anchor, NOW, point)
        except CrlRefused:
            continue
        write_index(index_path(directory, anchor.issuer_key_id, verified.partition), verified)
    return CrlRevocation(directory, partitioned=[anchor.issuer_key_id])


def our_status(lists: CrlRevocation, response: bytes | None) -> str:
    chained = verify_chain(parse_certificate(LEAF.der()), CARD_USER_AUTHENTICATION, family_trust(), NOW)
    responders = {chained.anchor.issuer_key_id: OcspResponder(Exchange(response))} if response else {}
    try:
        RevocationPolicy([OcspRevocation(responders), lists]).check_good(chained, NOW)
    except CardUnverifiable:
        return "refused"
    except CardError as refusal:
        # The second opinion knows a hold as one reason of a revocation.
        assert refusal.reason in (Rejection.REVOKED, Rejection.ON_HOLD)
        return "revoked"
    return "good"


# Where OCSP has not decided: what we say of a list, what the second opinion says, and why.
STATUS_STRICTER = {
    "without number": ("refused", "good", "§5.2.3: without a number a list could go back in time unnoticed"),
    "indirect": ("refused", "good", "§5.2.5: whose certificates an indirect list names is not looked into"),
    "past its time, revoked": ("revoked", "refused", "revoked is final, however old the list that says so"),
}


def test_both_judge_every_status_alike_but_where_we_are_stricter(tmp_path):
    agreed, explained, wrong = 0, Counter[str](), []
    for number, (label, crl) in enumerate([("no list", None), *LISTS.items()]):
        directory = tmp_path / str(number)
        directory.mkdir()
        lists = lists_in(directory, crl)
        for answer, response in [("no answer", None), *ANSWERS.items()]:
            if label != "no list" and answer not in BESIDE_LISTS:
                continue
            ours = our_status(lists, response)
            found = {"crls": [crl] if crl else [], "responses": [response] if response else []}
            second = second_verdict(LEAF.der(), CARD_USER_AUTHENTICATION, **found, needs_status=True)
            expected = STATUS_STRICTER.get(label)
            if ours == second:
                agreed += 1
            elif expected is not None and (ours, second) == expected[:2]:
                explained[expected[2]] += 1
            else:
                wrong.append((label, answer, ours, second))
    show("statuses", agreed, explained)
    assert wrong == []
    assert set(explained) == {reason for _, _, reason in STATUS_STRICTER.values()}
    assert agreed > 100
