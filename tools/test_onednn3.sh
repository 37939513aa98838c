#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The check behind `make test-onednn3`: runs the engine and golden tests with oneDNN 3. `make test` uses
# oneDNN 2.6, the version in Debian 12.
#
#   BUILD  the build folder (default build-onednn3)
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(onednn-cpu-gomp==2023.2.0 onednn-devel-cpu-gomp==2023.2.0)  # oneDNN 3.2
build=${BUILD:-build-onednn3}
onednn=$PWD/.cache/onednn3
installed=$onednn/installed.txt

install_onednn() {
  [[ $(cat "$installed" 2>/dev/null) == "${packages[*]}" ]] && return
  echo "test-onednn3: installing oneDNN 3.2 into .cache/onednn3 (180 MB)"
  rm -rf "$onednn"
  python3 -m venv "$onednn"
  "$onednn/bin/python" -m pip install --quiet --disable-pip-version-check "${packages[@]}"
  echo "${packages[*]}" >"$installed"
}

# Two OpenMP runtimes would compete for the same cores.
check_libraries() {
  local libraries
  libraries=$(ldd "$build/bertune" | grep -oE 'lib(dnnl|gomp|iomp5|omp)\.so\.?[0-9]*' | sort -u)
  [[ $libraries == $'libdnnl.so.3\nlibgomp.so.1' ]] && return
  printf 'test-onednn3: %s is linked with these instead of libdnnl.so.3 and libgomp.so.1:\n%s\n' \
    "$build/bertune" "$libraries" >&2
  return 1
}

install_onednn
cmake -G Ninja -B "$build" -Ddnnl_DIR="$onednn/lib/cmake/dnnl" >/dev/null
cmake --build "$build" --target bertune test_engine test_golden
check_libraries
export OMP_WAIT_POLICY=passive
"$build/tests/test_engine" --gtest_brief=1
"$build/tests/test_golden" --gtest_brief=1
