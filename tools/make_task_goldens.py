#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tests/data/tasks: the expected values of the unit tests of src/tasks, from Python 3.11, the plain
implementations in squad_reference.py and, for windows, Hugging Face's tokenizers.

Usage: python3.11 tools/make_task_goldens.py OUTPUT_FOLDER   (pip install tokenizers)

The same versions always give the same bytes.
"""

import json
import pathlib
import random
import re
import struct
import sys

import compare_features
import compare_metrics
import squad_reference as reference

MAX_SEQ_LENGTH, DOC_STRIDE = 40, 8

TEXTS = [
    "My name is Wolfgang and I live in Berlin. The Berlin of today, an old city, has 3.7 million people.",
    "Straße, café und naïve İstanbul: the ΟΔΥΣΣΕΥΣ sailed \u2014 for ten years! \u4e2d\u6587\u5b57 \U0001f600 end",
    "a b c d e f g h i j k l m n o p q r s t u v w x y z 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9",
    "short",
]


def main():
    if sys.version_info[:2] != (3, 11) or len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "python_text.json", python_text())
    write(folder / "metrics.json", metrics())
    write(folder / "decode.json", decode())
    write_windows(folder)


def write(path, content):
    rows = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in content.items()]
    path.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")


def python_text():
    rng = random.Random(1)
    texts = [compare_metrics.random_text(rng) for _ in range(400)]
    return {
        "code_points": hash_of_code_points(),
        "normalized": [[text, reference.normalize(text)] for text in texts],
        "split": [[text, text.split(), text.strip(), text.lstrip()] for text in texts[:100]],
        "repr": [[struct.pack(">d", x).hex(), repr(x)] for x in doubles(rng)],
    }


def hash_of_code_points():
    """FNV-1a over Python's properties of every code point, alone and before and after a sigma."""
    word = re.compile(r"\w")
    value = 0xCBF29CE484222325
    for code in range(sys.maxunicode + 1):
        if 0xD800 <= code < 0xE000:
            continue
        c = chr(code)
        flags = f"{int(c.isspace())}{int(word.match(c) is not None)}"
        text = flags + c.lower() + ("A" + c + "\u03a3").lower() + ("1" + c + "\u03a3" + c).lower()
        for byte in text.encode():
            value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def doubles(rng):
    numbers = [0.0, -0.0, 100.0, 80.74739829706716, 88.33552874684968, 0.1, 1e16, 9999999999999998.0]
    numbers += [1e-4, 9.999e-5, 5e-324, 1.7976931348623157e308, -12345.678, 1e22, 123456789012345680.0]
    numbers += [100.0 * rng.randrange(10571) / 10570 for _ in range(200)]
    return numbers + [rng.gauss(0, 1) * 10.0 ** rng.randrange(-20, 20) for _ in range(100)]


def metrics():
    rng = random.Random(2)
    cases = []
    for number in range(12):
        data = compare_metrics.random_data(rng, number % 2 == 1)
        predictions = compare_metrics.random_predictions(data, rng)
        odds = {q["id"]: rng.randrange(-8, 9) / 4 for q in reference.questions_of(data)}
        cases.append({"data": data, "predictions": predictions, "odds": odds})
        cases[-1]["expected"] = expected_metrics(data, predictions, odds)
    return {"cases": cases}


def expected_metrics(data, predictions, odds):
    """Metrics of the predictions file; for v2.0 also those of full predictions with their odds."""
    if data["version"] == "1.1":
        return {"texts": listed(reference.evaluate_v1(data, predictions))}
    full = {id_: predictions.get(id_, "") for id_ in odds}
    return {
        "texts": listed(reference.evaluate_v2(data, predictions)),
        "odds": listed(reference.evaluate_v2(data, full, odds)),
    }


def listed(result):
    return [[name, repr(float(value))] for name, value in result.items()]


def decode():
    rng = random.Random(3)
    return {"cases": [decode_case(rng, number) for number in range(72)]}


def decode_case(rng, number):
    """Logits are multiples of 1/4, so that ties are frequent; the last cases use arbitrary floats."""
    logit = (lambda: rng.randrange(-16, 17) / 4) if number < 60 else (lambda: random_float(rng))
    options = {
        "n_best": rng.choice([1, 2, 5, 20]),
        "max_answer_tokens": rng.choice([1, 3, 30]),
        "version2": number % 2 == 1,
        "null_threshold": rng.choice([0.0, 0.0, -1.0, 2.5]),
    }
    context, offsets = random_context(rng)
    windows = []
    begin = 0
    while True:
        end = min(begin + 12, len(offsets))
        windows.append(random_window(logit, offsets, begin, end))
        if end == len(offsets):
            break
        begin += 8
    case = {"options": options, "context": context, "windows": windows}
    return case | {"expected": reference.decode(context, windows, options)}


def random_float(rng):
    return reference.float32(rng.gauss(0, 3))


def random_context(rng):
    """Repeats words, some with several bytes per letter, so that texts occur twice."""
    context, offsets = "", []
    for _ in range(rng.randrange(1, 40)):
        word = rng.choice(["a", "bc", "é", "中文", "bc", "\U0001f600"])
        offsets.append([len(context), len(context) + len(word)])
        context += word + rng.choice([" ", " ", "  ", ""])
    return context, offsets


def random_window(logit, offsets, begin, end):
    question_tokens = 3
    length = question_tokens + 3 + end - begin
    logits = [[logit() for _ in range(length)] for _ in range(2)]
    return {
        "question_tokens": question_tokens,
        "context_begin": question_tokens + 2,
        "first": begin,
        "last": end,
        "offsets": offsets[begin:end],
        "start": logits[0],
        "end": logits[1],
    }


def write_windows(folder):
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = "abcdefghijklmnopqrstuvwxyz0123456789ßσς中"
    vocabulary += list(letters) + ["##" + c for c in letters] + list(".,:!?-\u2014")
    vocabulary += ["the", "is", "live", "in", "berlin", "what", "where", "##ing", "##gang", "wolf"]
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    squad = folder / "squad.json"
    write(squad, squad_data())
    tokenizer = compare_features.make_tokenizer(folder, MAX_SEQ_LENGTH, DOC_STRIDE)
    lines = []
    for window in compare_features.reference_windows(tokenizer, compare_features.read_examples(squad)):
        window.pop("start_ran_on")
        lines.append(json.dumps(window, separators=(",", ":")))
    (folder / "windows.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def squad_data():
    rng = random.Random(4)
    paragraphs = []
    for p, context in enumerate(TEXTS):
        questions = []
        for q in range(6):
            begin = rng.randrange(len(context))
            text = context[begin : begin + rng.randrange(1, 20)]
            answers = [] if q == 5 else [{"text": text, "answer_start": begin}]
            question = rng.choice([" \u00a0Where do I live?", "What is the 中?", "Who"])
            questions.append({"id": f"{p}-{q}", "question": question, "answers": answers})
        paragraphs.append({"context": context, "qas": questions})
    return {"version": "2.0", "data": [{"title": "golden", "paragraphs": paragraphs}]}


if __name__ == "__main__":
    main()
