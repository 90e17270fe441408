"""The other side of docs/platform-operator-api.md: an accredited operator that knows the cast and nobody else.

Owns: what happens to the cast's people and their cards, who holds which certificate, the operator's answers and faults.
Does not own: the provider's questions (``outbound``). May import: ``sandbox``, ``jpki`` and the leaves.
"""
