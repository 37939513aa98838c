# SPDX-License-Identifier: Apache-2.0
"""Fine-tunes, evaluates and asks BERT: the C++ library bertune with Python's types.

    from bertune import Predictor, Tokenizer, Trainer

Trainer fine-tunes a model on a task, evaluates and predicts. Predictor only answers. Tokenizer turns
text into ids. evaluate scores a checkpoint or a file of predictions. All exceptions of its own derive
from bertune.Error and carry a message and a hint.
"""

from ._core import Encoding, __version__
from .errors import (
    Error,
    InputError,
    InternalError,
    NumericalError,
    OperatingSystemError,
    UsageError,
)
from .options import EpochReport, EvaluateOptions, PredictorOptions, StepReport, TrainOptions
from .predictor import Predictor, evaluate
from .tokenizer import Tokenizer
from .trainer import Trainer, TrainResult

__all__ = [
    "Encoding",
    "EpochReport",
    "Error",
    "EvaluateOptions",
    "InputError",
    "InternalError",
    "NumericalError",
    "OperatingSystemError",
    "Predictor",
    "PredictorOptions",
    "StepReport",
    "Tokenizer",
    "TrainOptions",
    "TrainResult",
    "Trainer",
    "UsageError",
    "__version__",
    "evaluate",
]
