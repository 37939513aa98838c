# SPDX-License-Identifier: Apache-2.0
"""Tokenizer: ids, types and offsets as arrays."""

from __future__ import annotations

import pathlib
from typing import Any, Tuple

import numpy.typing as npt
import pytest
import tiny
from bertune import Tokenizer

UNCASED = pathlib.Path(__file__).parent.parent / "data" / "text" / "uncased"


def described(array: npt.NDArray[Any]) -> Tuple[str, Tuple[int, ...]]:
    return str(array.dtype), array.shape


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer(UNCASED)


def test_encode_gives_arrays(tokenizer: Tokenizer) -> None:
    encoding = tokenizer.encode("the cafe\u0301")
    assert encoding.tokens[0] == "[CLS]" and encoding.tokens[-1] == "[SEP]"
    assert described(encoding.ids) == ("int32", (len(encoding),))
    assert described(encoding.type_ids) == ("int32", (len(encoding),))
    assert described(encoding.offsets) == ("int64", (len(encoding), 2))
    assert [tokenizer.id_to_token(i) for i in encoding.ids] == encoding.tokens
    assert encoding.offsets[1].tolist() == [0, 3]
    assert encoding.offsets[-1].tolist() == [0, 0]


def test_arrays_outlive_their_encoding(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode("the cat").ids
    for _ in range(100):
        tokenizer.encode("another text that would take the same memory")
    assert [tokenizer.id_to_token(i) for i in ids] == tokenizer.encode("the cat").tokens


def test_offsets_count_code_points() -> None:
    encoding = Tokenizer(tiny.MODEL).encode("\U0001f600 b")
    assert encoding.offsets.tolist() == [[0, 0], [0, 1], [2, 3], [0, 0]]


def test_a_pair_has_two_types(tokenizer: Tokenizer) -> None:
    encoding = tokenizer.encode("the cat", "a cat")
    middle = encoding.tokens.index("[SEP]") + 1
    assert encoding.type_ids.tolist() == [0] * middle + [1] * (len(encoding) - middle)


def test_a_batch_equals_its_texts(tokenizer: Tokenizer) -> None:
    texts = [f"text {i} of the batch, with numbers {i * 7919}" for i in range(100)]
    alone = [tokenizer.encode(text).ids.tolist() for text in texts]
    assert [encoding.ids.tolist() for encoding in tokenizer.encode_batch(texts)] == alone
    pairs = tokenizer.encode_batch((text, text) for text in texts)
    assert pairs[3].tokens == tokenizer.encode(texts[3], texts[3]).tokens
    assert tokenizer.encode_batch([]) == []


def test_the_vocabulary_can_be_looked_up(tokenizer: Tokenizer) -> None:
    assert len(tokenizer) == len(tokenizer.vocabulary)
    place = tokenizer.token_to_id("[CLS]")
    assert place is not None and tokenizer.vocabulary[place] == "[CLS]"
    assert tokenizer.token_to_id("no such piece") is None


def test_the_casing_can_be_overridden() -> None:
    assert Tokenizer(tiny.MODEL).do_lower_case
    cased = Tokenizer(tiny.MODEL, do_lower_case=False)
    assert not cased.do_lower_case
    assert cased.encode("A").tokens == ["[CLS]", "[UNK]", "[SEP]"]
    assert Tokenizer(str(tiny.MODEL)).encode("A").tokens == ["[CLS]", "a", "[SEP]"]
