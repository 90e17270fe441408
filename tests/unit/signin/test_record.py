"""A sign-in survives being stored, whatever is in it."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from idp.card_login.proven_card import ProvenCard
from idp.evidence import Check
from idp.identity.credential import LookupDigest, PresentedCredential, SealedSerial
from idp.oidc.authorization_request import AuthorizationRequest
from idp.presenter.opening import Opening, OpeningState
from idp.signin.attaching import Attaching, AttachPart
from idp.signin.record import Authenticated, Signin, signin_from_json

TEXT = st.text(max_size=30)
SECONDS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)
WORDS = st.lists(TEXT, max_size=3).map(tuple)
REQUESTS = st.builds(
    AuthorizationRequest,
    client_id=TEXT, redirect_uri=TEXT, scope=WORDS, state=st.none() | TEXT, nonce=st.none() | TEXT,
    code_challenge=st.none() | TEXT, prompt=st.frozensets(TEXT, max_size=2), max_age_seconds=st.none() | st.integers(0),
    login_hint=st.none() | TEXT, ui_locales=WORDS, acr_values=WORDS, id_token_hint_sub=st.none() | TEXT,
    request_hash=st.binary(min_size=32, max_size=32),
)  # fmt: skip
OPENINGS = st.builds(
    Opening,
    state=st.sampled_from(OpeningState), tries_left=st.integers(0, 10), commitment=TEXT, nonce=TEXT, transaction=TEXT,
    proof_hash=TEXT, return_salt=TEXT, return_hash=TEXT, proving_since=st.integers(0, 2**40),
    expires_at=st.integers(0, 2**40), last_error=TEXT,
)  # fmt: skip
AUTHENTICATED = st.builds(
    Authenticated,
    account_id=TEXT, credential_id=TEXT, session_hash=st.binary(max_size=32), origin_hash=st.binary(max_size=32),
    auth_time=SECONDS, acr=TEXT, amr=WORDS, status_time=st.none() | SECONDS, is_fresh=st.booleans(),
)  # fmt: skip
ATTACHING = st.builds(
    Attaching,
    part=st.sampled_from(AttachPart), account_id=TEXT, begun_by=TEXT, voucher_id=TEXT,
    vouched_at=st.none() | SECONDS, check_ids=WORDS,
)  # fmt: skip
DIGESTS = st.lists(st.builds(LookupDigest, TEXT, st.binary(min_size=32, max_size=32)), min_size=1, max_size=3).map(
    tuple
)


@st.composite
def proven_cards(draw: st.DrawFn) -> ProvenCard:
    kind = draw(st.sampled_from(["card", "phone"]))
    serial = draw(st.none() | st.builds(SealedSerial, TEXT, SECONDS))
    presented = PresentedCredential(
        draw(DIGESTS),
        draw(TEXT),
        kind,
        draw(SECONDS),
        serial=serial,  # type: ignore[arg-type]
        listed_by=draw(st.none() | TEXT),
    )
    checks = tuple(draw(st.lists(st.builds(Check, TEXT, st.sampled_from(["signature", "crl", "none"]), SECONDS))))
    return ProvenCard(
        presented=presented,
        amr=draw(WORDS),
        credential_kind=kind,  # type: ignore[arg-type]
        checks=checks,
        status_time=draw(st.none() | SECONDS),
        verified_at=draw(SECONDS),
    )


SIGNINS = st.builds(
    Signin,
    tx=TEXT, txn=TEXT, request=REQUESTS, client_fingerprint=TEXT, language=st.sampled_from(["ja", "en"]),
    issued_at=SECONDS, expires_at=SECONDS, opening=OPENINGS, proven=st.none() | proven_cards(),
    authenticated=st.none() | AUTHENTICATED, attaching=st.none() | ATTACHING, is_untold=st.booleans(),
)  # fmt: skip


@given(SIGNINS)
def test_what_is_stored_is_what_is_read(signin: Signin) -> None:
    stored = signin.to_json()
    assert signin_from_json(stored) == signin
    assert stored.isascii()
