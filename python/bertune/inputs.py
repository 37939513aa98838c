# SPDX-License-Identifier: Apache-2.0
"""The inputs that predict accepts as input_data. They are processed at once or block by block."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Callable, Collection, Dict, Iterable, Iterator, List, Union

if TYPE_CHECKING:
    from ._core import InputReader

Input = Union[str, Dict[str, str]]
Inputs = Union[Input, Collection[Input]]
Answer = Callable[[List[Input], int], List[Any]]
"""Predicts for a block of inputs, the first of which has the given index."""

INPUTS_IN_PART = 1024
"""Large enough to fill many passes, small enough to be held in memory."""


def as_list(input_data: Inputs) -> list[Input]:
    """One input, or any iterable of inputs, as a list."""
    if isinstance(input_data, (str, dict)):
        return [input_data]
    if isinstance(input_data, (bytes, bytearray)) or not isinstance(input_data, Iterable):
        kind = type(input_data).__name__
        raise TypeError(f"input_data must be a str, a dict or an iterable of these, not {kind}")
    return list(input_data)


def answer_lazily(inputs: Iterator[Input], answer: Answer) -> Iterator[Any]:
    """Yields predictions; reads and processes INPUTS_IN_PART inputs at a time, on demand."""
    first = 0
    while part := list(islice(inputs, INPUTS_IN_PART)):
        yield from answer(part, first)
        first += len(part)


def read_all(reader: InputReader) -> Iterator[Input]:
    """Yields the inputs of a file; reads INPUTS_IN_PART at a time."""
    while part := reader.next(INPUTS_IN_PART):
        yield from part


def answer_in_parts(inputs: list[Input], answer: Answer) -> list[Any]:
    """Returns all predictions; Ctrl-C is handled between two blocks."""
    return list(answer_lazily(iter(inputs), answer))
