# SPDX-License-Identifier: Apache-2.0
"""Tokenizer: converts text to ids and offsets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterable, List, Optional, Tuple, Union

from . import _core
from ._core import Encoding

if TYPE_CHECKING:
    from .options import Text


class Tokenizer:
    """BERT's tokenizer. Ids and offsets equal those of PyPI's `tokenizers`. Threads may share it.

    model: a folder with vocab.txt or tokenizer.json, a model's name or a hub id.
    do_lower_case: overrides the casing of the folder.

    Raises OperatingSystemError or UsageError if the model does not exist, InputError if it is
    damaged.
    """

    def __init__(self, model: Text, do_lower_case: Optional[bool] = None) -> None:
        self._core = _core.Tokenizer(model, do_lower_case)

    def encode(self, text: str, text_pair: Optional[str] = None) -> Encoding:
        """Encodes one text, or two as a pair. Never truncates.

        Raises TypeError for anything but a str. A lone surrogate is replaced by U+FFFD.
        """
        return self._core.encode(text, text_pair)

    def encode_batch(self, texts: Iterable[Union[str, Tuple[str, str]]]) -> List[Encoding]:
        """Encodes many texts, or tuples (text, text_pair), on all cores. Keeps the order."""
        return self._core.encode_batch(texts)

    def token_to_id(self, token: str) -> Optional[int]:
        """The id of a token, or None if the vocabulary does not contain it."""
        return self._core.token_to_id(token)

    def id_to_token(self, id: int) -> str:
        """The token of an id. Raises IndexError if the id is outside the vocabulary."""
        return self._core.id_to_token(id)

    def __len__(self) -> int:
        return len(self._core)

    @property
    def vocabulary(self) -> List[str]:
        """The token of each id, as a new list."""
        return self._core.vocabulary

    @property
    def do_lower_case(self) -> bool:
        """Whether texts are lower-cased."""
        return self._core.do_lower_case
