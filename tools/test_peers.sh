#!/usr/bin/env bash
# The comparison behind `make test-peers`: bertune against PyTorch, transformers and tokenizers, run anew.
# Goes through all comparisons and fails at the end when one did.
#
#   BERTUNE       the program (default build/bertune)
#   PEERS_PYTHON  a python with the packages of tools/peers_requirements.txt, instead of installing them
#   DATA          a folder with squad/{train,dev}-v1.1.json[.xz] and vocab/NAME/vocab.txt of BERT's four
#                 vocabularies (default ../shared/data)
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "$0")/.."

bertune=${BERTUNE:-build/bertune}
data=${DATA:-../shared/data}
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

# skip NAME WHY
skip() {
  printf '\n== %s\nSKIPPED: %s\n' "$1" "$2"
  skipped=$((skipped + 1))
}

install_peers() {
  cmp -s tools/peers_requirements.txt "$installed" && return
  echo "test-peers: installing PyTorch and transformers into .cache/peers (some 6 GB)"
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
  "$python" tools/generate_unicode_tables.py --output "$scratch/unicode_tables.cc" &&
    diff -q src/text/unicode_tables.cc "$scratch/unicode_tables.cc"
}

[[ -n ${PEERS_PYTHON:-} ]] || install_peers

compare "reference values of the golden tests" same_golden_values
compare "Unicode tables of the tokenizer" same_unicode_tables
