"""What an operator can do: ``idp <noun> <verb>``, one noun a module; each verb is parse, call, print.

Owns: arguments, output (text and ``--json``), exit codes. Does not own: any rule. May import: ``app`` and below.
"""
