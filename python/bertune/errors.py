# SPDX-License-Identifier: Apache-2.0
"""The exceptions of bertune: what happened (message) and how to mend it (hint)."""


class Error(Exception):
    """Base of all that bertune raises itself.

    message: what happened, with the values.
    hint: how to mend it; may be empty.
    """

    message: str
    hint: str

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message


class UsageError(Error, ValueError):
    """An option or argument that cannot be meant."""


class InputError(Error, ValueError):
    """A file or text whose content is not what it must be."""


class OperatingSystemError(Error, OSError):
    """The operating system refused: a missing file, a permission, a full disk."""


class NumericalError(Error, ArithmeticError):
    """Training diverged: a loss or a gradient that is not finite."""


class InternalError(Error, RuntimeError):
    """A broken promise of bertune's own code; please report it."""
