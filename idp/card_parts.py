"""The card's half put together from settings: whom certificates are chained to, and who says what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from cryptography.hazmat.primitives.hashes import SHA256

from idp.jpki.crl_partition import parse_distribution_point, partition_id
from idp.jpki.crl_status import CrlRevocation
from idp.jpki.ocsp_status import OcspResponder, OcspRevocation
from idp.jpki.ports import CrlSource, RevocationCheck, RevocationSource
from idp.jpki.profile import PRODUCTION_PROFILES, SANDBOX_PROFILES, CredentialProfile
from idp.jpki.profile_settings import profile_from_settings
from idp.jpki.revocation import NoRevocation, RevocationPolicy
from idp.jpki.status_check import StatusCheck
from idp.jpki.status_coverage import WHOLE_AUTHORITY, StatusCoverage
from idp.jpki.trust_anchors import TrustAnchors
from idp.jpki.trust_manifest import TrustManifest, load_manifest
from idp.jpki.trust_store import load_trust_anchors
from idp.log import Level, log_line
from idp.ops.revocation_refresh import CrlFeed
from idp.outbound.crl_source import FileCrlSource, crl_source
from idp.outbound.ocsp_exchange import HttpOcspExchange
from idp.outbound.operator_client import OperatorClient
from idp.outbound.operator_status import OperatorStatusSource
from idp.resources import find_resource_directory
from idp.settings import card_section
from idp.settings.problem import Problem, SettingsError
from idp.settings.settings import Settings

CrlFeeds = Mapping[bytes, Sequence[CrlFeed]]
_Named = TypeVar("_Named", card_section.CrlSource, card_section.OcspResponder)


def load_trust_manifest(settings: Settings) -> TrustManifest:
    """The manifest of fingerprints, the shipped one unless the operator has another."""
    shipped = find_resource_directory("trust") / "jpki" / "production" / "manifest.toml"
    return load_manifest(settings.jpki.trust_manifest or shipped)


def load_production_trust(settings: Settings, manifest: TrustManifest) -> TrustAnchors:
    """The anchors that the operator imported."""
    directories = (settings.jpki.user_authentication_anchors, settings.jpki.digital_signature_anchors)
    anchors = (load_trust_anchors(manifest, directory).anchors for directory in directories if directory is not None)
    return TrustAnchors(anchor for found in anchors for anchor in found)


def list_profiles(settings: Settings) -> tuple[CredentialProfile, ...]:
    """The credential profiles, built in and of the settings."""
    built_in = SANDBOX_PROFILES if settings.is_sandbox else PRODUCTION_PROFILES
    return (*built_in, *(profile_from_settings(profile) for profile in settings.jpki.profile))


@dataclass(frozen=True, slots=True)
class StatusRules:
    """Who is asked for the status of a certificate: of a card that is shown, and of one that was shown before.

    ``later`` asks only those who answer about one certificate, for lists are held against all of them at once; None
    where there is nobody. ``coverage`` says whose certificates that concerns, ``recheck_interval`` how often.
    """

    shown: RevocationCheck
    later: RevocationSource | None
    coverage: StatusCoverage
    recheck_interval: timedelta | None = None


def make_status_rules(
    settings: Settings, trust: TrustAnchors, operator: OperatorClient | None, crl_sources: CrlFeeds
) -> StatusRules:
    """What says whether a certificate is revoked, in the order of the settings.

    Raises: SettingsError: a source that is named and not there.
    """
    jpki = settings.jpki
    if not jpki.revocation:
        return StatusRules(NoRevocation(), None, StatusCoverage())
    responders = _ocsp_responders(settings, trust)
    sources: dict[str, RevocationSource] = {
        "crl": CrlRevocation(
            jpki.crl_index_directory, partitioned=_partitioned(settings, trust), grace_seconds=jpki.crl_grace_seconds
        ),
        "ocsp": OcspRevocation(
            responders, maximum_age_seconds=jpki.ocsp_max_age_seconds, cache_seconds=jpki.ocsp_cache_seconds
        ),
    }
    if operator is not None:
        sources["operator"] = OperatorStatusSource(operator)
    if missing := [name for name in jpki.revocation if name not in sources]:
        raise SettingsError([Problem("jpki.revocation", f"{', '.join(missing)}: there is no operator_platform.url")])
    later = [sources[name] for name in jpki.revocation if name != "crl"]
    coverage = _find_coverage(jpki, trust, frozenset(responders), crl_sources)
    return StatusRules(
        _policy([sources[name] for name in jpki.revocation], jpki),
        _policy(later, jpki) if later else None,
        coverage,
        _recheck_interval(jpki) if coverage.has_questions() else None,
    )


def _policy(sources: Sequence[RevocationSource], jpki: card_section.JpkiSection) -> RevocationPolicy:
    return RevocationPolicy(sources, maximum_age_seconds=jpki.status_max_age_seconds, record=_log_status_check)


def _find_coverage(
    jpki: card_section.JpkiSection, trust: TrustAnchors, responding: frozenset[bytes], crl_sources: CrlFeeds
) -> StatusCoverage:
    everybody = frozenset(anchor.issuer_key_id for anchor in trust.anchors)
    askable = everybody if "operator" in jpki.revocation else responding if "ocsp" in jpki.revocation else frozenset()
    if "crl" not in jpki.revocation:
        return StatusCoverage(askable)
    points = {key_id: [feed.distribution_point for feed in feeds] for key_id, feeds in crl_sources.items()}
    listed = {
        key_id: frozenset(WHOLE_AUTHORITY if point is None else partition_id(point) for point in found)
        for key_id, found in points.items()
    }
    return StatusCoverage(askable, listed)


def _recheck_interval(jpki: card_section.JpkiSection) -> timedelta | None:
    if not jpki.recheck_seconds:
        return None
    # A level rests on an answer for status_max_age_seconds; the second half of it is for a source that is down.
    return timedelta(seconds=min(jpki.recheck_seconds, max(1, jpki.status_max_age_seconds // 2)))


def _partitioned(settings: Settings, trust: TrustAnchors) -> set[bytes]:
    feeds = _crl_feeds(settings, trust)
    return {key_id for key_id, found in feeds.items() if any(feed.distribution_point for feed in found)}


def _log_status_check(check: StatusCheck) -> None:
    # What was good stands in the evidence under the same id; everything else stands only here.
    level: Level = "debug" if check.outcome == "good" else "info"
    at = None if check.this_update is None else check.this_update.isoformat()
    log_line("status_checked", level, source=check.source, outcome=check.outcome, reference=check.check_id, detail=at)


def list_crl_sources(settings: Settings, trust: TrustAnchors, sandbox: Any | None) -> dict[bytes, list[CrlFeed]]:
    """Where the lists of each authority come from."""
    feeds = _crl_feeds(settings, trust)
    if sandbox is not None:
        # What a developer did not configure comes from the sandbox's own files.
        pki = sandbox[0]
        own = {a.issuer_key_id: [CrlFeed(FileCrlSource(pki.crl_path(a.issuer_key_id)))] for a in trust.anchors}
        return own | feeds
    return feeds


def _crl_feeds(settings: Settings, trust: TrustAnchors) -> dict[bytes, list[CrlFeed]]:
    feeds: dict[bytes, list[CrlFeed]] = {}
    for key_id, crl in _by_authority("jpki.crl", settings.jpki.crl, trust):
        try:
            point = parse_distribution_point(crl.distribution_point) if crl.distribution_point else None
        except ValueError as fault:
            raise SettingsError([Problem("jpki.crl", f"distribution_point: {fault}")]) from fault
        delta = _open_crl(crl.delta) if crl.delta else None
        feeds.setdefault(key_id, []).append(CrlFeed(_open_crl(crl.source), point, delta))
    return feeds


def _ocsp_responders(settings: Settings, trust: TrustAnchors) -> dict[bytes, OcspResponder]:
    found = _by_authority("jpki.ocsp", settings.jpki.ocsp, trust)
    return {key_id: OcspResponder(HttpOcspExchange(ocsp.url), has_nonce=ocsp.nonce) for key_id, ocsp in found}


def _by_authority(key: str, sections: Sequence[_Named], trust: TrustAnchors) -> list[tuple[bytes, _Named]]:
    anchors = {anchor.certificate.fingerprint(SHA256()).hex(): anchor for anchor in trust.anchors}
    unknown = [section.anchor for section in sections if section.anchor not in anchors]
    if unknown:
        raise SettingsError([Problem(key, f"names authorities that are not imported: {', '.join(unknown)}")])
    return [(anchors[section.anchor].issuer_key_id, section) for section in sections]


def _open_crl(location: str) -> CrlSource:
    # A list is signed, so plain http is no danger to it, and authorities publish lists that way (RFC 5280 §8).
    return crl_source(location if "://" in location else str(Path(location).absolute()), allow_http=True)
