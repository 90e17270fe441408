"""The installation's parts, put together from settings: the concrete stores, keys and verifiers meet only here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from idp.assurance.claims_policy import ClaimsPolicy
from idp.assurance.predicate import Area
from idp.assurance.trust_framework import LegalFramework, production_frameworks, sandbox_frameworks
from idp.card_login.kept_serial import SerialKeeping
from idp.card_login.prove import CardVerifier
from idp.card_parts import (
    StatusRules,
    list_crl_sources,
    list_profiles,
    load_production_trust,
    load_trust_manifest,
    make_status_rules,
)
from idp.client_journal import ClientJournal
from idp.clock import Clock, system_clock
from idp.identity.linkage import LinkageResolver
from idp.identity.linked_by_operator import LinkedByOperator
from idp.identity.linking import CredentialIsPerson, Linkage
from idp.identity.lookup_keys import LookupKey, LookupKeys
from idp.jpki.profile import CredentialProfile
from idp.jpki.trust_anchors import TrustAnchors
from idp.jpki.trust_manifest import TrustManifest
from idp.keys.decrypter import KeyRingDecrypter
from idp.keys.emergency import KeyEmergency
from idp.keys.jwe_algorithms import ALL_ALGORITHMS
from idp.keys.key_encryption import KeyEncryption
from idp.keys.rotation import KeyRotation, RotationPace
from idp.keys.sealing import Sealer
from idp.keys.signer import KeyRing
from idp.log import Level, log_line
from idp.oidc.authorization_details import DetailsType
from idp.oidc.ports import ClientStore
from idp.oidc.registered_clients import RegisteredClients
from idp.oidc.request_sources import RequestSources
from idp.oidc.sector_document import PublishedSectors, SectorVoucher
from idp.ops.doctor import Patient
from idp.ops.health_recheck import RecheckFacts
from idp.ops.known_status import KnownStatus
from idp.ops.recheck_report import RecheckReport
from idp.ops.revocation_recheck import RevocationRecheck
from idp.ops.revocation_refresh import CrlFeed
from idp.ops.swept_status import SweptStatus
from idp.outbound.guarded_http import GuardedHttp
from idp.outbound.operator_client import OperatorClient
from idp.outbound.operator_linkage import OperatorLinkage
from idp.outbound.operator_platform import open_operator_client
from idp.outbound.published_keys import open_published_keys
from idp.outbound.registered_documents import open_guarded_http, open_registered_documents
from idp.resources import find_resource_directory
from idp.settings.secret_file import create_key_file, read_key_file
from idp.settings.settings import Settings
from idp.signin.parts import Lifetimes, SigninParts
from idp.signin.shelf import SigninShelf
from idp.stores.sql.account_administration import AccountAdministration
from idp.stores.sql.administration import Administration
from idp.stores.sql.client_administration import ClientAdministration
from idp.stores.sql.client_cache import CachedClientStore
from idp.stores.sql.client_registrations import ClientRegistrations
from idp.stores.sql.database import Database, StatementObserver
from idp.stores.sql.database_facts import SqlDatabaseFacts
from idp.stores.sql.durable import DurableStore
from idp.stores.sql.migration import migrate
from idp.stores.sql.open import open_database
from idp.stores.transient.open import open_transient
from idp.stores.transient.sql import SqlTransientStore


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that command line and web are made of; ``sandbox`` is the test PKI with its cast, or None."""

    settings: Settings
    clock: Clock
    database: Database
    durable: DurableStore
    transient: SqlTransientStore
    clients: ClientStore
    client_administration: ClientAdministration
    client_registrations: ClientRegistrations
    account_administration: AccountAdministration
    key_ring: KeyRing
    key_rotation: KeyRotation
    key_emergency: KeyEmergency
    sealer: Sealer
    lookup_keys: LookupKeys
    profiles: tuple[CredentialProfile, ...]
    trust: TrustAnchors
    manifest: TrustManifest
    status: StatusRules
    crl_sources: Mapping[bytes, Sequence[CrlFeed]]
    operator: OperatorClient | None
    sandbox: Any | None
    journal: ClientJournal

    @property
    def patient(self) -> Patient:
        """The installation as the doctor sees it."""
        facts = SqlDatabaseFacts(self.database, migrations_directory(), self.clock)
        rechecks = RecheckFacts(
            self.status.coverage, self.status.recheck_interval, self.durable, RecheckReport(self.transient)
        )
        return Patient(
            self.settings,
            facts,
            self.key_ring,
            self.lookup_keys,
            self.durable,
            self.trust,
            self.durable,
            rechecks=rechecks,
        )

    @property
    def revocation_recheck(self) -> RevocationRecheck | None:
        """What asks again about cards between their sign-ins; None where lists tell of all, or the settings say so."""
        status = self.status
        if status.recheck_interval is None or status.later is None:
            return None
        return RevocationRecheck(
            self.trust, status.coverage, self.sealer, status.later, self.durable, self.clock, status.recheck_interval
        )

    def signin_parts(self) -> SigninParts:
        """What a sign-in works with."""
        settings = self.settings
        return SigninParts(
            issuer=settings.issuer,
            clients=self.clients,
            store=self.durable,
            shelf=SigninShelf(self.transient),
            verifier=CardVerifier(
                settings.issuer,
                self.profiles,
                self.trust,
                self.status.shown,
                self.lookup_keys,
                self._linkage_resolver(),
                self._serial_keeping(),
            ),
            linkage=self._linkage(),
            id_token_hints=self.key_ring,
            lifetimes=_lifetimes(settings),
            presenter_tries=settings.presenter.tries,
            sealer=self.sealer,
            requests=RequestSources(
                issuer=settings.issuer,
                clients=self.clients,
                pushed=self.transient,
                once=self.transient,
                decrypter=self.decrypter,
                details_types={
                    declared.type: DetailsType(declared.type, frozenset(declared.members), declared.ja, declared.en)
                    for declared in settings.oidc.authorization_details
                },
                require_pushed_authorization_requests=settings.oidc.require_pushed_authorization_requests,
            ),
            claims_policy=self.claims_policy,
            journal=self.journal,
            statuses=self._known_status(),
        )

    @property
    def claims_policy(self) -> ClaimsPolicy | None:
        """What may be said about a person; None without linkage, since nobody could say whose signing card it is."""
        section = self.settings.operator_platform
        return make_claims_policy(self.settings) if self.operator is not None and section.linkage else None

    @property
    def sectors(self) -> SectorVoucher:
        """Who says which redirect URIs belong to a declared sector: the sector's own document."""
        settings = self.settings
        return PublishedSectors(open_registered_documents(settings.outbound, is_local=settings.is_local_sandbox))

    def guarded_http(self) -> GuardedHttp:
        """What calls the addresses that clients registered."""
        return open_guarded_http(self.settings.outbound, is_local=self.settings.is_local_sandbox)

    @property
    def decrypter(self) -> KeyRingDecrypter:
        """What opens request objects that are encrypted to this provider."""
        return KeyRingDecrypter(self.key_ring)

    def _serial_keeping(self) -> SerialKeeping | None:
        interval = self.status.recheck_interval
        return None if interval is None else SerialKeeping(self.status.coverage, self.sealer, interval)

    def _known_status(self) -> KnownStatus | None:
        revocation = self.settings.jpki.revocation
        swept = SweptStatus(self.transient) if "crl" in revocation else None
        return KnownStatus(swept, self.durable) if revocation else None

    def _linkage(self) -> Linkage:
        return LinkedByOperator() if self.settings.operator_platform.linkage else CredentialIsPerson()

    def _linkage_resolver(self) -> LinkageResolver | None:
        section = self.settings.operator_platform
        if self.operator is None or not section.linkage:
            return None
        return LinkageResolver(OperatorLinkage(self.operator, section.name), self.durable, self.lookup_keys)


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


