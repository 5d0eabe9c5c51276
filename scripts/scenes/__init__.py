"""One scene per root: what is put into the account, what happens there, and what is seen afterwards."""


class SceneError(Exception):
    """What a scene promises did not come about; the message says what, and what was seen instead."""
