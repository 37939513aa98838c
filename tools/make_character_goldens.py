#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tests/data/tasks/character_metrics.json: answers scored by the algorithm of CMRC 2018's evaluation
script, cmrc2018_evaluate.py v5 (special) of github.com/ymcui/cmrc2018.

Usage: python3 tools/make_character_goldens.py [OUTPUT]    (pip install nltk==3.10.4)

The script is Python 2 and is not part of this repository. The functions below are written from its
algorithm, for Python 3: lower-case, strip, leave out a list of punctuation marks, split into Chinese characters and
words of NLTK's tokenizer, and take the longest run of segments that both answers have. NLTK's words are
those with preserve_line, which needs no sentence model.

    cases   {"gold": [answers], "prediction": answer, "segments": of the prediction, "exact": 0 or 1, "f1":
            as Python prints it}
"""

import json
import pathlib
import random
import sys

from nltk.tokenize import word_tokenize

MARKS = set("-:_*^/\\~`+=，。：？！“”；’《》·、「」（）－～『』")

GOLD = [
    ["《战国无双3》", "战国无双3"],
    ["光荣和ω-force"],
    ["2010年3月18日，在Wii上"],
    ["iPhone 4S 与 iPad", "iPhone 4S和iPad"],
    ["约3.5%（1,000人）"],
    ["“不死鸟”号"],
    ["U.S. Army, 美国陆军"],
    ["……没有"],
    ["don't stop 乐队's 歌"],
    ["１９９０年代〇"],
]
PREDICTIONS = [
    "战国无双3", "《战国无双》", "光荣", "ω-FORCE", "2010年3月18日", "3月18日在wii上", " ipad ", "iPhone 4S与iPad",
    "3.5%", "(1,000人)", "不死鸟号", "u.s. army", "美国陆军.", "没有", "……", "", "，。", "don't stop", "歌",
    "１９９０年代", "〇", 'he said "中文 is", ok.', "a,b", "x.y", "a...b 中..", "‘引’号", "[a]{b}<c>", "A&B #1 $5 @x",
    "it's we'll 他n't", "we've they're I'm he'd",
]
PIECES = ["中", "文", "国", "a", "bc", "3", "4.5", "1,000", " ", " ", "，", "。", "(", ")", "%", ".", ",", "-", "《", "x's"]


def segments_of(text):
    segments, other = [], ""
    for char in text.lower().strip():
        if char in MARKS:
            continue
        if "\u4e00" <= char <= "\u9fa5":
            segments += words_of(other) + [char]
            other = ""
        else:
            other += char
    return segments + words_of(other)


def words_of(text):
    return word_tokenize(text, preserve_line=True) if text else []


def without_marks(text):
    return "".join(char for char in text.lower().strip() if char not in MARKS)


def longest_run(a, b):
    runs = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            runs[i + 1][j + 1] = runs[i][j] + 1 if x == y else 0
    return max(map(max, runs))


def f1_of(gold, prediction):
    a, b = segments_of(gold), segments_of(prediction)
    run = longest_run(a, b)
    if run == 0:
        return 0.0
    precision, recall = 1.0 * run / len(b), 1.0 * run / len(a)
    return (2 * precision * recall) / (precision + recall)


def case(gold, prediction):
    return {
        "gold": gold,
        "prediction": prediction,
        "segments": segments_of(prediction),
        "exact": int(any(without_marks(g) == without_marks(prediction) for g in gold)),
        "f1": repr(max(f1_of(g, prediction) for g in gold)),
    }


def nearest(prediction):
    return max(GOLD, key=lambda gold: max(f1_of(answer, prediction) for answer in gold))


def main():
    beside = pathlib.Path(__file__).resolve().parent.parent / "tests" / "data" / "tasks"
    output = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else beside / "character_metrics.json"
    rng = random.Random(11)
    cases = [case(nearest(prediction), prediction) for prediction in PREDICTIONS]
    cases += [case(gold, gold[-1]) for gold in GOLD]
    for _ in range(120):
        texts = ["".join(rng.choices(PIECES, k=rng.randrange(1, 12))) for _ in range(rng.randrange(2, 4))]
        cases.append(case(texts[1:], texts[0]))
    rows = ",\n".join(json.dumps(row) for row in cases)
    output.write_text(f'{{"cases": [\n{rows}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
