#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tests/data/golden/: tiny random BERTs with the results of transformers and PyTorch for them.

Usage: python3 tools/make_golden.py [OUTPUT]      (default: tests/data/golden beside this script)
Needs torch and transformers 5 (pip install torch transformers). The result depends on the seeds
below and, in the last digits, on the version of torch.

Each OUTPUT/<name>/ contains

  config.json, model.safetensors (F32), vocab.txt, tokenizer.json, tokenizer_config.json
      A model folder with a task head, saved by transformers. tiny_untied has a decoder that is not tied
      to the word table, and three rows of that table without a piece in the vocabulary. The weights are larger than a new model's,
      so that attention is not flat, GELU is not linear and clipping takes effect.
  golden.json
      torch, transformers   versions that made the file
      windows   list of {"ids": [n], "types": [n], "loss": l} with the targets of the window:
                "start" and "end" (question answering), "target" a class, "value" a number
                (regression), "values" a 0 or 1 for each label (several labels), or "targets" [n], a
                class of each token (-100: none) or the word of each masked token. Lengths n differ, and each window goes through the model alone,
                so that there is no padding. l = transformers' loss of the window; 0 without targets
      loss      mean over the targets of all windows; "gradient.*" below is its gradient
      recipe    learning_rate (the peak), warmup_ratio, total_steps T, weight_decay,
                max_grad_norm, beta1, beta2, epsilon. Update k (from 0) has rate peak k / W for
                k < W = int(warmup_ratio T), else peak (T - k) / (T - W); weight decay for neither
                biases nor LayerNorms; gradients are scaled by
                min(1, max_grad_norm / (norm + 1e-6)); then PyTorch's AdamW
      steps     one entry per update, fewer than T: {"windows": [indices of its batch], "rate": r,
                "norm": of the gradient before clipping, "loss": mean over its targets before the
                update}
  golden.safetensors (F32)
      logits.<window>     [n, 2]: start and end logit of each token; [1, labels]; [n, labels]; or
                          [masked tokens, vocabulary]
      gradient.<name>     shaped as the parameter: of "loss", at the weights of model.safetensors
      trained.<name>      shaped as the parameter: after all "steps", which begin at those weights

