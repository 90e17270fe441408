"""The relying party's half: the rules of OpenID Connect and OAuth 2.0, as functions from values to values.

Owns: clients, authorization requests, grants, codes, tokens, ID tokens, userinfo, discovery, and the ports it needs.
Does not own: who the person is, cards, pages, HTTP, SQL. May import: ``keys`` and the leaves; never ``jpki``,
``presenter``, ``identity``, ``card_login``, Flask or SQLAlchemy.
"""
