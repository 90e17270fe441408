"""What any port to a store may raise: the two ways in which state can refuse, known without knowing the store."""


class StoreUnavailable(Exception):
    """The store could not be reached or did not answer in time; nothing is known about the last write.

    The message names the engine and its error code, never a value.
    """


class StoreConflict(Exception):
    """A write contradicts what is stored, such as a grant for a client that was removed meanwhile; nothing was written.

    The message names the engine and its error code, never a value.
    """
