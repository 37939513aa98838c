# SPDX-License-Identifier: Apache-2.0
"""SQuAD's metrics and the decoding of answers from logits in plain Python: the reference for bertune in
compare_metrics.py and make_task_goldens.py. Written from the definitions, with Python's own str and re,
independently of bertune. Needs Python 3.11 (its Unicode tables).
"""

import collections
import math
import re
import string
import struct

ARTICLES = re.compile(r"\b(a|an|the)\b")
NO_PUNCTUATION = {ord(c): None for c in string.punctuation}


def normalize(text):
    text = text.lower().translate(NO_PUNCTUATION)
    return " ".join(ARTICLES.sub(" ", text).split())


def exact(gold, prediction):
    return float(normalize(gold) == normalize(prediction))


def f1(gold, prediction, version2):
    gold, prediction = normalize(gold).split(), normalize(prediction).split()
    if version2 and (not gold or not prediction):
        return float(gold == prediction)
    same = sum((collections.Counter(gold) & collections.Counter(prediction)).values())
    if same == 0:
        return 0.0
    precision, recall = same / len(prediction), same / len(gold)
    return 2 * precision * recall / (precision + recall)


def score_question(question, prediction, version2):
    """(exact, f1): the best over the gold answers; None if there is no prediction."""
    if prediction is None:
        return 0.0, 0.0
    gold = [answer["text"] for answer in question["answers"]]
    if version2:
        gold = [text for text in gold if normalize(text)] or [""]
    return (
        max(exact(text, prediction) for text in gold),
        max(f1(text, prediction, version2) for text in gold),
    )


def questions_of(data):
    return [q for article in data["data"] for p in article["paragraphs"] for q in p["qas"]]


def plain_sum(numbers):
    total = 0.0  # not sum(), because newer Pythons use compensated summation
    for number in numbers:
        total += number
    return total


def percents(prefix, scores):
    if not scores:
        return {}
    total = len(scores)
    return {
        prefix + "exact": 100.0 * plain_sum(s[0] for s in scores) / total,
        prefix + "f1": 100.0 * plain_sum(s[1] for s in scores) / total,
        prefix + "total": total,
    }


def evaluate_v1(data, predictions):
    questions = questions_of(data)
    scores = [score_question(q, predictions.get(q["id"]), False) for q in questions]
    result = percents("", scores)
    return {"exact_match": result["exact"], "f1": result["f1"]}


def evaluate_v2(data, predictions, no_answer_scores=None):
    """With no_answer_scores, the predictions are the best non-empty texts."""
    questions = questions_of(data)
    scores = [score_question(q, predictions.get(q["id"]), True) for q in questions]
    result = percents("", scores)
    for prefix, wanted in (("HasAns_", True), ("NoAns_", False)):
        chosen = [s for q, s in zip(questions, scores) if bool(q["answers"]) == wanted]
        result |= percents(prefix, chosen)
    if no_answer_scores is not None:
        for index, name in enumerate(("exact", "f1")):
            values = [s[index] for s in scores]
            best, threshold = best_threshold(questions, predictions, values, no_answer_scores)
            result |= {f"best_{name}": best, f"best_{name}_thresh": threshold}
    return result


def best_threshold(questions, predictions, scores, no_answer_scores):
    current = best = float(sum(not q["answers"] for q in questions))
    threshold = 0.0
    for i in sorted(range(len(questions)), key=lambda i: no_answer_scores[questions[i]["id"]]):
        question = questions[i]
        if question["answers"]:
            current += scores[i]
        elif predictions[question["id"]]:
            current -= 1.0
        if current > best:
            best, threshold = current, no_answer_scores[question["id"]]
    return 100.0 * best / len(scores), threshold


def float32(number):
    return struct.unpack("f", struct.pack("f", number))[0]


def decode(context, windows, options):
    """Decodes the answer of one example. Each window: context_begin (index of its first context token),
    offsets of its context tokens, start and end logits. options: n_best, max_answer_tokens, version2,
    null_threshold."""
    entries, nulls = [], []
    for window in windows:
        entries += window_entries(context, window, options)
        nulls.append((window["start"][0], window["end"][0]))
    entries.sort(key=lambda entry: -entry["sum"])
    unique = {}
    for entry in entries:
        unique.setdefault(entry["text"], entry)
    entries = list(unique.values())[: options["n_best"]]
    best = entries[0] if entries else None
    result = {}
    if options["version2"]:
        start, end = min(nulls, key=lambda pair: float32(pair[0] + pair[1]))
        null = {"text": "", "start": 0, "end": 0, "sum": float32(start + end)}
        result["no_answer_score"] = null["sum"] - (best["sum"] if best else 0.0)
        result["best_text"] = best["text"] if best else ""
        ranked = sorted(entries + [null], key=lambda entry: -entry["sum"])
        kept = ranked[: options["n_best"]]
        kept += [entry for entry in (best, null) if entry and entry not in kept]
        entries = kept
        if best is None or result["no_answer_score"] > options["null_threshold"]:
            best = null
    if not entries:
        best = {"text": "", "start": 0, "end": 0, "score": 0.0}
        return {"n_best": [best], "answer": best}
    add_scores(entries)
    return result | {"n_best": entries, "answer": best}


def window_entries(context, window, options):
    def best_indices(logits):
        return sorted(range(len(logits)), key=lambda i: -logits[i])[: options["n_best"]]

    begin, offsets = window["context_begin"], window["offsets"]
    for first in best_indices(window["start"]):
        for last in best_indices(window["end"]):
            if first < begin or last >= begin + len(offsets) or last < first:
                continue
            if last - first + 1 > options["max_answer_tokens"]:
                continue
            start, end = offsets[first - begin][0], offsets[last - begin][1]
            total = float32(window["start"][first] + window["end"][last])
            yield {"text": context[start:end], "start": start, "end": end, "sum": total}


def add_scores(entries):
    highest = max(entry["sum"] for entry in entries)
    total = plain_sum(math.exp(entry["sum"] - highest) for entry in entries)
    for entry in entries:
        entry["score"] = round(math.exp(entry["sum"] - highest) / total, 4)
