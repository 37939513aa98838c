# SPDX-License-Identifier: Apache-2.0
"""Predictor: runs one tuned model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, Optional, Union, overload

from . import _core
from .examples import split_datasets
from .inputs import Input, Inputs, answer_in_parts, answer_lazily, as_list, read_all

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .options import EvaluateRequest, PredictorOptions, PredictRequest, Text


class Predictor:
    """Runs one tuned model on inputs. Threads may share it.

    model: a checkpoint written by Trainer or another model folder, a name or a hub id.
    args: options as a dict; keyword options override it.
    options: the fields of bertune.PredictorOptions (see its help).

    Raises OperatingSystemError if the model does not exist, InputError if it is damaged or has no head
    for the task, UsageError for an invalid option value, TypeError for an unknown option or a wrong
    type.

        predictor = Predictor("output/checkpoint-100")
        predictor.predict({"context": "I live in Berlin.", "question": "Where do I live?"})
    """

    def __init__(
        self,
        model: Text,
        *,
        args: Optional[Mapping[str, Any]] = None,
        **options: Unpack[PredictorOptions],
    ) -> None:
        self._core = _core.Predictor(model, {**(args or {}), **options})

    @property
    def task(self) -> str:
        """The name of the model's task, for example 'question_answering'."""
        return self._core.task

    @property
    def model(self) -> str:
        """The folder or file that the model was loaded from."""
        return self._core.model

    @overload
    def predict(
        self, input_data: Iterator[Input], **request: Unpack[PredictRequest]
    ) -> Iterator[Any]: ...

    @overload
    def predict(self, input_data: Inputs, **request: Unpack[PredictRequest]) -> List[Any]: ...

    def predict(
        self, input_data: Union[Inputs, Iterator[Input]], **request: Unpack[PredictRequest]
    ) -> Union[List[Any], Iterator[Any]]:
        """Returns the best predictions for each input, in input order.

        input_data: a str ("context - question") or a dict ({"context": ..., "question": ...}); a list
            or another collection of these, which are packed into shared passes; or an iterator, for
            which the result is an iterator too and 1024 inputs are read at a time.
        request: the fields of bertune.PredictRequest. top_k: predictions per input; None: the task's
            default (answers and labels: 1, tokens for [MASK]: 5). n_best, max_answer_length and
            null_threshold are for question answering. A model trained on unanswerable questions
            answers some with an empty text; null_threshold makes any model do so. targets is for
            [MASK]: the words to choose from, "good,bad". threshold is for models with several labels per
            text: the score that a label must exceed. aggregation is for token classification: 'none',
            'simple', 'first', 'average' or 'max'.

        Question answering returns dicts {'text': str, 'score': float, 'start': int, 'end': int}. text
        is context[start:end] in code points (of a str: of its stripped context). score is a
        probability among the candidates. Text classification returns {'label', 'score'}; a model with
        several labels per text returns a list of these per input. With top_k 1 the result for these two tasks is a flat list with a dict per input, otherwise a list of dicts
        per input. Token classification returns a list of {'entity_group', 'score', 'word', 'start',
        'end'} per input, or with aggregation 'none' of {'entity', 'score', 'index', 'word', 'start',
        'end'}. fill_mask returns a list of {'score', 'token', 'token_str', 'sequence'} per
        input, or for several [MASK] a list of such lists. A single input is treated as a list of one.

        Raises InputError or TypeError with the number of an invalid input, UsageError for an invalid
        value in request.
        """

        def answer(part: List[Input], first: int) -> List[Any]:
            return self._core.predict(part, {**request}, first)

        if isinstance(input_data, Iterator):
            return answer_lazily(input_data, answer)
        return answer_in_parts(as_list(input_data), answer)

    def read_inputs(self, file: Text) -> Iterator[Input]:
        """Reads inputs for predict from a file of any length, as `bertune predict --file` does.

        file: JSON lines, each a str or a dict. For text and token classification also a file whose name
            ends in .tsv or .csv, with the columns of the training data; its labels are not read.

            for prediction in predictor.predict(predictor.read_inputs("texts.tsv")):
                print(prediction)

        Raises OperatingSystemError if the file cannot be read, InputError with the line if a line or row
        is not an input of the task.
        """
        return read_all(self._core.read_inputs(file))

    def evaluate(self, **request: Unpack[EvaluateRequest]) -> Dict[str, Dict[str, Any]]:
        """Computes metrics on a dataset: {'QA Metric': {'exact_match': ..., 'f1': ...}}.

        request: the fields of bertune.EvaluateRequest. eval_dataset: a folder with the official file
            names, a file, or a collection of dicts as for Trainer. predictions, nbest and confusion: files to write. The other fields set how
            the dataset is read and how answers are decoded. A field that the task does not read is an
            error.

        Raises InputError if the dataset is damaged, OperatingSystemError if it does not exist.
        """
        plain, examples = split_datasets(request, ("eval_dataset",))
        return self._core.evaluate(plain, examples)