def migrations_directory() -> Path:
    """Where the migrations are, in a checkout or in a wheel."""
    return find_resource_directory("migrations")


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


def make_claims_policy(settings: Settings) -> ClaimsPolicy:
    """The operator's settings about claims: frameworks with their legal basis, and the questions that are answered."""
    claims = settings.claims
    legal: dict[LegalFramework, str] = {}
    if claims.jp_aml_basis:
        legal["jp_aml"] = claims.jp_aml_basis
    if claims.jp_mpiupa_basis:
        legal["jp_mpiupa"] = claims.jp_mpiupa_basis
    frameworks = (
        sandbox_frameworks(settings.issuer) if settings.is_sandbox else production_frameworks(settings.issuer, legal)
    )
    return ClaimsPolicy(
        issuer=settings.issuer,
        frameworks=frameworks,
        has_status_source=bool(settings.jpki.revocation),
        areas=tuple(Area(area.code, area.prefix) for area in claims.area),
        questions_a_year=claims.questions_a_year,
    )


def _lifetimes(settings: Settings) -> Lifetimes:
    signin, jpki = settings.signin, settings.jpki
    return Lifetimes(
        signin=timedelta(seconds=signin.transaction_seconds),
        opening=timedelta(seconds=settings.presenter.opening_seconds),
        code=timedelta(seconds=settings.oidc.code_seconds),
        session_idle=timedelta(seconds=signin.session_idle_seconds),
        session_absolute=timedelta(seconds=signin.session_absolute_seconds),
        consent=timedelta(seconds=signin.consent_seconds),
        status_max_age=timedelta(seconds=jpki.status_max_age_seconds),
        evidence=timedelta(days=settings.evidence.retention_days),
    )


def _database_password(settings: Settings) -> str | None:
    password = settings.stores.database_password
    return None if password is None else password.get_secret_value()


def _required(path: Path | None) -> Path:
    if path is None:
        raise RuntimeError("the settings were not checked")
    return path
