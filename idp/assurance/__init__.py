"""Verified claims (OpenID Connect for Identity Assurance): what was asked, what is supported, what is released.

Owns: nothing yet; the rules enter with the signing certificate. Does not own: certificates, cards, pages, SQL.
May import: the leaves; never ``jpki``, ``presenter``, ``identity``, ``card_login``, Flask or SQLAlchemy.
"""
