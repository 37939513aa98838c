// SPDX-License-Identifier: Apache-2.0
// Windows of several sets share a pass, and threads share a model.
#include "predict/passes.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "batch/batch.h"
#include "engine/cpu/cpu_engine.h"
#include "model/heads/heads.h"
#include "model/initialize.h"

namespace bertune {
namespace {

using Logits = std::vector<float>;

constexpr int64_t kWords = 60;

BertConfig small_config() {
  return {.vocab_size = kWords,
          .hidden_size = 64,
          .num_hidden_layers = 2,
          .num_attention_heads = 4,
          .intermediate_size = 96,
          .max_position_embeddings = 40,
          .initializer_range = 0.3,
          .id2label = {}};
}

// Single texts of these numbers of tokens, counted without the special ones.
WindowSet texts(const std::vector<int32_t>& lengths, int32_t first_id) {
  WindowSet set;
  set.special = {.pad = 0, .unk = 1, .cls = 2, .sep = 3, .mask = 4};
  for (const int32_t length : lengths) {
    std::vector<Token>& tokens = set.texts.emplace_back();
    for (int32_t i = 0; i < length; ++i) tokens.push_back({5 + (first_id + 7 * i) % 50, 0, 0});
    const auto index = static_cast<int32_t>(set.windows.size());
    set.windows.push_back({.example = index, .first = index, .first_length = length});
  }
  return set;
}

struct Loaded {
  explicit Loaded(Precision precision)
      : engine(make_cpu_engine(precision)),
        model(*engine, small_config(), HeadKind::kQuestionAnswering, Purpose::kInference,
              capacity) {
    model.arena().commit();
    const ParameterList& list = model.model().list();
    std::vector<float> values(static_cast<size_t>(list.size));
    std::vector<std::string> names;
    for (const Parameter& parameter : list.parameters) names.push_back(parameter.name);
    initialize_parameters(list, names, small_config(), 3, values);
    model.model().load(values);
  }

  bool multiplies_packed_weights() const {
    return engine->packed_sizes(64, 64, Purpose::kInference).forward > 0;
  }
  std::vector<Logits> pass(const std::vector<WindowRef>& windows) {
    Batch batch;
    pack(windows, batch);
    Logits all;
    model.logits(batch, all);
    std::vector<Logits> parts;
    for (int32_t w = 0; w < batch.size(); ++w) {
      const auto part = logits_of_window(HeadKind::kQuestionAnswering, batch, all, w);
      parts.emplace_back(part.begin(), part.end());
    }
    return parts;
  }
  std::vector<Logits> infer_all(const WindowSet& set) {
    std::vector<Logits> all(set.windows.size());
    infer(model, capacity, set, [&](int32_t window, std::span<const float> logits) {
      all[static_cast<size_t>(window)].assign(logits.begin(), logits.end());
    });
    return all;
  }

  static constexpr Capacity capacity{.rows = 100, .windows = 100};
  std::unique_ptr<Engine> engine;
  TaskModel model;
};

TEST(Passes, WindowsOfTwoSetsInOnePassHaveTheLogitsOfSeparatePasses) {
  const WindowSet a = texts({3, 17}, 11), b = texts({29, 5, 11}, 23);
  for (const Precision precision : {Precision::kFp32, Precision::kBf16}) {
    Loaded loaded(precision);
    const auto together = loaded.pass({{&b, 1}, {&a, 0}, {&b, 0}, {&a, 1}, {&b, 2}});
    const auto of_a = loaded.pass({{&a, 0}, {&a, 1}});
    const auto of_b = loaded.pass({{&b, 0}, {&b, 1}, {&b, 2}});
    const std::vector<Logits> apart = {of_b[1], of_a[0], of_b[0], of_a[1], of_b[2]};
    ASSERT_EQ(together.size(), apart.size());
    for (size_t w = 0; w < apart.size(); ++w) {
      if (loaded.multiplies_packed_weights()) {
        EXPECT_EQ(together[w], apart[w]) << w;
        continue;
      }
      ASSERT_EQ(together[w].size(), apart[w].size());
      for (size_t i = 0; i < apart[w].size(); ++i) EXPECT_NEAR(together[w][i], apart[w][i], 0.05);
    }
  }
}

TEST(Passes, ThreadsThatShareAModelGetTheirOwnLogits) {
  const WindowSet a = texts({3, 17, 29, 30, 8, 20}, 11), b = texts({29, 5, 11, 30, 30, 1}, 23);
  Loaded loaded(Precision::kFp32);
  const auto of_a = loaded.infer_all(a), of_b = loaded.infer_all(b);
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&, caller] {
      for (int call = 0; call < 20; ++call) {
        EXPECT_EQ(loaded.infer_all(caller % 2 == 0 ? a : b), caller % 2 == 0 ? of_a : of_b);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
}

TEST(Passes, TheSinkRunsOnTheCallersThread) {
  const WindowSet set = texts({3, 17, 29, 30, 8, 20}, 11);
  Loaded loaded(Precision::kFp32);
  const std::thread::id caller = std::this_thread::get_id();
  infer(loaded.model, Loaded::capacity, set,
        [&](int32_t, std::span<const float>) { EXPECT_EQ(std::this_thread::get_id(), caller); });
}

}  // namespace
}  // namespace bertune
