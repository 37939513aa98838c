#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages that a Makefile target needs and that are missing. If none is missing, it
# does nothing and needs neither root nor a network.
#
# Usage: tools/setup.sh build|demo|check|fuzz|peers|onednn3|wheel
set -euo pipefail

missing=()

# need PACKAGE [COMMAND...]: missing if COMMAND fails or, without COMMAND, if dpkg does not list it.
need() {
  local package=$1
  shift
  if (($#)); then
    "$@" >/dev/null 2>&1 || missing+=("$package")
  else
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
      missing+=("$package")
  fi
}

need_build() {
  need g++ g++ --version
  need cmake cmake --version
  need ninja-build ninja --version
  need pkg-config pkg-config --version
  need libdnnl-dev            # matrix products
  need ocl-icd-opencl-dev     # required by the CMake files of libdnnl-dev, not used
  need libhwy-dev             # SIMD
  need nlohmann-json3-dev     # JSON
  need libsimdjson-dev        # JSON, where speed matters
  need libcli11-dev           # command line
  need libcurl4-openssl-dev   # models by name
  need libssl-dev             # hashes of downloaded models
  need ca-certificates        # TLS certificates for the hub
  need libspdlog-dev          # logging
  need libfmt-dev             # formatting
  need libprotobuf-dev        # MindSpore's checkpoints, ONNX
  need protobuf-compiler      # ONNX
  need libyaml-cpp-dev        # configs of MindSpore models
  need zlib1g-dev             # checksums of MindSpore checkpoints
  need libgtest-dev           # tests
  need xz-utils xz --version  # unpacks the data of some tests
  need_python
  need python3-dev            # the Python package
  need pybind11-dev           # the same
  need python3-numpy          # its arrays
  need python3-pytest         # its tests
}

need_python() {
  need python3 python3 --version
}

case "${1:-}" in
  build) need_build ;;
  demo) need_build && need python3-pip python3 -c "import pip" ;;
  check) need_build && need clang-format-14 && need mypy ;;
  fuzz) need_build && need clang-14 && need libclang-rt-14-dev && need libomp-14-dev ;;
  peers | onednn3 | wheel) need_build && need python3-venv python3 -c 'import ensurepip, venv' ;;
  *)
    echo "usage: tools/setup.sh build|demo|check|fuzz|peers|onednn3|wheel" >&2
    exit 2
    ;;
esac

((${#missing[@]})) || exit 0

if ! command -v apt-get >/dev/null; then
  cat >&2 <<EOF
setup: this machine has no apt-get. The Debian packages that bertune needs are:
  ${missing[*]}
Install the equivalents, then run: cmake -G Ninja -B build && cmake --build build
EOF
  exit 1
fi

as_root=()
if ((EUID != 0)); then
  if ! command -v sudo >/dev/null; then
    cat >&2 <<EOF
setup: these packages are missing, and installing them needs root or sudo:
  ${missing[*]}
Ask an administrator of this machine to run: apt-get install ${missing[*]}
EOF
    exit 1
  fi
  as_root=(sudo)
fi
as_root+=(env DEBIAN_FRONTEND=noninteractive)

log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() { "$@" >>"$log" 2>&1 </dev/null || { cat "$log" >&2 && return 1; }; }

echo "setup: installing ${missing[*]}" >&2
if ! quietly "${as_root[@]}" apt-get update ||
  ! quietly "${as_root[@]}" apt-get install -y --no-install-recommends "${missing[@]}"; then
  echo "setup: apt-get failed, see above. Check the network, and that /etc/apt/sources.list is for" \
    "Debian 12 (bookworm) or later." >&2
  exit 1
fi
