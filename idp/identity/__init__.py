"""Who is it: accounts, the credentials that reach them, and the pairwise subjects that name them to clients.

Owns: opening and finding an account for a verified credential, look-up keys, sector subjects, linking.
Does not own: certificates (``jpki``), sign-ins, clients. May import: the leaves; never ``oidc``.
"""
