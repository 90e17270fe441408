"""A whole card world for developers: authorities, people and cards that are marked and never pass in production.

Owns: the sandbox's PKI in the shape of JPKI, its cast of fictional people, the virtual card.
Does not own: how a certificate is verified (``jpki``), the sandbox's pages (``web.sandbox``).
May import: ``jpki``, ``presenter`` and the leaves. Nothing in production imports it.
"""
