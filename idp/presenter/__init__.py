"""The card presenter protocol, version 1 (``docs/card-presenter-protocol.md``), as rules without HTTP and storage.

Owns: the transaction a person is shown, the bytes a card signs, the opening's states, the form of a proof.
Does not own: certificates (``jpki``), accounts, clients, endpoints. May import: the leaves; never ``oidc``.
"""