Everything is computed in float64 without dropout, and rounded to F32 when stored. The gradient of a key
bias is zero in exact arithmetic. In fp32 it is noise, which Adam's division may enlarge to steps of up to
the learning rate, so trained key biases must be compared with that in mind.
"""

import json
import math
import pathlib
import sys

import torch
import transformers
from safetensors.torch import save_file

RECIPE = {
    "learning_rate": 1e-3,
    "warmup_ratio": 0.1,
    "total_steps": 20,
    "weight_decay": 0.01,
    "beta1": 0.9,
    "beta2": 0.999,
    "epsilon": 1e-8,
}
STEPS = 10
MASK = 5  # id in the vocabulary below
BATCH = 4

# An activation and two shapes: one mostly of powers of two, one mostly not. In the second, clipping takes
# effect in some steps only.
MODELS = {
    "tiny_gelu": {
        "seed": 1,
        "hidden_act": "gelu",
        "max_grad_norm": 1.0,
        "vocab_size": 56,
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 40,
        "max_position_embeddings": 26,
        "layer_norm_eps": 1e-12,
    },
    "tiny_gelu_new": {
        "seed": 2,
        "hidden_act": "gelu_new",
        "max_grad_norm": 2.05,
        "vocab_size": 50,
        "hidden_size": 18,
        "num_hidden_layers": 1,
        "num_attention_heads": 3,
        "intermediate_size": 28,
        "max_position_embeddings": 24,
        "layer_norm_eps": 1e-5,
    },
}
LENGTHS = [5, 24, 11, 17, 8, 1]
IGNORED = -100

# The other heads, each on an encoder of its own shape. A single label means regression.
HEADS = {
    "tiny_sequence": ("BertForSequenceClassification", {"seed": 3, "num_labels": 3}),
    "tiny_regression": ("BertForSequenceClassification", {"seed": 4, "num_labels": 1}),
    "tiny_token": ("BertForTokenClassification", {"seed": 5, "num_labels": 11}),
    "tiny_masked": ("BertForMaskedLM", {"seed": 6, "hidden_act": "gelu_new"}),
    "tiny_silu": ("BertForMaskedLM", {"seed": 7, "hidden_act": "silu"}),
    "tiny_multi_label": (
        "BertForSequenceClassification",
        {"seed": 7, "num_labels": 5, "problem_type": "multi_label_classification"},
    ),
    "tiny_untied": ("BertForMaskedLM", {"seed": 8, "tie_word_embeddings": False, "padding": 3}),
}
# BERT's relatives. DistilBERT's config has names of its own, and ELECTRA's tables may be narrower.
DISTILBERT_KEYS = {
    "hidden_size": "dim",
    "num_hidden_layers": "n_layers",
    "num_attention_heads": "n_heads",
    "intermediate_size": "hidden_dim",
    "hidden_act": "activation",
}
HEADS |= {
    "tiny_distilbert_qa": ("DistilBertForQuestionAnswering", {"seed": 9}),
    "tiny_distilbert_sequence": ("DistilBertForSequenceClassification", {"seed": 10, "num_labels": 3}),
    "tiny_distilbert_token": ("DistilBertForTokenClassification", {"seed": 11, "num_labels": 5}),
    "tiny_distilbert_masked": ("DistilBertForMaskedLM", {"seed": 12}),
    "tiny_electra_qa": ("ElectraForQuestionAnswering", {"seed": 13, "embedding_size": 12}),
    "tiny_electra_sequence": (
        "ElectraForSequenceClassification",
        {"seed": 14, "embedding_size": 12, "num_labels": 3},
    ),
    "tiny_electra_token": (
        "ElectraForTokenClassification",
        {"seed": 15, "embedding_size": 18, "num_labels": 5},
    ),
}
HEAD_SHAPE = MODELS["tiny_gelu_new"] | {"hidden_act": "gelu", "max_grad_norm": 1.5}
for head_name, (class_name, head_shape) in HEADS.items():
    MODELS[head_name] = HEAD_SHAPE | head_shape | {"class": class_name}


def make_vocabulary(size):
    """Special tokens, letters as words and continuations, and pieces that are hard to parse."""
    pieces = ["[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces += ["\u2028", "é", '"', "\\", "中"]
    pieces += [chr(ord("a") + i) for i in range(26)]
    pieces += ["##" + chr(ord("a") + i) for i in range(26)] + ["the"]
    return pieces[:size]


def is_norm(name):
    return "LayerNorm" in name or "layer_norm" in name


def has_head(model, head):
    return type(model).__name__.endswith("For" + head)


def make_model(shape):
    shape = dict(shape)
    generator = torch.Generator().manual_seed(shape.pop("seed"))
    del shape["max_grad_norm"]
    shape.pop("padding", 0)
    class_name = shape.pop("class", "BertForQuestionAnswering")
    model_class = getattr(transformers, class_name)
    if class_name.startswith("DistilBert"):
        del shape["layer_norm_eps"]
        shape = {DISTILBERT_KEYS.get(key, key): value for key, value in shape.items()}
    model = model_class(model_class.config_class(**shape))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            ones = 1.0 if is_norm(name) and name.endswith("weight") else 0.0
            parameter.copy_(ones + 0.2 * noise)
    model.eval()  # disables dropout
    return model, generator


def make_windows(model, generator):
    config = model.config

    def draw(high):
        return int(torch.randint(high, (1,), generator=generator))

    def make_targets(ids):
        """The targets of the window's logits, and their key."""
        if has_head(model, "SequenceClassification"):
            if config.problem_type == "multi_label_classification":
                return {"values": [float(draw(2)) for _ in range(config.num_labels)]}
            if config.num_labels == 1:
                return {"value": round(float(torch.randn(1, generator=generator)), 3)}
            return {"target": draw(config.num_labels)}
        if has_head(model, "TokenClassification"):
            return {"targets": [IGNORED if draw(3) == 0 else draw(config.num_labels) for _ in ids]}
        # Some masked words are replaced, some are kept; the shortest window has none.
        targets = [words if len(ids) > 1 and draw(3) == 0 else IGNORED for words in ids]
        for i, target in enumerate(targets):
            if target != IGNORED and draw(4) > 0:
                ids[i] = MASK
        return {"targets": targets}

    if not has_head(model, "QuestionAnswering"):
        windows = []
        for length in LENGTHS:
            ids = [1 + draw(config.vocab_size - 1) for _ in range(length)]
            types = [int(i > length // 3) for i in range(length)]
            targets = make_targets(ids)
            windows.append({"ids": ids, "types": types} | targets)
        return windows

    windows = []
    for length in LENGTHS:
        start = draw(length)
        windows.append(
            {
                # Never [PAD], because torch excludes its embedding from the gradient.
                "ids": [1 + draw(config.vocab_size - 1) for _ in range(length)],
                "types": [int(i > length // 3) for i in range(length)],
                "start": start,
                "end": start + draw(length - start),
            }
        )
    return windows


def run(model, window, labels=None):
    """transformers' output for one window alone."""
    ids, types = torch.tensor([window["ids"]]), torch.tensor([window["types"]])
    more = {} if labels is None else {"labels": labels}
    if model.config.model_type != "distilbert":  # which has no token types
        more["token_type_ids"] = types
    return model(input_ids=ids, **more)


def logits_of(model, window):
    output = run(model, window)
    if "start" in window:
        return torch.stack([output.start_logits[0], output.end_logits[0]], dim=1)
    if has_head(model, "MaskedLM"):
        return output.logits[0][torch.tensor(window["targets"]) != IGNORED]
    return output.logits if output.logits.dim() == 2 else output.logits[0]


def count_targets(window):
    if "values" in window:
        return len(window["values"])
    return sum(target != IGNORED for target in window.get("targets", [0]))


def loss_of(model, window):
    if "start" in window:
        targets = torch.tensor([window["start"], window["end"]])
        return torch.nn.functional.cross_entropy(logits_of(model, window).T, targets)
    if count_targets(window) == 0:  # transformers' mean over nothing is NaN
        return torch.zeros((), dtype=torch.float64)
    if "value" in window:
        return run(model, window, torch.tensor([window["value"]], dtype=torch.float64)).loss
    if "values" in window:
        return run(model, window, torch.tensor([window["values"]], dtype=torch.float64)).loss
    targets = [window["targets"]] if "targets" in window else [window["target"]]
    return run(model, window, torch.tensor(targets)).loss


def mean_loss(model, windows):
    """The loss over all targets of the windows, as transformers computes it for a batch."""
    counts = [count_targets(window) for window in windows]
    losses = [count * loss_of(model, window) for count, window in zip(counts, windows)]
    return torch.stack(losses).sum() / math.fsum(counts)


def rate_of(step):
    total = RECIPE["total_steps"]
    warmup = int(RECIPE["warmup_ratio"] * total)
    peak = RECIPE["learning_rate"]
    return peak * step / warmup if step < warmup else peak * (total - step) / (total - warmup)


def make_optimizer(model):
    named = list(model.named_parameters())
    free = [p for n, p in named if n.endswith("bias") or is_norm(n)]
    decayed = [p for n, p in named if not (n.endswith("bias") or is_norm(n))]
    return torch.optim.AdamW(
        [
            {"params": decayed, "weight_decay": RECIPE["weight_decay"]},
            {"params": free, "weight_decay": 0.0},
        ],
        lr=0.0,
        betas=(RECIPE["beta1"], RECIPE["beta2"]),
        eps=RECIPE["epsilon"],
    )


def train(model, windows, max_norm):
    """Takes ten updates in place. Returns golden.json's "steps"."""
    optimizer = make_optimizer(model)
    steps = []
    for step in range(STEPS):
        batch = [(step * BATCH + i) % len(windows) for i in range(BATCH)]
        for group in optimizer.param_groups:
            group["lr"] = rate_of(step)
        optimizer.zero_grad()
        loss = mean_loss(model, [windows[i] for i in batch])
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        optimizer.step()
        steps.append(
            {"windows": batch, "rate": rate_of(step), "norm": norm.item(), "loss": loss.item()}
        )
    return steps


def stored(prefix, tensors):
    return {
        f"{prefix}.{name}": value.detach().to(torch.float32).contiguous() for name, value in tensors
    }


def gradient_of(parameter):
    """Zeros for a parameter that takes no part: the bias beside an untied decoder's own."""
    return torch.zeros_like(parameter) if parameter.grad is None else parameter.grad


def write_model(folder, model, padding):
    model.save_pretrained(folder)
    vocabulary = make_vocabulary(model.config.vocab_size - padding)
    assert len(vocabulary) == model.config.vocab_size - padding
    (folder / "vocab.txt").write_bytes("".join(piece + "\n" for piece in vocabulary).encode())
    transformers.BertTokenizer(
        vocab={piece: i for i, piece in enumerate(vocabulary)},
        model_max_length=model.config.max_position_embeddings,
    ).save_pretrained(folder)


def make(folder, shape):
    folder.mkdir(parents=True, exist_ok=True)
    model, generator = make_model(shape)
    write_model(folder, model, shape.get("padding", 0))
    windows = make_windows(model, generator)
    model.double()  # exact, because the weights are those of the file
    logits = [(str(i), logits_of(model, window)) for i, window in enumerate(windows)]
    for window in windows:
        window["loss"] = loss_of(model, window).item()
    loss = mean_loss(model, windows)
    loss.backward()
    tensors = stored("logits", logits)
    tensors |= stored("gradient", ((n, gradient_of(p)) for n, p in model.named_parameters()))
    tensors = {name: value.clone() for name, value in tensors.items()}
    golden = {
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "windows": windows,
        "loss": loss.item(),
        "recipe": RECIPE | {"max_grad_norm": shape["max_grad_norm"]},
        "steps": train(model, windows, shape["max_grad_norm"]),
    }
    tensors |= stored("trained", model.named_parameters())
    save_file(tensors, folder / "golden.safetensors")
    (folder / "golden.json").write_text(json.dumps(golden) + "\n")
    norms = [round(step["norm"], 3) for step in golden["steps"]]
    print(f"{folder}: loss {loss.item():.6f}, norms {norms}")


def main():
    beside = pathlib.Path(__file__).resolve().parent.parent / "tests" / "data" / "golden"
    output = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else beside
    transformers.logging.set_verbosity_error()
    for name, shape in MODELS.items():
        make(output / name, shape)


if __name__ == "__main__":
    main()
