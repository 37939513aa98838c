# SPDX-License-Identifier: Apache-2.0
"""The functions around Trainer and Predictor: score, export_model, pull, models, tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List

from . import _core

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .options import ExportRequest, ListedModel, ScoreRequest, Text


def score(**request: Unpack[ScoreRequest]) -> Dict[str, Dict[str, Any]]:
    """Metrics of a file of predictions on a dataset. No model is needed.

    request: the fields of bertune.ScoreRequest (help lists them).

        score(predictions="predictions.json", eval_dataset="./squad/")

    Raises UsageError for a task without predictions to score, InputError for a damaged file.
    """
    return _core.score({**request})


def export_model(**request: Unpack[ExportRequest]) -> str:
    """Writes a model for other programs and returns the path: a folder, or a file of weights alone.

    request: the fields of bertune.ExportRequest (help lists them).

        export_model(model="output/checkpoint-100", format="onnx", output="./exported")

    The result appears at once or not at all. Raises UsageError where the path exists and holds more
    than an export wrote.
    """
    return _core.export_model({**request})


def pull(model: Text) -> str:
    """The folder of a model given as a path, a name or a hub id; fetches it when it is not here.

    Raises UsageError for an unknown name, OperatingSystemError when it cannot be fetched.
    """
    return _core.pull(model)


def find_checkpoint(output_dir: Text, which: str = "last") -> str:
    """The checkpoint of a run: "last", of the highest step, or "best", picked by evaluations."""
    return _core.find_checkpoint(output_dir, which)


def models() -> List[ListedModel]:
    """The models that can be given by name, and the folder of each that is on this machine."""
    return _core.models()


def tasks() -> List[Dict[str, Any]]:
    """The tasks: name, help, metric_name, main_metric, top_k and recipe, the default settings."""
    return _core.tasks()
