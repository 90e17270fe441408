"""The pages people see during a sign-in and around it.

Owns: which template a step of ``signin`` becomes, forms and their tokens. Does not own: what the next step is.
"""
