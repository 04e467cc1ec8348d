"""What cannot be asked of the simulator, said in one sentence."""


class Impossible(Exception):
    """A control call that is refused: HTTP status, code and a sentence that says what to do."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
