"""How a platform operator does not answer: it could not, or it would not."""


class OperatorFailed(Exception):
    """No answer that can be used; ``code`` is ours and names neither person nor certificate.

    ``retry_after_seconds`` is None where asking again makes no sense, else how long to wait at least.
    """

    def __init__(self, code: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after_seconds = retry_after_seconds


class OperatorRefused(Exception):
    """The operator answered with one of the contract's errors; asking again would bring the same.

    Source: docs/platform-operator-api.md, "Errors".
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
