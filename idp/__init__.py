"""An OpenID Provider for "Sign in with My Number Card".

Two halves that do not know each other: the relying party's (``oidc``) knows clients and no cards, the card's
(``jpki``, ``presenter``, ``identity``, ``card_login``) knows cards and no clients. They meet in ``signin``, in one
value, ``idp.evidence.Authentication``. The whole picture is in ``docs/architecture.md``.
"""
