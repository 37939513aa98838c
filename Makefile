# SPDX-License-Identifier: Apache-2.0
# The targets of the project; `make help` lists them. Each installs the packages that it lacks and can be repeated.

BUILD ?= build
SOURCES = find include src python tests -name '*.h' -print0 -o -name '*.cc' -print0
.DEFAULT_GOAL := help
.PHONY: help demo example test build check format test-wheel test-peers bench-peers crash-test test-onednn3 fuzz asan tsan clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: ## fine-tune a real BERT on question answering, evaluate it, ask it questions (MODEL=DIR: another one)
	@tools/setup.sh demo
	@$(MAKE) --no-print-directory $(BUILD)/build.ninja
	@cmake --build $(BUILD) --target bertune
	@BERTUNE=$(BUILD)/bertune tools/demo.sh

example: build ## the documented script in Python, unchanged, on the model of make demo (MODEL=DIR: another)
	@BUILD=$(BUILD) tools/example.sh

test: build ## build, then run every test
	@OMP_WAIT_POLICY=passive ctest --test-dir $(BUILD) --parallel 2 --output-on-failure --no-tests=error

build: ## build build/bertune and the tests
	@tools/setup.sh build
	@$(MAKE) --no-print-directory $(BUILD)/build.ninja
	@cmake --build $(BUILD)

$(BUILD)/build.ninja:
	@cmake -G Ninja -B $(BUILD)

check: ## formatting, include order, licences, types of Python, a build with warnings as errors
	@tools/setup.sh check
	@$(SOURCES) | xargs -0 clang-format-14 --dry-run -Werror
	@tools/check_source.py
	@cmake -G Ninja -B $(BUILD) -DBERTUNE_WERROR=ON
	@cmake --build $(BUILD)
	@BUILD=$(BUILD) tools/check_python_types.sh

format: ## write every source file as clang-format wants it
	@tools/setup.sh check
	@$(SOURCES) | xargs -0 clang-format-14 -i

test-wheel: ## make a wheel, install it elsewhere, run the tests of the Python package there
	@tools/setup.sh wheel
	@tools/test_wheel.sh

test-peers: build ## compare with PyTorch, transformers, tokenizers (installs 6 GB in .cache)
	@tools/setup.sh peers
	@BERTUNE=$(BUILD)/bertune tools/test_peers.sh

bench-peers: build ## measure speed beside the peers (installs 7 GB in .cache; ARGS="--work latency ...")
	@tools/setup.sh peers
	@BERTUNE=$(BUILD)/bertune python3 bench/peers/compare.py $(ARGS)

crash-test: build ## kill training 100 times and more, let every call of a save fail; see docs/reliability.md
	@$(BUILD)/tests/kill_and_resume 100
	@$(BUILD)/tests/inject_faults

test-onednn3: ## engine and golden tests against oneDNN 3 (installs 180 MB in .cache)
	@tools/setup.sh onednn3
	@BUILD=$(BUILD)-onednn3 tools/test_onednn3.sh

FUZZED = $(BUILD)-fuzz
$(FUZZED)/build.ninja:
	@cmake -G Ninja -B $(FUZZED) -DCMAKE_CXX_COMPILER=clang++-14 -DBERTUNE_FUZZ=ON \
	  -DBERTUNE_SANITIZE=address,undefined -DCMAKE_CXX_FLAGS_RELEASE=-O1

fuzz: ## fuzz every reader of foreign files for FUZZ_SECONDS (20) each, two at a time
	@tools/setup.sh fuzz
	@$(MAKE) --no-print-directory $(FUZZED)/build.ninja
	@cmake --build $(FUZZED) --target fuzz_targets
	@BUILD=$(FUZZED) tools/fuzz.sh

# GCC, because oneDNN brings its OpenMP: clang's would be a second thread pool beside it. Tests that limit and count
# memory are left out, because the sanitizer takes memory of its own.
ASAN_TESTS = test_base test_text test_batch test_engine test_model test_formats test_hub test_datasets test_tasks \
  test_predict test_train test_api test_bench test_golden test_end_to_end
$(BUILD)-asan/build.ninja:
	@cmake -G Ninja -B $(BUILD)-asan -DBERTUNE_SANITIZE=address,undefined -DCMAKE_CXX_FLAGS_RELEASE=-O1

asan: ## the tests of C++ under AddressSanitizer and UndefinedBehaviorSanitizer (ASAN_TESTS="test_base ...": some)
	@tools/setup.sh build
	@$(MAKE) --no-print-directory $(BUILD)-asan/build.ninja
	@cmake --build $(BUILD)-asan --target $(ASAN_TESTS)
	@printf '%s\n' $(ASAN_TESTS) | OMP_WAIT_POLICY=passive ASAN_OPTIONS=quarantine_size_mb=16 xargs -P 2 -I TESTS \
	  env $(BUILD)-asan/tests/TESTS --gtest_brief=1 --gtest_filter=-*Memory.*/*

# Two threads of OpenMP. Without random addresses where that is allowed, because newer kernels use addresses that GCC 12's
# sanitizer needs for its shadow memory. Without the tests that fork, because a forked process cannot start threads under it.
TSAN_TESTS = test_base test_text test_batch test_engine test_model test_formats test_hub test_datasets test_tasks \
  test_predict test_train test_api test_bench test_golden
$(BUILD)-tsan/build.ninja:
	@cmake -G Ninja -B $(BUILD)-tsan -DBERTUNE_SANITIZE=thread -DCMAKE_CXX_FLAGS_RELEASE=-O1

tsan: ## the tests of C++ under ThreadSanitizer (TSAN_TESTS="test_base ...": some)
	@tools/setup.sh build
	@$(MAKE) --no-print-directory $(BUILD)-tsan/build.ninja
	@cmake --build $(BUILD)-tsan --target $(TSAN_TESTS)
	@fixed=$$(setarch -R true 2>/dev/null && echo setarch -R || true); printf '%s\n' $(TSAN_TESTS) | \
	  OMP_WAIT_POLICY=passive OMP_NUM_THREADS=2 TSAN_OPTIONS=suppressions=tools/tsan.supp xargs -P 2 -I TESTS \
	  env $$fixed $(BUILD)-tsan/tests/TESTS --gtest_brief=1 --gtest_filter=-*Forked*

clean: ## remove what was built (not .cache and not demo-output)
	@rm -rf $(BUILD) $(BUILD)-onednn3 $(FUZZED) $(BUILD)-asan $(BUILD)-tsan
