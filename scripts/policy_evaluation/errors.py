"""How an evaluation that would be a guess says so."""


class PolicyError(ValueError):
    """A policy that AWS would refuse, or a request described in a way that no real one is; the text names the part."""


class UnsupportedError(NotImplementedError):
    """A policy uses something that is not evaluated here; the text names it."""
