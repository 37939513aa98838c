# SPDX-License-Identifier: Apache-2.0
"""The exception classes of bertune. Each carries a message (what happened) and a hint (how to fix it)."""


from typing import List


class Error(Exception):
    """Base of bertune's own exceptions.

    message: what happened, with the values.
    hint: how to fix it; may be empty.
    options: the names of the options that the two texts mention.
    """

    message: str
    hint: str
    options: List[str]

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.options = []

    def __str__(self) -> str:
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message


class UsageError(Error, ValueError):
    """An option or argument with an invalid value."""


class InputError(Error, ValueError):
    """A file or text with invalid content."""


class OperatingSystemError(Error, OSError):
    """The operating system reported an error: a missing file, a permission, a full disk."""


class NumericalError(Error, ArithmeticError):
    """Training diverged: a loss or a gradient that is not finite."""


class InternalError(Error, RuntimeError):
    """A bug in bertune; please report it."""
