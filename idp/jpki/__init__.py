"""Is the card genuine: JPKI certificates, the proof that their key is held, and their status.

Owns: credential profiles, trust anchors and their manifest, parsing, chain, possession, revocation lists.
Does not own: who the holder is (``identity``), what is signed (``presenter``), how bytes arrive (``outbound``).
May import: the leaves.
"""
