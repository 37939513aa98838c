"""The GIL and Ctrl-C while C++ works. SPDX-License-Identifier: Apache-2.0"""

from __future__ import annotations

import os
import pathlib
import signal
import threading
import time

import pytest
import tiny
from bertune import Trainer


def test_another_thread_runs_while_cpp_trains(tmp_path: pathlib.Path) -> None:
    trainer = Trainer(**tiny.options(tmp_path, epochs=300))
    done = threading.Event()
    ticks = 0

    def count() -> None:
        nonlocal ticks
        while not done.is_set():
            ticks += 1
            time.sleep(0.001)

    counter = threading.Thread(target=count)
    begin = time.monotonic()
    counter.start()
    trainer.train(console=False)
    seconds = time.monotonic() - begin
    done.set()
    counter.join()
    assert ticks > 20 * seconds  # it would be a handful if the GIL were kept


def test_ctrl_c_ends_training_with_a_checkpoint(tmp_path: pathlib.Path) -> None:
    trainer = Trainer(**tiny.options(tmp_path, epochs=1_000_000))
    interrupt = threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT))
    interrupt.start()
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        trainer.train(console=False)
    assert time.monotonic() - begin < 10.0
    (checkpoint,) = (tmp_path / "output").glob("checkpoint-*")
    assert trainer.predict(True, input_data="a b c - b") == trainer.predict(
        checkpoint, input_data="a b c - b"
    )
