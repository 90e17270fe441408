"""An installation put together from settings: the concrete stores, keys and verifiers are chosen only here."""

from pathlib import Path
from typing import Any

from idp.card_parts import (
    list_crl_sources,
    list_profiles,
    load_production_trust,
    load_trust_manifest,
    make_status_rules,
)
from idp.client_journal import ClientJournal
from idp.clock import Clock, system_clock
from idp.identity.lookup_keys import LookupKey, LookupKeys
from idp.keys.emergency import KeyEmergency
from idp.keys.jwe_algorithms import ALL_ALGORITHMS
from idp.keys.key_encryption import KeyEncryption
from idp.keys.rotation import KeyRotation, RotationPace
from idp.keys.sealing import Sealer
from idp.keys.signer import KeyRing
from idp.log import Level, log_line
from idp.oidc.registered_clients import RegisteredClients
from idp.outbound.operator_client import OperatorClient
from idp.outbound.operator_platform import open_operator_client
from idp.outbound.published_keys import open_published_keys
from idp.parts import Parts, migrations_directory
from idp.settings.secret_file import create_key_file, read_key_file
from idp.settings.settings import Settings
from idp.stores.sql.account_administration import AccountAdministration
from idp.stores.sql.administration import Administration
from idp.stores.sql.client_administration import ClientAdministration
from idp.stores.sql.client_cache import CachedClientStore
from idp.stores.sql.client_registrations import ClientRegistrations
from idp.stores.sql.database import StatementObserver
from idp.stores.sql.durable import DurableStore
from idp.stores.sql.migration import migrate
from idp.stores.sql.open import open_database
from idp.stores.transient.open import open_transient


def build_parts(
    settings: Settings,
    clock: Clock = system_clock,
    *,
    observer: StatementObserver | None = None,
    transient_observer: StatementObserver | None = None,
) -> Parts:
    """Put an installation together that has been set up before.

    Takes:   observers, which see every statement; tests count with them.
    Raises:  SettingsError, SecretFileUnusable, AddressRefused, AnchorRefused, ManifestRefused, ProfileRefused: the
             settings name something that cannot be used. StoreUnavailable.
    Effect:  opens no listening socket and starts no thread.
    """
    password = _database_password(settings)
    database = open_database(settings.stores.database, password, observer)
    durable = DurableStore(database)
    sealer = Sealer(read_key_file(_required(settings.keys.key_encryption_key_file)))
    encryption = KeyEncryption(sealer)
    key_ring = KeyRing(durable, encryption, clock)
    sandbox = _open_sandbox(settings, clock) if settings.is_sandbox else None
    manifest = load_trust_manifest(settings)
    trust = sandbox[0].anchors() if sandbox is not None else load_production_trust(settings, manifest)
    administration = Administration(settings.stores.database, password)
    operator = _operator(settings)
    crl_sources = list_crl_sources(settings, trust, sandbox)
    return Parts(
        settings=settings,
        clock=clock,
        database=database,
        durable=durable,
        transient=open_transient(settings.stores.transient, password, transient_observer),
        clients=_registered_clients(settings, durable),
        client_administration=ClientAdministration(administration),
        client_registrations=ClientRegistrations(administration),
        account_administration=AccountAdministration(administration),
        key_ring=key_ring,
        key_rotation=KeyRotation(durable, encryption, RotationPace.of(settings.keys), key_ring.forget_set),
        key_emergency=KeyEmergency(durable, encryption, key_ring.forget_set),
        sealer=sealer,
        lookup_keys=LookupKeys(
            tuple(LookupKey(key.id, read_key_file(key.file)) for key in settings.identity.lookup_key)
        ),
        profiles=list_profiles(settings),
        trust=trust,
        manifest=manifest,
        status=make_status_rules(settings, trust, operator, crl_sources),
        crl_sources=crl_sources,
        operator=operator,
        sandbox=sandbox,
        journal=ClientJournal(),
    )


def set_up(settings: Settings, clock: Clock = system_clock) -> None:
    """Bring the database to this version's schema and record whose it is; in a sandbox, make its keys and cards too.

    Raises: InstallationMismatch: the database is another installation's.
    Effect: idempotent; several processes may do it at once.
    """
    now = clock()
    if settings.is_sandbox:
        for path in (settings.keys.key_encryption_key_file, *(key.file for key in settings.identity.lookup_key)):
            if path is not None:
                create_key_file(path)
    migrate(settings.stores.database, migrations_directory(), _database_password(settings))
    parts = build_parts(settings, clock)
    parts.durable.record_installation(settings.environment, settings.issuer, now)
    if settings.is_sandbox:
        parts.key_rotation.ensure_keys(ALL_ALGORITHMS, now)
    parts.database.close()


def _registered_clients(settings: Settings, durable: DurableStore) -> RegisteredClients:
    known, strangers = (
        open_published_keys(settings.outbound, is_local=settings.is_local_sandbox, are_strangers=are_strangers)
        for are_strangers in (False, True)
    )
    return RegisteredClients(CachedClientStore(durable, settings.oidc.client_cache_seconds), known, strangers)


def _open_sandbox(settings: Settings, clock: Clock) -> Any:
    # Imported here, so that production never has this code in memory.
    from idp.sandbox.installation import prepare_sandbox
    from idp.sandbox.operator.client_key import ensure_client_key

    if settings.sandbox is None:
        raise RuntimeError("a sandbox without its section")
    sandbox = prepare_sandbox(settings.sandbox.directory, clock())
    if settings.operator_platform.url:
        ensure_client_key(settings.sandbox.directory)
    return sandbox


def _operator(settings: Settings) -> OperatorClient | None:
    section = settings.operator_platform
    return open_operator_client(section, _log_operator_question) if section.url else None


def _log_operator_question(operation: str, outcome: str, seconds: float) -> None:
    level: Level = "debug" if outcome == "answered" else "warning"
    log_line("operator_asked", level, operation=operation, outcome=outcome, milliseconds=round(seconds * 1000))


def _database_password(settings: Settings) -> str | None:
    password = settings.stores.database_password
    return None if password is None else password.get_secret_value()


def _required(path: Path | None) -> Path:
    if path is None:
        raise RuntimeError("the settings were not checked")
    return path
