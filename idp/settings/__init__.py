"""What the operator decides: one TOML file and the environment, checked before anything starts.

Owns: the keys, their types, defaults and limits, and the reasons for which a process refuses to start.
Does not own: what a value is used for; the contents of certificates and of databases, which the start checks of the
owning packages read.
May import: nothing of ``idp``.
"""
