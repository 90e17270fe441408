"""Once more: a fresh transaction for a sign-in that failed or expired in the person's hands."""

from datetime import datetime

from idp.identifiers import new_identifier
from idp.presenter.opening import Opening
from idp.signin.attach_ceremony import restart_attaching
from idp.signin.parts import SigninParts
from idp.signin.record import Signin
from idp.signin.start import Started, put_signin
from idp.signin.step_up import is_recent, start_step_up


def restart_signin(parts: SigninParts, former: Signin, now: datetime) -> Started:
    """Begin again with the same request; a second card with what the first one established, while that is recent.

    Effect: a new record; the former one is the caller's to remove.
    """
    if former.attaching is not None:
        return restart_attaching(parts, former, former.attaching, now)
    if former.agreed is not None and former.authenticated is not None and is_recent(former, now):
        return start_step_up(parts, former, former.agreed, now)
    fresh = Signin(
        tx=new_identifier(),
        txn=new_identifier(),
        request=former.request,
        client_fingerprint=former.client_fingerprint,
        language=former.language,
        issued_at=now,
        expires_at=now + parts.lifetimes.signin,
        opening=Opening(tries_left=parts.presenter_tries),
    )
    return put_signin(parts, fresh, now)
