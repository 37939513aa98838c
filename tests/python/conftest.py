# SPDX-License-Identifier: Apache-2.0
"""A checkpoint that answers the tiny questions, trained once per test file."""

from __future__ import annotations

import pathlib

import pytest
import tiny
from bertune import Trainer


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("tuned")
    learn_by_heart = tiny.options(folder, epochs=60, learning_rate=3e-3, dropout=0.0)
    return Trainer(**learn_by_heart).train(console=False)["checkpoint"]


@pytest.fixture
def trainer(tmp_path: pathlib.Path) -> Trainer:
    return Trainer(**tiny.options(tmp_path))
