"""What can go wrong with the provider's own keys."""


class Unsealable(Exception):
    """Not sealed by us for this purpose and context, or changed since; deliberately without saying which."""


class SigningKeyUnreadable(Exception):
    """A stored signing key does not open with this key-encryption key; the message names its ``kid`` only."""


class NoSigningKey(Exception):
    """No key of this algorithm may sign now."""


class NoSuchKey(Exception):
    """No published key has this ``kid``, which is the message."""


class NotDecryptable(Exception):
    """Not encrypted to one of our keys as we allow it, or changed since; deliberately without saying which."""


class NotOurToken(Exception):
    """Not a token that one of our published keys has signed."""
