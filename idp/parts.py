"""The parts of an installation, and what is made of them; ``build_parts`` puts them together from settings."""

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
)
from idp.client_journal import ClientJournal
from idp.clock import Clock
from idp.identity.linkage import LinkageResolver
from idp.identity.linked_by_operator import LinkedByOperator
from idp.identity.linking import CredentialIsPerson, Linkage
from idp.identity.lookup_keys import LookupKeys
from idp.jpki.profile import CredentialProfile
from idp.jpki.trust_anchors import TrustAnchors
from idp.jpki.trust_manifest import TrustManifest
from idp.keys.decrypter import KeyRingDecrypter
from idp.keys.emergency import KeyEmergency
from idp.keys.rotation import KeyRotation
from idp.keys.sealing import Sealer
from idp.keys.signer import KeyRing
from idp.oidc.authorization_details import DetailsType
from idp.oidc.ports import ClientStore
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
from idp.outbound.registered_documents import open_guarded_http, open_registered_documents
from idp.resources import find_resource_directory
from idp.settings.settings import Settings
from idp.signin.parts import Lifetimes, SigninParts
from idp.signin.shelf import SigninShelf
from idp.stores.sql.account_administration import AccountAdministration
from idp.stores.sql.client_administration import ClientAdministration
from idp.stores.sql.client_registrations import ClientRegistrations
from idp.stores.sql.database import Database
from idp.stores.sql.database_facts import SqlDatabaseFacts
from idp.stores.sql.durable import DurableStore
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
            self.status.coverage,
            self.status.recheck_interval,
            self.durable,
            RecheckReport(self.transient),
            timedelta(seconds=self.settings.jpki.status_max_age_seconds),
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

    def _serial_keeping(self) -> SerialKeeping:
        return SerialKeeping(self.status.coverage, self.sealer, self.status.recheck_interval)

    def _known_status(self) -> KnownStatus | None:
        revocation = self.settings.jpki.revocation
        swept = SweptStatus(self.transient) if "crl" in revocation else None
        return KnownStatus(swept, self.durable, self.status.coverage) if revocation else None

    def _linkage(self) -> Linkage:
        return LinkedByOperator() if self.settings.operator_platform.linkage else CredentialIsPerson()

    def _linkage_resolver(self) -> LinkageResolver | None:
        section = self.settings.operator_platform
        if self.operator is None or not section.linkage:
            return None
        return LinkageResolver(OperatorLinkage(self.operator, section.name), self.durable, self.lookup_keys)


def migrations_directory() -> Path:
    """Where the migrations are, in a checkout or in a wheel."""
    return find_resource_directory("migrations")


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
