"""One sign-in, from the authorization request to the code: where the two halves meet.

Owns: the sign-in transaction and its states, the one dispatcher (``next_step``), consent, finishing.
Does not own: protocol rules (``oidc``), cards (``card_login``), HTTP, SQL, templates.
May import: ``card_login``, ``oidc``, ``identity``, ``presenter``, ``jpki`` and the leaves; no frameworks.
"""
