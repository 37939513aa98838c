# SPDX-License-Identifier: Apache-2.0
"""Invalid calls and their error messages."""

from __future__ import annotations

import pathlib
import pickle
import shutil
from typing import Any, Callable, Dict

import bertune
import pytest
import tiny
from bertune import Predictor, Tokenizer, Trainer


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epoch": 3}, "Trainer has no argument 'epoch'; did you mean 'epochs'?"),
        ({"epochs": "3"}, "epochs must be an int, not str"),
        ({"epochs": 3.0}, "epochs must be an int, not float"),
        ({"epochs": True}, "epochs must be an int, not bool"),
        ({"learning_rate": "big"}, "learning_rate must be a float, not str"),
        ({"from_scratch": 1}, "from_scratch must be a bool, not int"),
        ({"dropout": [0.1]}, "dropout must be a float, not list"),
        ({"model": 7}, "model must be a str or a path, not int"),
        ({"model": b"folder"}, "model must be a str or a path, not bytes"),
        ({"args": {"bach_size": 3}}, "did you mean 'batch_size'?"),
        ({"args": {3: 3}}, "a key of args must be a str, not int"),
    ],
)
def test_a_wrong_option_is_a_type_error(options: Dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError) as raised:
        Trainer(**options)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "epochs"),
        ({"learning_rate": -1.0}, "learning_rate"),
        ({"seed": 10**30}, "seed is 1000000000000000000000000000000"),
        ({"task": "question_answring"}, "question_answering"),
    ],
)
def test_a_wrong_value_is_a_usage_error(options: Dict[str, Any], message: str) -> None:
    with pytest.raises(bertune.UsageError) as raised:
        Trainer(**options)
    assert message in str(raised.value)
    assert "--" not in str(raised.value)  # flags of the program are not names in Python
    assert raised.value.hint


def test_messages_name_pythons_arguments(tmp_path: pathlib.Path) -> None:
    trainer = Trainer(**tiny.options(tmp_path, max_seq_length=384))
    with pytest.raises(bertune.UsageError, match="max_seq_length is 384"):
        trainer.train(console=False)


def test_exceptions_are_typed_and_carry_message_and_hint(tmp_path: pathlib.Path) -> None:
    with pytest.raises(bertune.OperatingSystemError) as raised:
        Predictor(tmp_path / "nowhere")
    error = raised.value
    assert isinstance(error, (OSError, bertune.Error))
    assert "nowhere" in error.message and error.hint
    assert str(error) == f"{error.message}\nhint: {error.hint}"
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), copy.message, copy.hint) == (type(error), error.message, error.hint)


def test_exceptions_know_the_options_that_they_are_about(tmp_path: pathlib.Path) -> None:
    with pytest.raises(bertune.UsageError) as raised:
        Trainer(epochs=0)
    assert raised.value.options == ["epochs"]
    assert pickle.loads(pickle.dumps(raised.value)).options == ["epochs"]
    with pytest.raises(bertune.UsageError) as raised:
        Trainer(early_stopping_patience=1)
    assert raised.value.options == [
        "early_stopping_patience", "metric_for_best", "eval_steps", "eval_epochs", "eval_dataset"
    ]
    with pytest.raises(bertune.OperatingSystemError) as missing:
        Tokenizer(tmp_path)
    assert missing.value.options == []
    assert bertune.Error("what happened").options == []


@pytest.mark.parametrize("name", ["score", "checkpoint", "foo"])
def test_a_request_takes_no_other_names(checkpoint: str, name: str) -> None:
    wrong: Any = {name: "x"}
    with pytest.raises(TypeError, match=f"evaluate has no argument '{name}'; did you mean '"):
        Predictor(checkpoint).evaluate(**wrong)
    with pytest.raises(TypeError, match=f"predict has no argument '{name}'; did you mean '"):
        Predictor(checkpoint).predict("a b - a", **wrong)
    with pytest.raises(TypeError, match=f"Trainer has no argument '{name}'; did you mean '"):
        Trainer(**wrong)
    with pytest.raises(TypeError, match=f"Predictor has no argument '{name}'; did you mean '"):
        Predictor(checkpoint, **wrong)
    with pytest.raises(TypeError, match=f"export_model has no argument '{name}'; did you mean '"):
        bertune.export_model(**wrong)
    with pytest.raises(TypeError, match="score has no argument 'eval_datset'; did you mean 'eval_dataset'"):
        bertune.score(eval_datset="x")  # type: ignore[call-arg]


def test_every_kind_is_also_an_exception_of_python() -> None:
    assert issubclass(bertune.UsageError, (bertune.Error, ValueError))
    assert issubclass(bertune.UsageError, ValueError)
    assert issubclass(bertune.InputError, ValueError)
    assert issubclass(bertune.OperatingSystemError, OSError)
    assert issubclass(bertune.NumericalError, ArithmeticError)
    assert issubclass(bertune.InternalError, RuntimeError)
    assert str(bertune.Error("what happened")) == "what happened"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (b"a - b", "input_data must be a str, a dict or an iterable of these, not bytes"),
        (7, "input_data must be a str, a dict or an iterable of these, not int"),
        (["a - b", 7], "input_data[1] must be a str or a dict, not int"),
        ({"context": "a", "question": 7}, "input_data[0]['question'] must be a str, not int"),
        (None, "input_data must be a str, a dict or an iterable of these, not NoneType"),
    ],
)
def test_a_wrong_type_of_input_is_a_type_error(
    checkpoint: str, tmp_path: pathlib.Path, given: Any, message: str
) -> None:
    trainer = Trainer(**tiny.options(tmp_path))
    with pytest.raises(TypeError) as raised:
        trainer.predict(checkpoint, input_data=given)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("no dash at all", "input 0: "),
        (["a - b", {"contxt": "a", "question": "b"}], "input_data[1] has the keys ['contxt', "),
        (["a - b", "a -b- c"], "input 1: "),
        ({"text": "a", "text_pair": "b"}, "input 0: "),
    ],
)
def test_an_input_that_the_task_cannot_read_is_named(
    checkpoint: str, given: Any, message: str
) -> None:
    with pytest.raises(bertune.InputError) as raised:
        Predictor(checkpoint).predict(given)
    assert message in raised.value.message
    assert raised.value.hint


