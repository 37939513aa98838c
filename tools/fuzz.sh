#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs every fuzz target for a while, two at a time, starting from the committed inputs and those found by
# earlier runs, and prints one line per target. Failing inputs are kept in BUILD/crashes; copied to
# tests/data/fuzz/TARGET, they become tests.
#
# Usage: BUILD=build-fuzz FUZZ_SECONDS=20 tools/fuzz.sh [TARGET...]
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${FUZZ_SECONDS:-20}
targets=("$@")
((${#targets[@]})) || mapfile -t targets < <(cd tests/data/fuzz && printf '%s\n' *)

export TMPDIR
TMPDIR=$(mktemp -d -p "$([[ -w /dev/shm ]] && echo /dev/shm || echo /tmp)" bertune-fuzz-XXXXXX)
trap 'rm -rf "$TMPDIR"' EXIT
mkdir -p "$BUILD/crashes" "$BUILD/logs"
# One thread, because targets run in parallel; a small quarantine, because memory is limited.
export OMP_NUM_THREADS=1
export ASAN_OPTIONS=quarantine_size_mb=16:detect_leaks=1

# fuzz TARGET: the memory limit reveals sizes that are used without a check.
fuzz() {
  local target=$1 corpus=$BUILD/corpus/$1 log=$BUILD/logs/$1
  mkdir -p "$corpus"
  "$BUILD/tests/fuzz/fuzz_$target" "$corpus" "tests/data/fuzz/$target" \
    -max_total_time="$seconds" -timeout=10 -rss_limit_mb=768 -malloc_limit_mb=128 \
    -max_len=16384 -close_fd_mask=2 -print_final_stats=1 -artifact_prefix="$BUILD/crashes/$target-" \
    >"$log" 2>&1 || { echo "$target: FAILED, see $log" && return 1; }
  awk -v target="$target" '
    match($0, /cov: [0-9]+/) { coverage = substr($0, RSTART + 5, RLENGTH - 5) }
    /number_of_executed_units/ { executions = $2 }
    /average_exec_per_sec/ { speed = $2 }
    /peak_rss_mb/ { memory = $2 }
    END { printf "%-16s %9d executions, %6d per second, %5d edges covered, peak memory %4d MiB\n",
                 target, executions, speed, coverage, memory }' "$log"
}
export -f fuzz
export BUILD seconds

printf '%s\n' "${targets[@]}" | xargs -P 2 -I{} bash -c 'fuzz {}'
