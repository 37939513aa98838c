# SPDX-License-Identifier: Apache-2.0
"""The exceptions of bertune: what happened (message) and how to fix it (hint)."""


from typing import List


class Error(Exception):
    """Base of bertune's own exceptions.

    message: what happened, with the values.
    hint: how to fix it; may be empty.
    options: the names of the options that both mention.
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
    """An option or argument without a sensible meaning."""


class InputError(Error, ValueError):
    """A file or text whose content is not what it must be."""


class OperatingSystemError(Error, OSError):
    """The operating system refused: a missing file, a permission, a full disk."""


class NumericalError(Error, ArithmeticError):
    """Training diverged: a loss or a gradient that is not finite."""


class InternalError(Error, RuntimeError):
    """A bug in bertune; please report it."""
