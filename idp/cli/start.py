"""What happens before the first request: a sandbox is made, an installation is checked."""

from typing import Final

from idp.build_parts import set_up
from idp.cli.failure import Refused
from idp.cli.job import refresh_installation
from idp.cli.session import Session
from idp.identity.lookup_keys import check_canaries
from idp.keys.jwe_algorithms import ALL_ALGORITHMS

_UNMIGRATED: Final = "the database is at revision {found}, this version needs {expected}: run idp db migrate"


def make_sandbox(session: Session) -> None:
    """Everything that a sandbox needs, made where it is missing: files, database, signing keys, revocation lists.

    Raises: Refused: this is not a sandbox.
    Effect: safe to repeat, and to run in several processes at once.
    """
    if not session.settings.is_sandbox:
        raise Refused("this is not a sandbox")
    set_up(session.settings, session.clock)
    check_start(session)
    refresh_installation(session)


def check_start(session: Session) -> None:
    """That this installation may serve, before a worker is started that would find out by itself.

    Raises: Refused, InstallationMismatch, LookupKeyMismatch, SigningKeyUnreadable, StoreUnavailable.
    Effect: canaries of new look-up keys are recorded, first signing keys are made.
    """
    parts = session.unchecked_parts
    facts = parts.patient.database
    found, expected = facts.find_revision(), facts.get_expected_revision()
    # A newer schema works with this version, while a newer one is being rolled out.
    if found is None or found < expected:
        raise Refused(_UNMIGRATED.format(found=found or "none", expected=expected))
    parts.durable.check_installation(parts.settings.environment, parts.settings.issuer)
    check_canaries(parts.lookup_keys, parts.durable, session.now)
    parts.key_rotation.ensure_keys(ALL_ALGORITHMS, session.now)
    parts.key_ring.public_jwks()
