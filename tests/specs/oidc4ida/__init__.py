"""OpenID Connect for Identity Assurance 1.0 and OpenID Identity Assurance Schema Definition 1.0 (both final)."""
