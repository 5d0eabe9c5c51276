"""How the admin endpoints and the code behind them say no."""


class RefusalError(Exception):
    """A request to an admin endpoint that is not fulfilled: `status` is its HTTP status, the text says why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
