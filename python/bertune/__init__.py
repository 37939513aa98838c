# SPDX-License-Identifier: Apache-2.0
"""Fine-tune, evaluate and run BERT: Python bindings of the C++ library bertune.

    from bertune import Predictor, Tokenizer, Trainer

Trainer fine-tunes a model on a task, evaluates it and predicts. Predictor runs a tuned model.
Tokenizer turns text into ids. score computes the metrics of a file of predictions, export_model writes
a model for other programs, pull downloads one. bertune's own exceptions derive from bertune.Error; they
carry a message, a hint, and the names of the options they mention.
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
from .functions import export_model, find_checkpoint, models, pull, score, tasks
from .options import (
    EpochReport,
    EvaluateProgress,
    EvaluateRequest,
    ExportRequest,
    FetchProgress,
    ListedModel,
    PredictorOptions,
    PredictRequest,
    ScoreRequest,
    StepReport,
    TrainOptions,
    TrainResult,
)
from .predictor import Predictor
from .tokenizer import Tokenizer
from .trainer import Trainer

__all__ = [
    "Encoding",
    "EpochReport",
    "Error",
    "EvaluateProgress",
    "EvaluateRequest",
    "ExportRequest",
    "FetchProgress",
    "InputError",
    "InternalError",
    "ListedModel",
    "NumericalError",
    "OperatingSystemError",
    "PredictRequest",
    "Predictor",
    "PredictorOptions",
    "ScoreRequest",
    "StepReport",
    "Tokenizer",
    "TrainOptions",
    "TrainResult",
    "Trainer",
    "UsageError",
    "__version__",
    "export_model",
    "find_checkpoint",
    "models",
    "pull",
    "score",
    "tasks",
]
