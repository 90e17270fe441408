"""A presenter of the card presenter protocol, version 1: it holds a My Number Card for a person at this machine.

Owns: reading the card, showing the person what will be signed, asking for the PIN, answering the provider.
Does not own: deciding whether a card is genuine or whose it is; that is the provider's.
May import: the standard library, and pyscard in ``pcsc_card`` alone. Nothing of the provider.
"""
