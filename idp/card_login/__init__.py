"""A card sign-in: presenter, certificate and account together become an ``Authentication``.

Owns: the order in which a proof is taken, verified and turned into a person.
Does not own: clients, consent, codes. May import: ``presenter``, ``jpki``, ``identity``, ``keys``; never ``oidc``.
"""
