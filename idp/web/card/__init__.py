"""The card presenter's API over HTTP (card presenter protocol §3).

Owns: headers, sizes and methods of its three requests. Does not own: the protocol's rules (``presenter``, ``signin``).
"""
