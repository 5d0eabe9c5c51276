"""Errors by who must act on them.

Exception
├── ConfigurationError   an operator: nothing works until the settings are corrected
├── TransientError       nobody yet: raised out of the handler, the platform runs it again
└── Rejected             nobody: this input is bad for ever, running it again changes nothing
"""


class ConfigurationError(Exception):
    """The deployment is wrong; an operator has to change it. The message names every mistake and what is accepted."""


class TransientError(Exception):
    """Something failed that may succeed later; raise it from the handler, so that the platform retries."""


class Rejected(Exception):  # noqa: N818 - it names what happened to the input, as the log line does
    """This input can never be processed. The message says what is wrong with it."""
