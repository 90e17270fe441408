"""The sandbox's pages and servers; not imported, not registered in production.

Owns: the page on which a developer picks a test card and an outcome; those on which one registers a client and sees its
requests. Does not own: cards and their answers (``sandbox``), the rules of a proof (``signin``), what may be registered
(``oidc``).
"""
