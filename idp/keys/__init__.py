"""The provider's own keys: making, encrypting, rotating, publishing them, and signing with them.

Owns: the signing key set, its phases, the JWK Set, the signer, sealing of cookies.
Does not own: what is signed. May import: the leaves; no half, no frameworks.
"""
