"""Verified claims (OpenID Connect for Identity Assurance): what was asked, what is supported, what is released.

Owns: the table of claims and trust frameworks, predicates, the evaluation of one request against one evidence.
Does not own: certificates, cards, pages, SQL, the ``claims`` parameter (``oidc``). May import: the leaves; never
``jpki``, ``presenter``, ``identity``, ``card_login``, Flask or SQLAlchemy.
"""
