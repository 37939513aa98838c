#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The comparison behind `make test-peers`: bertune against PyTorch, transformers, tokenizers, scikit-learn
# and seqeval. Runs all comparisons, then fails if any of them failed.
#
#   BERTUNE       the program (default build/bertune)
#   PEERS_PYTHON  a python with the packages of tools/peers_requirements.txt, instead of installing them
#   DATA          a folder with squad/{train-v1.1,dev-v1.1,dev-v2.0}.json[.xz] and vocab/NAME/vocab.txt of
#                 BERT's four vocabularies (default ../shared/data)
#   CHECKPOINT    a folder that bertune wrote (default the one of `make demo`)
#   MODEL         a folder of a pretrained model in safetensors (default the one of `make demo`)
#   MINDSPORE_PYTHON  a python with mindspore, for MindSpore checkpoints (tested with 2.10.0)
set -euo pipefail
cd "$(dirname "$0")/.."

bertune=${BERTUNE:-build/bertune}
programs=$(dirname "$bertune")/tests  # built from tests/tools
data=${DATA:-../shared/data}
checkpoint=${CHECKPOINT:-$(printf '%s\n' demo-output/checkpoint-* | sort -V | tail -n 1)}
model=${MODEL:-.cache/models/minilm}
python=${PEERS_PYTHON:-.cache/peers/bin/python}
installed=.cache/peers/installed.txt
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

passed=0 skipped=0 failed=()

# compare NAME COMMAND...
compare() {
  local name=$1
  shift
  printf '\n== %s\n' "$name"
  if "$@"; then passed=$((passed + 1)); else failed+=("$name"); fi
}

# skip NAME REASON
skip() {
  printf '\n== %s\nSKIPPED: %s\n' "$1" "$2"
  skipped=$((skipped + 1))
}

install_peers() {
  cmp -s tools/peers_requirements.txt "$installed" && return
  echo "test-peers: installing PyTorch and transformers into .cache/peers (about 6 GB)"
  rm -rf .cache/peers
  python3 -m venv .cache/peers
  "$python" -m pip install --quiet --disable-pip-version-check -r tools/peers_requirements.txt
  cp tools/peers_requirements.txt "$installed"
}

same_golden_values() {
  "$python" tools/make_golden.py "$scratch/golden" &&
    "$python" tools/compare_golden.py tests/data/golden "$scratch/golden"
}

same_unicode_tables() {
  "$python" tools/generate_unicode_tables.py --output "$scratch/unicode_tables.cc" >/dev/null &&
    diff -q src/text/unicode_tables.cc "$scratch/unicode_tables.cc"
}

same_python_tables() {
  "$python" tools/generate_python_tables.py >"$scratch/python_tables.cc" &&
    diff -q src/text/python_tables.cc "$scratch/python_tables.cc"
}

# Sets the array `squad` to the unpacked SQuAD files in DATA.
unpack_squad() {
  local name
  mkdir "$scratch/squad"
  for name in train-v1.1 dev-v1.1 dev-v2.0; do
    if [[ -f $data/squad/$name.json ]]; then
      ln -s "$(realpath "$data/squad/$name.json")" "$scratch/squad/$name.json"
    elif [[ -f $data/squad/$name.json.xz ]]; then
      "$python" -c 'import lzma, shutil, sys; shutil.copyfileobj(lzma.open(sys.argv[1]), sys.stdout.buffer)' \
        "$data/squad/$name.json.xz" >"$scratch/squad/$name.json"
    fi
  done
  squad=("$scratch"/squad/*.json)
}

# Every fifth of the sample's 503 windows, in fp32.
same_logits() {
  "$programs/dump_logits" "$checkpoint" data/squad-sample/dev.json fp32 5 >"$scratch/logits.jsonl" &&
    "$python" tools/check_folder.py "$checkpoint" --logits "$scratch/logits.jsonl"
}

# A tiny run with evaluations, whose log TensorBoard reads.
same_events() {
  "$bertune" train --model tests/data/golden/tiny_gelu --train-dataset tests/data/install/squad.json \
    --eval-dataset tests/data/install/squad.json --max-seq-length 26 --doc-stride 3 --epochs 4 \
    --eval-epochs 1 --output-dir "$scratch/run" >"$scratch/run.log" 2>&1 &&
    "$python" tools/check_events.py "$scratch/run"
}

same_logits_of_onnx() {
  "$bertune" export --checkpoint "$checkpoint" --format onnx --output "$scratch/onnx" &&
    "$programs/dump_logits" "$checkpoint" data/squad-sample/dev.json fp32 5 >"$scratch/logits.jsonl" &&
    "$python" tools/check_onnx.py "$scratch/onnx" --logits "$scratch/logits.jsonl"
}

[[ -n ${PEERS_PYTHON:-} ]] || install_peers

compare "reference values of the golden tests" same_golden_values
compare "logits of every head" "$python" tools/check_heads.py "$programs/dump_head_logits"
compare "Unicode tables of the tokenizer" same_unicode_tables
compare "Unicode tables of the metrics" same_python_tables
compare "scores of label sequences" "$python" tools/compare_labels.py "$programs/score_labels"

if [[ -d $data/squad && -d $data/vocab ]]; then
  unpack_squad
  compare "metrics" "$python" tools/compare_metrics.py "$programs/score_predictions" "${squad[@]}"
  compare "windows and labels" "$python" tools/compare_features.py "$programs/dump_windows" \
    "$data/vocab/bert-base-uncased" "${squad[@]}"
  compare "tokenizer" "$python" tools/compare_tokenizer.py --bertune "$bertune" --data "$data"
else
  skip "metrics, windows and labels, tokenizer" "$data has no squad/ and vocab/; set DATA=DIR"
fi

compare "log of a run in TensorBoard" same_events
compare "datasets of datasets and pandas" env PYTHONPATH="$(dirname "$bertune")/python" \
  "$python" tools/compare_datasets.py
compare "model folders of transformers" "$python" tools/compare_transformers.py \
  --bertune "$bertune" --dump-logits "$programs/dump_logits"

if [[ -f $model/model.safetensors ]]; then
  compare "pytorch_model.bin of a real model" "$python" tools/compare_pytorch.py --bertune "$bertune" "$model"
else
  skip "pytorch_model.bin of a real model" "no model of make demo; set MODEL=DIR"
fi

if [[ -f $checkpoint/model.safetensors ]]; then
  compare "checkpoint in transformers" same_logits
  compare "export in ONNX Runtime" same_logits_of_onnx
else
  skip "checkpoint in transformers, export in ONNX Runtime" \
    "no checkpoint of make demo; set CHECKPOINT=DIR"
fi

if "${MINDSPORE_PYTHON:-$python}" -c 'import mindspore' 2>/dev/null; then
  compare "checkpoints of MindSpore" "${MINDSPORE_PYTHON:-$python}" tools/compare_mindspore.py \
    --bertune "$bertune"
else
  skip "checkpoints of MindSpore" \
    "mindspore is missing; install it into an environment and set MINDSPORE_PYTHON=DIR/bin/python"
fi

((${#failed[@]} == 0)) || printf '\nfailed: %s' "${failed[@]}"
printf '\n%d passed, %d failed, %d skipped\n' "$passed" "${#failed[@]}" "$skipped"
((${#failed[@]} == 0))
