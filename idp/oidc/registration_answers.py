"""Members about signed and encrypted answers: each algorithm is one of ours, each encryption has a key to go to.

Implements OIDC Registration §2 (id_token_encrypted_response_*, userinfo_*_response_*), JARM §3
(authorization_encrypted_response_*), RFC 9701 §6 (introspection_encrypted_response_*). What signs an authorization or
an introspection response has a default, so none is ever encrypted without a signature inside.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

from idp.keys.jws_registry import SIGNING_ALGORITHMS
from idp.oidc.encrypted_answer import RESPONSE_ALGORITHMS, RESPONSE_ENCRYPTIONS, Answer, find_encryption_key
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.registration_members import MemberGroup, is_text

_ANSWERS: Final[tuple[Answer, ...]] = get_args(Answer)
_ALGORITHM_ENDING: Final = "_encrypted_response_alg"


def has_encrypted_answers(metadata: Mapping[str, Any]) -> bool:
    """Whether the client wants anything encrypted, and so has to register keys."""
    return any(name.endswith(_ALGORITHM_ENDING) for name in metadata)


def check_encrypted_answer(metadata: Mapping[str, Any], answer: Answer) -> None:
    """Refuse an encryption that we do not have, or that has no key to go to.

    Published keys are not fetched: the client's site may be up later than its registration (``registration_keys``).
    Raises: OAuthError invalid_client_metadata.
    Source: OIDC Registration §2, JARM §3, RFC 9701 §6: where enc is given, alg must be too.
    """
    alg_name, enc_name = f"{answer}_encrypted_response_alg", f"{answer}_encrypted_response_enc"
    alg, enc = metadata.get(alg_name), metadata.get(enc_name)
    if alg is None:
        if enc is not None:
            raise _refusal(f"{enc_name} needs {alg_name}")
        return
    _check_listed(alg_name, alg, RESPONSE_ALGORITHMS)
    if enc is not None:
        _check_listed(enc_name, enc, RESPONSE_ENCRYPTIONS)
    if "jwks_uri" not in metadata and find_encryption_key(metadata.get("jwks") or {}, alg) is None:
        raise _refusal(f"{alg_name} {alg} needs a key in jwks whose use is enc, and whose kty and alg fit")


def _check(metadata: Mapping[str, Any], _sandbox: bool) -> None:
    for answer in _ANSWERS:
        check_encrypted_answer(metadata, answer)
    if "userinfo_signed_response_alg" in metadata:
        _check_listed("userinfo_signed_response_alg", metadata["userinfo_signed_response_alg"], SIGNING_ALGORITHMS)
    # A key for encryption is no evidence of who signs (RFC 7517 §4.2).
    is_signing = metadata.get("token_endpoint_auth_method") == "private_key_jwt" and "jwks" in metadata
    if is_signing and all(jwk.get("use") == "enc" for jwk in metadata["jwks"]["keys"]):
        raise _refusal("private_key_jwt needs a key in jwks that is for signatures")


def _check_listed(name: str, value: str, listed: Sequence[str]) -> None:
    if value not in listed:
        raise _refusal(f"{name} is one of {' '.join(listed)}")


def _refusal(description: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_CLIENT_METADATA, description, detail=description)


ANSWER_MEMBERS: Final = MemberGroup(
    members={
        "userinfo_signed_response_alg": is_text,
        **{f"{answer}_encrypted_response_{part}": is_text for answer in _ANSWERS for part in ("alg", "enc")},
    },
    check=_check,
)
