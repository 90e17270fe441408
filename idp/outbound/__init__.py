"""The network edge: whom the provider calls, with limits of time and size.

Owns: fetching revocation lists, client key sets and logout calls; hosts come from the configuration, or pass the guard.
Does not own: what the answers mean (``jpki``, ``oidc``). May import: everything below it; no Flask, no SQL.
"""
