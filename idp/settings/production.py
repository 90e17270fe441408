"""Reasons for which production does not start.

What certificates and databases contain is checked later, by the packages that read them.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from idp.settings.problem import Problem
from idp.settings.secret_file import SecretFileUnusable, check_secret_file, read_key_file
from idp.settings.settings import Settings
from idp.settings.value import Section

_OPERATOR_KEYS: Final = ("name", "contact", "privacy_notice", "purpose_of_use")
_SANDBOX_MARK: Final = "sandbox"
# The arc of the sandbox's certificate policies. A leaf imports nothing; a test compares this with idp.jpki.profile.
SANDBOX_ARC: Final = "2.25.328653170194599493379844654296709440124"


def find_production_problems(settings: Settings) -> tuple[Problem, ...]:
    """Everything that keeps these settings from serving real people; an empty tuple lets them start."""
    return tuple(problem for rule in RULES for problem in rule(settings))


def _https(settings: Settings) -> Iterator[Problem]:
    if not settings.issuer.startswith("https://"):
        yield Problem("issuer", "production needs an https address")


def _operator(settings: Settings) -> Iterator[Problem]:
    for key in _OPERATOR_KEYS:
        if not getattr(settings.operator, key).strip():
            yield Problem(f"operator.{key}", "people have to be told; production needs it")
    if settings.operator.privacy_notice and not settings.operator.privacy_notice.startswith("https://"):
        yield Problem("operator.privacy_notice", "an https address is expected")


def _anchors(settings: Settings) -> Iterator[Problem]:
    for key in ("user_authentication_anchors", "digital_signature_anchors"):
        directory: Path | None = getattr(settings.jpki, key)
        if directory is None:
            yield Problem(f"jpki.{key}", "production needs the directory that idp trust import fills")
        elif not directory.is_dir():
            yield Problem(f"jpki.{key}", f"{directory} is not a directory")
    if settings.jpki.trust_manifest is not None and not settings.jpki.trust_manifest.is_file():
        yield Problem("jpki.trust_manifest", f"{settings.jpki.trust_manifest} is not a file")
    both = (settings.jpki.user_authentication_anchors, settings.jpki.digital_signature_anchors)
    if both[0] is not None and both[0] == both[1]:
        yield Problem("jpki.digital_signature_anchors", "the two certificates' authorities are kept apart")


def _revocation(settings: Settings) -> Iterator[Problem]:
    if not settings.jpki.revocation:
        yield Problem("jpki.revocation", "production needs a source of certificate status")
    if "crl" in settings.jpki.revocation and not settings.jpki.crl:
        yield Problem("jpki.crl", "revocation by crl needs at least one [[jpki.crl]]")


def _operator_platform(settings: Settings) -> Iterator[Problem]:
    operator = settings.operator_platform
    if "operator" in settings.jpki.revocation and not operator.url:
        yield Problem("operator_platform.url", "revocation by operator needs it")
    if operator.url and not operator.url.startswith("https://"):
        yield Problem("operator_platform.url", "production needs an https address")
    for key in ("private_key_file", "tls_key_file") if operator.url else ():
        file: Path | None = getattr(operator, key)
        try:
            if file is not None:
                check_secret_file(file)
        except SecretFileUnusable as error:
            yield Problem(f"operator_platform.{key}", str(error))


def _keys(settings: Settings) -> Iterator[Problem]:
    named = [("keys.key_encryption_key_file", settings.keys.key_encryption_key_file)]
    named += [(f"identity.lookup_key[{i}].file", key.file) for i, key in enumerate(settings.identity.lookup_key)]
    if not settings.identity.lookup_key:
        yield Problem("identity.lookup_key", "production needs at least one [[identity.lookup_key]]")
    contents: dict[bytes, str] = {}
    for key, path in named:
        if path is None:
            yield Problem(key, "production needs it; conf/README.md says how such a file is made")
            continue
        try:
            secret = read_key_file(path)
        except SecretFileUnusable as error:
            yield Problem(key, str(error))
            continue
        if secret in contents:
            yield Problem(key, f"holds the same key as {contents[secret]}")
        contents.setdefault(secret, key)


def _key_life(settings: Settings) -> Iterator[Problem]:
    longest = max(
        settings.oidc.id_token_seconds, settings.oidc.access_token_seconds, settings.signin.session_absolute_seconds
    )
    if settings.keys.retire_seconds < longest:
        yield Problem("keys.retire_seconds", f"what a key signed may be shown for {longest} seconds, so long it stays")


def _database(settings: Settings) -> Iterator[Problem]:
    addresses = {"stores.database": settings.stores.database, "stores.transient": settings.stores.transient}
    for key, address in addresses.items():
        if not address.startswith("sqlite:///"):
            continue
        path = address.removeprefix("sqlite:///").partition("?")[0]
        if path in ("", ":memory:") or path.startswith("file:") or "mode=memory" in address:
            yield Problem(key, "a database in memory is lost at every start")
        elif not path.startswith("/"):
            yield Problem(key, "an absolute path is needed (sqlite:////…), or another directory means another database")
    if settings.stores.database_password_file is not None:
        try:
            check_secret_file(settings.stores.database_password_file)
        except SecretFileUnusable as error:
            yield Problem("stores.database_password_file", str(error))


def _proxies(settings: Settings) -> Iterator[Problem]:
    for index, network in enumerate(settings.web.trusted_proxies):
        if network.prefixlen == 0:
            yield Problem(f"web.trusted_proxies[{index}]", "this trusts every address there is")


def _client_certificates(settings: Settings) -> Iterator[Problem]:
    web = settings.web
    if web.client_certificate_header and not web.trusted_proxies:
        yield Problem("web.client_certificate_header", "is believed from web.trusted_proxies alone, and there is none")
    if web.mtls_url and not web.client_certificate_header:
        yield Problem("web.mtls_url", "without web.client_certificate_header no certificate is ever read")


def _registration(settings: Settings) -> Iterator[Problem]:
    registration = settings.registration
    if registration.mode == "open":
        yield Problem("registration.mode", 'whoever registers here reaches people; "open" is for sandboxes')
    if registration.require_software_statement and not registration.software_statement:
        yield Problem("registration.software_statement", "is required of clients, and nobody's is accepted")


def _no_sandbox(settings: Settings) -> Iterator[Problem]:
    if settings.sandbox is not None:
        yield Problem("sandbox", "production has no [sandbox] section")
    # Anchors, lists, keys and databases that a sandbox made are named for it, and each would make test cards real.
    for name in ("jpki", "identity", "operator_platform", "keys", "stores"):
        for key, text in _texts(name, getattr(settings, name)):
            if _is_marked(text):
                yield Problem(key, "names a sandbox; nothing of a sandbox is used in production")


def _is_marked(text: str) -> bool:
    # In a path a whole folder or file has to be called so; in a name or an identifier a word is enough.
    if text == SANDBOX_ARC or text.startswith(f"{SANDBOX_ARC}."):
        return True
    lowered = text.lower()
    return _SANDBOX_MARK in (lowered.split("/") if "/" in lowered else re.split(r"[^a-z0-9]+", lowered))


def _texts(key: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Section):
        for name in type(value).model_fields:
            yield from _texts(f"{key}.{name}", getattr(value, name))
    elif isinstance(value, dict):
        for name, member in value.items():
            yield f"{key}.{name}", str(name)
            yield from _texts(f"{key}.{name}", member)
    elif isinstance(value, tuple | list):
        for index, member in enumerate(value):
            yield from _texts(f"{key}[{index}]", member)
    elif isinstance(value, str | Path):
        yield key, str(value)


def _absolute(settings: Settings) -> Iterator[Problem]:
    for name in ("oidc", "jpki", "identity", "operator_platform", "keys", "stores"):
        for key, path in _paths(name, getattr(settings, name)):
            if not path.is_absolute():
                yield Problem(key, f"{path} has to be absolute, or it means another file in every directory")


def _paths(key: str, value: object) -> Iterator[tuple[str, Path]]:
    if isinstance(value, Section):
        for name in type(value).model_fields:
            yield from _paths(f"{key}.{name}", getattr(value, name))
    elif isinstance(value, tuple):
        for index, member in enumerate(value):
            yield from _paths(f"{key}[{index}]", member)
    elif isinstance(value, Path):
        yield key, value


RULES: Final = (
    _https,
    _operator,
    _anchors,
    _revocation,
    _operator_platform,
    _keys,
    _key_life,
    _database,
    _proxies,
    _client_certificates,
    _registration,
    _no_sandbox,
    _absolute,
)
