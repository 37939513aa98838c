# SPDX-License-Identifier: Apache-2.0
"""Trainer: the calls train, evaluate and predict."""

from __future__ import annotations

from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    Iterator,
    List,
    Mapping,
    Optional,
    Union,
    overload,
)

from . import _core
from .examples import split_datasets, with_labels
from .inputs import Input, Inputs, answer_lazily, as_list

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .options import (
        EpochReport,
        EvaluateProgress,
        FetchProgress,
        StepReport,
        Text,
        TrainOptions,
        TrainResult,
    )

    Checkpoint = Union[None, bool, Text]


class Trainer:
    """Fine-tunes a model on a task, evaluates it and predicts with it.

    args: options as a dict; keyword options override it.
    options: the fields of bertune.TrainOptions (see its help). train needs model and train_dataset,
        evaluate needs eval_dataset. A dataset is a file, a folder, or a collection of dicts that can be
        iterated more than once: a list, a datasets.Dataset, frame.to_dict('records'). Class numbers of
        a ClassLabel get their names; for others, labels has the names.

    Raises UsageError for an invalid option value, TypeError for an unknown option or a wrong type. No
    file is read and no collection iterated yet. What a collection raises, the call raises. Threads may share a Trainer; its calls are serialised.

        trainer = Trainer(task='question_answering', model='qa_bert_base_uncased',
                          train_dataset='./squad/', eval_dataset='./squad/')
        trainer.train()
        trainer.evaluate(eval_checkpoint=True)
        trainer.predict(predict_checkpoint=True,
                        input_data=["My name is Wolfgang and I live in Berlin - Where do I live?"])

    Checkpoint arguments: False or None is the weights that this Trainer trained, or else the model's
    own. True is the last checkpoint in output_dir. A str or path is a model by name, folder or file.
    """

    def __init__(
        self,
        *,
        args: Optional[Mapping[str, Any]] = None,
        **options: Unpack[TrainOptions],
    ) -> None:
        plain, examples = split_datasets(
            {"task": "question_answering", **(args or {}), **options},
            ("train_dataset", "eval_dataset"),
        )
        self._core = _core.Trainer(with_labels(plain, examples.get("train_dataset")), examples)

    @property
    def options(self) -> Dict[str, Any]:
        """All options with their values, as a new dict."""
        return self._core.options

    def train(
        self,
        resume_or_finetune_from_checkpoint: Checkpoint = False,
        do_finetune: bool = False,
        *,
        on_start: Optional[Callable[[Dict[str, str]], object]] = None,
        on_step: Optional[Callable[[StepReport], object]] = None,
        on_epoch: Optional[Callable[[EpochReport], object]] = None,
        on_save: Optional[Callable[[Dict[str, str]], object]] = None,
        on_evaluate: Optional[Callable[[Dict[str, Any]], object]] = None,
        on_profile: Optional[Callable[[Dict[str, Any]], object]] = None,
        on_fetch: Optional[Callable[[FetchProgress], object]] = None,
        on_evaluating: Optional[Callable[[EvaluateProgress], object]] = None,
        should_stop: Optional[Callable[[], bool]] = None,
        console: bool = True,
    ) -> TrainResult:
        """Trains on train_dataset and writes checkpoints to output_dir.

        resume_or_finetune_from_checkpoint: False or None: train from the model's own weights. True:
            resume from the last checkpoint. A str or path: with do_finetune, start from these weights
            with a fresh optimizer; without it, resume exactly from that checkpoint.
        on_start: receives the start-up table, {name: text}, before the first step.
        on_step: receives a StepReport (losses, learning rate, seconds) after every step.
        on_epoch: receives an EpochReport after every epoch.
        on_save: receives {'checkpoint': path} after every checkpoint.
        on_evaluate: receives the metrics of each evaluation during training, and its 'step'.
        on_profile: receives the time of each engine op at the end, if the option profile is set.
        on_fetch: receives a FetchProgress while a model is downloaded.
        on_evaluating: receives an EvaluateProgress after every window of an evaluation.
        should_stop: called after every step and every window of an evaluation; True ends the training
            there, with a checkpoint to resume from.
        console: whether events without a callback are reported on standard error.

        Callbacks run on the calling thread; other threads run while C++ computes. An exception in a
        callback, or Ctrl-C, ends the training after the current step, saves a checkpoint and is raised
        here. train(True) resumes from that checkpoint.

        Returns a TrainResult: checkpoint, steps, skipped_steps, stopped, stopped_early,
        best_checkpoint, final_epoch_loss, prune_failures, log_incomplete.

        Raises OperatingSystemError, InputError or UsageError before the first step, and NumericalError
        if training diverges. Checkpoints written until then are kept.
        """
        callbacks = {
            "on_start": on_start,
            "on_step": on_step,
            "on_epoch": on_epoch,
            "on_save": on_save,
            "on_evaluate": on_evaluate,
            "on_profile": on_profile,
            "on_fetch": on_fetch,
            "on_evaluating": on_evaluating,
            "should_stop": should_stop,
        }
        for name, callback in callbacks.items():
            if callback is not None and not callable(callback):
                raise TypeError(f"{name} must be callable, not {type(callback).__name__}")
        result: TrainResult = self._core.train(
            resume_or_finetune_from_checkpoint, do_finetune, callbacks, console
        )
        return result

    def evaluate(self, eval_checkpoint: Checkpoint = False) -> Dict[str, Dict[str, Any]]:
        """Evaluates on eval_dataset. Logs the metrics and returns them.

        Question answering on SQuAD v1.1 returns {'QA Metric': {'exact_match': 80.7, 'f1': 88.3}}, both
        in percent.

        Raises OperatingSystemError if the checkpoint or the dataset does not exist.
        """
        return self._core.evaluate(eval_checkpoint)

    @overload
    def predict(
        self,
        predict_checkpoint: Checkpoint = False,
        *,
        input_data: Iterator[Input],
        top_k: Optional[int] = None,
    ) -> Iterator[Any]: ...

    @overload
    def predict(
        self,
        predict_checkpoint: Checkpoint = False,
        *,
        input_data: Inputs,
        top_k: Optional[int] = None,
    ) -> List[Any]: ...

    def predict(
        self,
        predict_checkpoint: Checkpoint = False,
        *,
        input_data: Union[Inputs, Iterator[Input]],
        top_k: Optional[int] = None,
    ) -> Union[List[Any], Iterator[Any]]:
        """Returns the best predictions for each input, in input order, and logs them.

        input_data, top_k and the result are those of Predictor.predict. Predictions for an iterator are
        not logged.
        """
        if isinstance(input_data, Iterator):
            return answer_lazily(
                input_data,
                lambda part, at: self._core.predict_part(predict_checkpoint, part, top_k, at),
            )
        return self._core.predict(predict_checkpoint, as_list(input_data), top_k)
