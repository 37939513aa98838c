// SPDX-License-Identifier: Apache-2.0
// What the golden values, computed without dropout, cannot show: dropout has an effect and does not
// depend on packing, batches without targets add nothing, and logits are assigned to windows.
#include "model/task_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "engine/cpu/cpu_engine.h"
#include "engine/reference_engine.h"
#include "model/heads/heads.h"
#include "model/initialize.h"
#include "model/optimizer.h"

namespace bertune {
namespace {

using Numbers = std::vector<int32_t>;

constexpr int64_t kWords = 40;
constexpr int32_t kMask = 4;

BertConfig labelled_config() {
  BertConfig config{.vocab_size = kWords,
                    .hidden_size = 16,
                    .num_hidden_layers = 1,
                    .num_attention_heads = 2,
                    .intermediate_size = 24,
                    .max_position_embeddings = 12,
                    .initializer_range = 0.3,
                    .id2label = {}};
  set_labels(std::vector<std::string>{"a", "b", "c"}, config);
  return config;
}

// Windows of 5 and 7 tokens with targets for `head`.
WindowSet two_windows(HeadKind head) {
  WindowSet set;
  set.special = {.pad = 0, .unk = 1, .cls = 2, .sep = 3, .mask = kMask};
  set.texts = {{{11, 0, 0}, {kMask, 0, 0}, {13, 0, 0}},
               {{kMask, 0, 0}, {22, 0, 0}, {kMask, 0, 0}, {24, 0, 0}, {25, 0, 0}}};
  set.windows = {{.example = 0, .first = 0, .first_length = 3},
                 {.example = 1, .first = 1, .first_length = 5}};
  const int32_t none = kIgnoredTarget;
  if (head == HeadKind::kSequenceClassification) {
    set.targets = {2, 0};
    set.targets_per_window = 1;
  } else {
    set.token_targets = {{none, none, 1, none, none}, {none, 2, none, 0, none, none, none}};
  }
  set.predicts_words = head == HeadKind::kMaskedLanguageModel || head == HeadKind::kPreTraining;
  return set;
}

struct Trained {
  Trained(HeadKind kind, std::unique_ptr<Engine> made)
      : engine(std::move(made)),
        set(two_windows(kind)),
        model(*engine, labelled_config(), kind, Purpose::kTraining, {12, 2}),
        optimizer(model.model(), model.arena(), {.warmup_ratio = 0.0, .weight_decay = 0.5}) {
    model.arena().commit();
    const ParameterList& list = model.model().list();
    std::vector<float> values(static_cast<size_t>(list.size));
    std::vector<std::string> names;
    for (const Parameter& parameter : list.parameters) names.push_back(parameter.name);
    initialize_parameters(list, names, labelled_config(), 3, values);
    model.model().load(values);
  }

  Batch batch(const Numbers& windows) const {
    Batch packed;
    pack(set, windows, packed);
    return packed;
  }
  double accumulate(const Numbers& windows, uint64_t dropout_key) {
    model.accumulate_gradients(batch(windows), 0.5, dropout_key);
    return model.take_loss();
  }

  std::unique_ptr<Engine> engine;
  WindowSet set;
  TaskModel model;
  Optimizer optimizer;
};

// The parameter is the architecture's name, which test output can show.
class TaskModelTest : public testing::TestWithParam<std::string> {
 protected:
  const HeadKind head_ = head_of_architecture(GetParam()).value();
};

TEST_P(TaskModelTest, DropoutActsAndDoesNotSeeThePacking) {
  Trained together(head_, make_reference_engine<double>());
  Trained apart(head_, make_reference_engine<double>());
  const double plain = apart.accumulate({0}, 0) + apart.accumulate({1}, 0);
  apart.engine->zero(apart.model.model().flat_gradients());
  const double parts = apart.accumulate({1}, 77) + apart.accumulate({0}, 77);
  EXPECT_NEAR(together.accumulate({0, 1}, 77), parts, 1e-12);
  EXPECT_GT(std::abs(plain - parts), 1e-6);
  const std::vector<float> a = together.model.model().save_gradients();
  const std::vector<float> b = apart.model.model().save_gradients();
  for (size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 1e-6) << i;
}

TEST_P(TaskModelTest, LogitsFallToTheirWindows) {
  for (const Precision precision : {Precision::kFp32, Precision::kBf16}) {
    Trained trained(head_, make_cpu_engine(precision));
    std::vector<float> all, alone;
    const Batch both = trained.batch({0, 1}), second = trained.batch({1});
    trained.model.logits(both, all);
    trained.model.logits(second, alone);
    ASSERT_FALSE(alone.empty());
    const auto part = logits_of_window(head_, both, all, 1);
    ASSERT_EQ(part.size(), alone.size());
    EXPECT_EQ(all.size(), alone.size() + logits_of_window(head_, both, all, 0).size());
    for (size_t i = 0; i < alone.size(); ++i) EXPECT_NEAR(part[i], alone[i], 0.05);
  }
}

INSTANTIATE_TEST_SUITE_P(Heads, TaskModelTest,
                         testing::Values("BertForSequenceClassification",
                                         "BertForTokenClassification", "BertForMaskedLM"),
                         [](const auto& test) { return test.param; });

TEST(TaskModel, NothingMaskedIsNoLossAndNoLogits) {
  for (const Precision precision : {Precision::kFp32, Precision::kBf16}) {
    Trained trained(HeadKind::kMaskedLanguageModel, make_cpu_engine(precision));
    trained.set.token_targets[0].assign(5, kIgnoredTarget);
    EXPECT_EQ(trained.accumulate({0}, 0), 0.0);
    for (const float gradient : trained.model.model().save_gradients()) ASSERT_EQ(gradient, 0.0f);
    std::vector<float> logits{1.0f};
    trained.model.logits(trained.batch({0}), logits);
    EXPECT_TRUE(logits.empty());
  }
}

// Gradients of several batches are one loss, which is read once and then starts anew.
TEST(TaskModel, TheLossIsTheSumSinceItWasTaken) {
  Trained trained(HeadKind::kTokenClassification, make_cpu_engine(Precision::kFp32));
  const double first = trained.accumulate({0}, 0), second = trained.accumulate({1}, 0);
  trained.model.accumulate_gradients(trained.batch({0}), 0.5, 0);
  trained.model.accumulate_gradients(trained.batch({1}), 0.5, 0);
  EXPECT_DOUBLE_EQ(trained.model.take_loss(), first + second);
  EXPECT_EQ(trained.model.take_loss(), 0.0);
}

TEST(TaskModel, WhatIsNotTrainedStaysThroughAnUpdate) {
  Trained trained(HeadKind::kPreTraining, make_cpu_engine(Precision::kFp32));
  const auto size = static_cast<size_t>(trained.model.model().list().size);
  std::vector<float> before(size), after(size);
  trained.model.model().save(before);
  trained.accumulate({0, 1}, 0);
  trained.optimizer.update(trained.optimizer.gradient_norm());
  trained.model.model().save(after);
  for (const Parameter& parameter : trained.model.model().list().parameters) {
    const auto begin = static_cast<size_t>(parameter.offset);
    const auto end = begin + static_cast<size_t>(parameter.size());
    bool same = true;
    for (size_t i = begin; i < end; ++i) same &= before[i] == after[i];
    EXPECT_EQ(same, !parameter.trained) << parameter.name;
  }
}

}  // namespace
}  // namespace bertune
