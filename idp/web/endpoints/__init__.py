"""The protocol's endpoints for clients and browsers: parse, call, answer.

Owns: the form of requests and answers. Does not own: a rule of OpenID Connect (``oidc``) or of a sign-in (``signin``).
"""
