"""The 確認記録 sheet: one evidence record for a person with a pencil, as text and as a page that can be printed."""

import hashlib
from datetime import datetime, timedelta, timezone
from html import escape
from typing import Any, Final

from idp.signin.evidence_record import EvidenceRecord, EvidenceValues

TITLE: Final = "確認記録"
_JAPAN_STANDARD_TIME: Final = timezone(timedelta(hours=9), "JST")
_KINDS: Final = {
    "user-authentication": "利用者証明用電子証明書",
    "digital-signature": "署名用電子証明書",
    "card": "カード",
    "phone": "スマートフォン",
}
_PAGE: Final = """\
<!DOCTYPE html>
<html lang="ja">
<head>
<meta charset="utf-8">
<title>{title} {txn}</title>
<style>
body {{ font-family: sans-serif; margin: 2rem; line-height: 1.6; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ border: 1px solid #000; padding: 0.3rem 0.6rem; text-align: left; vertical-align: top; }}
th {{ width: 14rem; font-weight: normal; }}
td {{ white-space: pre-wrap; overflow-wrap: anywhere; }}
@media print {{ body {{ margin: 0; }} tr {{ break-inside: avoid; }} }}
</style>
</head>
<body>
<h1>{title}</h1>
<table>
{rows}
</table>
</body>
</html>
"""


def list_sheet_rows(
    record: EvidenceRecord, values: EvidenceValues | None, *, operator: str, issuer: str
) -> list[tuple[str, str]]:
    """The sheet's rows, label and content; times in Japan's and in UTC.

    Takes:  values, what is kept sealed, None where the client has no legal basis; operator, who ran the service.
    Source: 犯罪収益移転防止法 6条, 同施行規則 20条 (what a 確認記録 holds; the client adds what only it knows).
    """
    rows = [
        ("取引記録番号(txn)", record.txn),
        ("確認を行った者", f"{operator}({issuer})" if operator else issuer),
        ("提供先(client_id)", record.client_id),
        ("提供先での本人の識別子(sub)", record.sub),
        ("アカウント", record.account_id),
        ("記録の作成日時", _write_time(record.recorded_at)),
    ]
    for certificate in record.certificates:
        kind = _KINDS.get(certificate.kind, certificate.kind)
        medium = _KINDS.get(certificate.credential_kind, certificate.credential_kind)
        checks = [f"{check.method} {check.id} {_write_time(check.time)}" for check in certificate.checks]
        rows += [
            (
                f"{kind}({medium})",
                f"{certificate.procedure} {certificate.evidence_id} {_write_time(certificate.verified_at)}",
            ),
            ("確認の方法、番号、日時", "\n".join(checks)),
        ]
    rows += [
        ("本人が同意した項目", " ".join(record.consent_items)),
        ("提供した項目", " ".join(record.claim_names)),
        ("署名した文のSHA-256", record.statement_hash.hex() if record.statement_hash else "署名なし"),
        *_value_rows(values),
        *_proof_rows(values),
        ("保存期限", _write_time(record.expires_at)),
    ]
    if record.held_at is not None:
        rows.append(("削除の保留", _write_time(record.held_at)))
    return rows


def lay_out_sheet(rows: list[tuple[str, str]]) -> str:
    """The sheet as text."""
    return f"{TITLE}\n\n" + "\n".join(f"{label}:\n    " + content.replace("\n", "\n    ") for label, content in rows)


def lay_out_page(rows: list[tuple[str, str]], txn: str) -> str:
    """The sheet as an HTML page that needs nothing else; every content is escaped."""
    cells = "\n".join(f"<tr><th>{escape(label)}</th><td>{escape(content)}</td></tr>" for label, content in rows)
    return _PAGE.format(title=TITLE, txn=escape(txn), rows=cells)


def _value_rows(values: EvidenceValues | None) -> list[tuple[str, str]]:
    if values is None:
        return [("提供した値、署名した文", "保存していない(提供先に登録された法的根拠がない)")]
    rows = [
        (f"提供した値({place})", "\n".join(_write_members(claims)))
        for place, claims in (("userinfo", values.userinfo), ("ID token", values.id_token))
        if claims
    ]
    return [*rows, ("署名した文", values.statement)] if values.statement else rows


def _proof_rows(values: EvidenceValues | None) -> list[tuple[str, str]]:
    if values is None or values.proof is None:
        return [("保存していないもの", "電子証明書、電子署名")]
    proof = values.proof
    return [
        (
            "保存している電子署名",
            f"署名用電子証明書とその電子署名({proof.algorithm}) idp evidence verify で再び検証できる",
        ),
        ("署名用電子証明書のSHA-256", hashlib.sha256(proof.certificate).hexdigest()),
        ("署名のnonce", proof.nonce),
        ("保存していないもの", "利用者証明用電子証明書とその電子署名"),
    ]


def _write_members(members: dict[str, Any], prefix: str = "") -> list[str]:
    lines: list[str] = []
    for name, value in members.items():
        if isinstance(value, dict):
            lines += _write_members(value, f"{prefix}{name}.")
        elif isinstance(value, list):
            lines += _write_members({str(index): each for index, each in enumerate(value)}, f"{prefix}{name}.")
        else:
            lines.append(f"{prefix}{name}: {value}")
    return lines


def _write_time(moment: datetime) -> str:
    local = moment.astimezone(_JAPAN_STANDARD_TIME)
    return f"{local:%Y-%m-%d %H:%M:%S} 日本時間({moment:%Y-%m-%dT%H:%M:%SZ})"
