# SPDX-License-Identifier: Apache-2.0
"""Predictor: one tuned model that answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, Optional, Union, overload

from . import _core
from .inputs import Input, Inputs, answer_in_parts, answer_lazily, as_list

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .options import EvaluateRequest, PredictorOptions, PredictRequest, Text


class Predictor:
    """Answers inputs with one tuned model. Threads may share it.

    model: a checkpoint of Trainer or another model folder, a name or a hub id.
    args: options by name as a dict; keywords override it.
    options: the fields of bertune.PredictorOptions (help lists them).

    Raises OperatingSystemError when there is no such model, InputError when it is damaged or has no
    head for the task, UsageError for an option's value, TypeError for its name or type.

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
        """The name of the task that the model answers, 'question_answering'."""
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
        """The best predictions for each input, in order.

        input_data: a str ("context - question") or a dict ({"context": ..., "question": ...}); a list
            or another collection of these, packed together; or an iterator, which gives an iterator
            back and is read 1024 inputs at a time.
        request: the fields of bertune.PredictRequest. top_k: predictions for each input; None: as many
            as the task usually gives (answers and labels: 1, words for [MASK]: 5). n_best,
            max_answer_length and null_threshold are for question answering.

        Question answering gives dicts {'text': str, 'score': float, 'start': int, 'end': int}: text
        is context[start:end] in code points (of a str: of its stripped context), score a probability
        among the candidates. Text classification gives {'label', 'score'}. With one answer or label
        for each the result is a flat list with a dict for each input, with more a list of dicts for
        each input. Token classification gives lists of {'entity_group', 'score', 'word', 'start',
        'end'}, fill_mask lists of {'score', 'token', 'token_str', 'sequence'}, one for each of several
        [MASK]. One input counts as a list of one.

        Raises InputError or TypeError that names the place of a wrong input, UsageError for a value in
        request.
        """

        def answer(part: List[Input], first: int) -> List[Any]:
            return self._core.predict(part, {**request}, first)

        if isinstance(input_data, Iterator):
            return answer_lazily(input_data, answer)
        return answer_in_parts(as_list(input_data), answer)

    def evaluate(self, **request: Unpack[EvaluateRequest]) -> Dict[str, Dict[str, Any]]:
        """Metrics of the answers to a data set: {'QA Metric': {'exact_match': ..., 'f1': ...}}.

        request: the fields of bertune.EvaluateRequest. eval_dataset: a folder with the official file
            names, or a file. predictions, nbest and confusion: files to write. The others say how the
            dataset and the answers are read; what the task does not read is refused.

        Raises InputError for a damaged dataset, OperatingSystemError for a missing one.
        """
        return self._core.evaluate({**request})