def test_places_count_through_the_parts_of_an_iterator(checkpoint: str) -> None:
    given = iter(["a b - a"] * 1030 + ["no dash"])
    answers = Predictor(checkpoint).predict(given)
    with pytest.raises(bertune.InputError, match="input 1030: "):
        list(answers)


def test_a_wrong_checkpoint_argument_is_named(trainer: Trainer) -> None:
    wrong: Any = 3
    with pytest.raises(TypeError, match="eval_checkpoint must be a bool, a str or a path, not int"):
        trainer.evaluate(wrong)
    with pytest.raises(TypeError, match="predict_checkpoint must be"):
        trainer.predict(wrong, input_data="a - b")
    with pytest.raises(TypeError, match="resume_or_finetune_from_checkpoint must be"):
        trainer.train(wrong)
    with pytest.raises(TypeError, match="on_step must be callable, not int"):
        trainer.train(on_step=wrong)


def test_true_with_nothing_saved_says_so(trainer: Trainer) -> None:
    with pytest.raises(bertune.OperatingSystemError, match="output"):
        trainer.evaluate(eval_checkpoint=True)


def test_data_that_is_not_there(tmp_path: pathlib.Path) -> None:
    missing = tmp_path / "missing"
    trainer = Trainer(**tiny.options(tmp_path, train_dataset=missing, eval_dataset=None))
    with pytest.raises(bertune.OperatingSystemError, match="missing"):
        trainer.train(console=False)
    with pytest.raises(bertune.UsageError, match="eval_dataset is missing"):
        trainer.evaluate()


def test_other_arguments_are_named_too(checkpoint: str, trainer: Trainer) -> None:
    wrong: Any = "3"
    with pytest.raises(TypeError, match="top_k must be an int, not str"):
        Predictor(checkpoint).predict("a b - a", top_k=wrong)
    with pytest.raises(TypeError, match="top_k must be an int, not str"):
        trainer.predict(checkpoint, input_data="a b - a", top_k=wrong)
    with pytest.raises(TypeError, match="do_finetune must be a bool, not str"):
        trainer.train(checkpoint, wrong)
    with pytest.raises(TypeError, match="console must be a bool, not str"):
        trainer.train(console=wrong)
    with pytest.raises(TypeError, match="model must be a str or a path, not NoneType"):
        Predictor(None)  # type: ignore[arg-type]


def test_a_trainer_without_a_model_says_so() -> None:
    with pytest.raises(bertune.UsageError, match="has no model"):
        Trainer().predict(input_data="a - b")


def test_top_k_beyond_the_candidates(checkpoint: str) -> None:
    with pytest.raises(bertune.UsageError, match="top_k is 21"):
        Predictor(checkpoint).predict("a b - a", top_k=21)


def test_a_tokenizer_that_is_not_there(tmp_path: pathlib.Path) -> None:
    with pytest.raises(bertune.OperatingSystemError):
        Tokenizer(tmp_path)
    tokenizer = Tokenizer(tiny.MODEL)
    wrong: Any = 3
    with pytest.raises(TypeError, match="text must be a str, not int"):
        tokenizer.encode(wrong)
    with pytest.raises(TypeError, match=r"texts\[1\] must be a str or a tuple of two, not int"):
        tokenizer.encode_batch(["a", wrong])
    with pytest.raises(TypeError, match=r"texts\[0\] must have two texts, not 3"):
        wrong = ("a", "b", "c")
        tokenizer.encode_batch([wrong])
    with pytest.raises(TypeError, match="token must be a str, not int"):
        tokenizer.token_to_id(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="id must be an int, not str"):
        tokenizer.id_to_token("a")  # type: ignore[arg-type]
    with pytest.raises(IndexError, match="id 56 is not in the vocabulary"):
        tokenizer.id_to_token(56)


def test_a_head_of_another_task_is_refused_by_name(checkpoint: str) -> None:
    message = "tuned for question_answering and not for text_classification"
    with pytest.raises(bertune.InputError, match=message):
        Predictor(checkpoint, task="text_classification")
    with pytest.raises(bertune.InputError, match=message):
        Trainer(task="text_classification").predict(checkpoint, input_data=["a"])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda good: good[: len(good) // 2], "tiny.ckpt"),
        (lambda good: b"\xd8\x5e\x3a\x7f" + good, "encrypted"),
        (lambda good: b"PK\x03\x04" + good, "zip"),
        (lambda good: good[: good.rindex(b"crc_num")].replace(b"word_embedding", b"ward_embedding"),
         "word_embedding"),
    ],
)
def test_a_damaged_checkpoint_of_mindspore_is_named(
    damage: Callable[[bytes], bytes], message: str, tmp_path: pathlib.Path
) -> None:
    model = tmp_path / "model"
    shutil.copytree(tiny.MODEL.parent.parent / "mindspore" / "tiny", model)
    (file,) = model.glob("*.ckpt")
    good = file.read_bytes()
    file.unlink()
    (model / "tiny.ckpt").write_bytes(damage(good))
    with pytest.raises(bertune.InputError) as raised:
        Predictor(str(model), task="question_answering")
    assert message in str(raised.value)
