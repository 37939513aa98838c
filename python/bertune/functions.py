# SPDX-License-Identifier: Apache-2.0
"""The free functions: score, export_model, pull, find_checkpoint, models, tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List

from . import _core

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .options import ExportRequest, ListedModel, ScoreRequest, Text


def score(**request: Unpack[ScoreRequest]) -> Dict[str, Dict[str, Any]]:
    """Computes the metrics of a file of predictions on a dataset. Needs no model.

    request: the fields of bertune.ScoreRequest (see its help).

        score(predictions="predictions.json", eval_dataset="./squad/")

    Raises UsageError for a task whose predictions cannot be scored from a file, InputError for a
    damaged file.
    """
    return _core.score({**request})


def export_model(**request: Unpack[ExportRequest]) -> str:
    """Writes a model for other programs. Returns the path of a folder, or of a file of weights alone.

    request: the fields of bertune.ExportRequest (see its help).

        export_model(model="output/checkpoint-100", format="onnx", output="./exported")

    The output appears complete or not at all. Raises UsageError if the path exists and contains
    anything that an export did not write.
    """
    return _core.export_model({**request})


def pull(model: Text) -> str:
    """Returns the folder of a model given as a path, a name or a hub id; downloads it if necessary.

    Raises UsageError for an unknown name, OperatingSystemError if the download fails.
    """
    return _core.pull(model)


def find_checkpoint(output_dir: Text, which: str = "last") -> str:
    """Returns a checkpoint of a run: "last" (highest step) or "best" (best evaluation in training)."""
    return _core.find_checkpoint(output_dir, which)


def models() -> List[ListedModel]:
    """Lists the models that can be given by name, with the folder of each that is on this machine."""
    return _core.models()


def tasks() -> List[Dict[str, Any]]:
    """Lists the tasks: name, help, metric_name, main_metric, top_k and recipe (default settings)."""
    return _core.tasks()
