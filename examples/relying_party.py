"""A relying party in a few lines: Flask and Authlib's client, as any site would use them.

Run it with the four variables below set; ``make demo`` does. What makes it a relying party of this provider is the
``register`` call alone.
"""

import html
import json
import os
import secrets
from typing import Any

from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Flask, Response, redirect, session, url_for

PAGE = """<!DOCTYPE html>
<html lang="ja"><head><meta charset="utf-8"><title>図書館の予約サイト（見本）</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:18px/1.7 sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}}
.button{{display:inline-block;background:#0017c1;color:#fff;padding:.8rem 1.2rem;border-radius:8px;font-weight:700}}
pre{{background:#f2f2f2;padding:1rem;overflow:auto}}</style></head>
<body><h1>図書館の予約サイト（見本）</h1>{body}</body></html>"""
SIGN_IN = """<p><a class="button" href="/login">マイナンバーカードでログイン</a></p>
<p><a class="button" href="/open-account">マイナンバーカードで口座を開設</a></p>
<p>マイナンバー（12桁の個人番号）は使いません。</p>"""
SIGNED_IN = """<p>ログインしました。</p><h2>検証済みのIDトークン</h2><pre id="id-token">{claims}</pre>{userinfo}
<p><a href="/logout">このサイトからログアウト</a></p>"""
REFUSED = """<p>ログインは終わっていません。もう一度お試しください。</p>
<p><code id="error">{error}</code> {description}</p>"""
OPENED = """<h2>確認された情報（userinfo）</h2><pre id="userinfo">{userinfo}</pre>"""

# What a bank has to know by law, and how it was verified (OpenID Connect for Identity Assurance). Whatever the person
# does not agree to, or the card cannot say, is left out; so look whether it is there.
WANTED = {
    "userinfo": {
        "txn": None,
        "verified_claims": {
            "verification": {
                "trust_framework": None,
                "time": None,
                "evidence": [
                    {
                        "type": {"value": "document"},
                        "check_details": [{"check_method": None, "check_id": None, "time": None}],
                        "document_details": {"type": None},
                    }
                ],
            },
            "claims": {"name": {"essential": True}, "birthdate": {"essential": True}, "address": {"essential": True}},
        },
    }
}


def create_relying_party(issuer: str, client_id: str, client_secret: str) -> Flask:
    """The sample site; ``{its address}/callback`` is its redirect URI."""
    app = Flask("relying_party")
    app.secret_key = secrets.token_bytes(32)
    oauth = OAuth(app)
    oauth.register(
        "mynumber",
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_id=client_id,
        client_secret=client_secret,
        client_kwargs={"scope": "openid", "code_challenge_method": "S256"},
    )

    @app.get("/")
    def home() -> str:
        claims, userinfo = session.get("claims"), session.get("userinfo")
        if claims is None:
            return PAGE.format(body=SIGN_IN)
        opened = OPENED.format(userinfo=show(userinfo)) if userinfo else ""
        return PAGE.format(body=SIGNED_IN.format(claims=show(claims), userinfo=opened))

    @app.get("/login")
    def login() -> Any:
        return oauth.mynumber.authorize_redirect(url_for("callback", _external=True))

    @app.get("/open-account")
    def open_account() -> Any:
        return oauth.mynumber.authorize_redirect(url_for("callback", _external=True), claims=json.dumps(WANTED))

    @app.get("/callback")
    def callback() -> Response:
        # Authlib checks state, issuer, signature, audience, expiry and nonce; what comes back is verified.
        try:
            token = oauth.mynumber.authorize_access_token()
        except OAuthError as error:
            # The person stopped or did not agree (access_denied), or something is wrong between the two sites.
            told = REFUSED.format(error=html.escape(error.error), description=html.escape(error.description or ""))
            return Response(PAGE.format(body=told + SIGN_IN))
        session["claims"] = dict(token["userinfo"])
        userinfo = dict(oauth.mynumber.userinfo(token=token))
        session["userinfo"] = userinfo if "verified_claims" in userinfo else None
        return redirect("/")  # type: ignore[return-value]

    @app.get("/logout")
    def logout() -> Response:
        session.clear()
        return redirect("/")  # type: ignore[return-value]

    return app


def show(members: dict[str, Any]) -> str:
    """JSON for a page."""
    return html.escape(json.dumps(members, indent=2, ensure_ascii=False), quote=False)


if __name__ == "__main__":
    host, _, port = os.environ.get("RP_BIND", "localhost:9000").rpartition(":")
    site = create_relying_party(os.environ["ISSUER"], os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"])
    site.run(host=host, port=int(port))
