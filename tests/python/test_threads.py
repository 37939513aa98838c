# SPDX-License-Identifier: Apache-2.0
"""The GIL and Ctrl-C while C++ code runs."""

from __future__ import annotations

import os
import pathlib
import signal
import threading
import time
from typing import Callable, Dict, List

import pytest
import tiny
from bertune import Predictor, Trainer


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
    assert ticks > 20 * seconds  # it would be a handful if the GIL were held


def test_ctrl_c_ends_training_with_a_checkpoint(tmp_path: pathlib.Path) -> None:
    # A shell starts background jobs with the signal ignored, and Python keeps it ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    trainer = Trainer(**tiny.options(tmp_path, epochs=20_000))
    interrupt = threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT))
    interrupt.start()
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        trainer.train(console=False)
    signal.signal(signal.SIGINT, before)
    assert time.monotonic() - begin < 10.0
    (checkpoint,) = (tmp_path / "output").glob("checkpoint-*")
    assert trainer.predict(True, input_data="a b c - b") == trainer.predict(
        checkpoint, input_data="a b c - b"
    )


def count_threads() -> int:
    return len(os.listdir("/proc/self/task"))


def test_a_predictor_keeps_its_threads(checkpoint: str) -> None:
    alone = Predictor(checkpoint, threads=1)
    Predictor(checkpoint, threads=3)
    started: List[int] = []

    def ask() -> None:
        before = count_threads()
        alone.predict(["a b c d e f - b"] * 640)
        started.append(count_threads() - before)

    ask()
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert started == [0, 0]


def test_a_forked_process_answers_too(checkpoint: str) -> None:
    predictor = Predictor(checkpoint, threads=2)
    questions = ["a b c d e f - b"] * 64
    answers = predictor.predict(questions)
    child = os.fork()
    if child == 0:
        same = predictor.predict(questions) == answers
        os._exit(0 if same else 1)
    deadline = time.monotonic() + 30.0
    ended, status = os.waitpid(child, os.WNOHANG)
    while not ended and time.monotonic() < deadline:
        time.sleep(0.01)
        ended, status = os.waitpid(child, os.WNOHANG)
    if not ended:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert ended and os.WEXITSTATUS(status) == 0
    assert predictor.predict(questions) == answers


def test_a_process_forked_during_predictions_answers_too(checkpoint: str) -> None:
    predictor = Predictor(checkpoint, threads=2)
    questions = ["a b c d e f - b"] * 200
    answers = predictor.predict(questions)
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            assert predictor.predict(questions) == answers

    asking = threading.Thread(target=ask)
    asking.start()
    for _ in range(3):
        child = os.fork()
        if child == 0:
            signal.alarm(30)
            os._exit(0 if predictor.predict(questions) == answers else 1)
        _, status = os.waitpid(child, 0)
        assert os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0
    done.set()
    asking.join()


def test_many_threads_share_one_pool(checkpoint: str) -> None:
    predictor = Predictor(checkpoint, threads=2)
    predictor.predict("a b c d e f - b")
    before = count_threads()
    answered = threading.Barrier(17)
    counted = threading.Barrier(17)

    def ask() -> None:
        predictor.predict(["a b c d e f - b"] * 200)
        answered.wait()
        counted.wait()

    asking = [threading.Thread(target=ask) for _ in range(16)]
    for thread in asking:
        thread.start()
    answered.wait()
    started = count_threads() - before
    counted.wait()
    for thread in asking:
        thread.join()
    assert started == 16


@pytest.mark.parametrize("of", ["trainer", "predictor"])
def test_ctrl_c_ends_an_evaluation(tmp_path: pathlib.Path, checkpoint: str, of: str) -> None:
    lines = tiny.write_data(tmp_path / "data.jsonl").read_text()
    much = tmp_path / "much.jsonl"
    much.write_text(lines * 60_000)  # takes seconds, so the signal arrives long before the end
    written = tmp_path / "p.json"
    evaluations: Dict[str, Callable[[], object]] = {
        "trainer": lambda: Trainer(**tiny.options(tmp_path, eval_dataset=much)).evaluate(checkpoint),
        "predictor": lambda: Predictor(checkpoint).evaluate(
            eval_dataset=much, predictions=written
        ),
    }
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    interrupt = threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT))
    interrupt.start()
    with pytest.raises(KeyboardInterrupt):
        evaluations[of]()
    signal.signal(signal.SIGINT, before)
    assert not list(tmp_path.glob("*p.json*"))  # it did not finish and left nothing
