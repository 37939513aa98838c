// SPDX-License-Identifier: Apache-2.0
// Every op on zero rows, whose tensors need no memory: it does nothing, on every engine.
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "unit/engine/every_engine.h"
#include "unit/engine/ops.h"

namespace bertune {
namespace {

class ZeroRows : public EveryEngine {
 protected:
  Tensor none(DType dtype, int64_t rows, int64_t cols) const {
    return {nullptr, dtype, rows, cols, cols};
  }
  Tensor no_activations(int64_t cols) const { return none(dtypes.activation, 0, cols); }
  Tensor no_parameters(int64_t rows, int64_t cols) const {
    return none(dtypes.parameter, rows, cols);
  }
  Tensor no_indices() const { return none(DType::kI32, 1, 0); }
  Packing no_windows() {
    return {.offsets = harness.indices({0}), .row_keys = none(DType::kU64, 1, 0)};
  }

  // A tensor to which an op would add.
  Tensor kept(int64_t rows, int64_t cols) { return keep(parameter(rows, cols)); }
  Tensor keep(Tensor x) {
    kept_.emplace_back(x, read(x));
    return x;
  }
  void TearDown() override {
    engine->synchronize();
    for (const auto& [x, values] : kept_) EXPECT_EQ(read(x), values);
  }

 private:
  std::vector<std::pair<Tensor, std::vector<double>>> kept_;
};

INSTANTIATE_TEST_SUITE_P(Engines, ZeroRows, testing::ValuesIn(engine_cases()),
                         [](const auto& test) { return test.param.name; });

TEST_P(ZeroRows, Transfers) {
  engine->upload(nullptr, no_activations(16));
  engine->download(no_activations(16), nullptr);
  engine->zero(no_activations(16));
  engine->cast(no_parameters(0, 16), no_activations(16));
}

TEST_P(ZeroRows, Embed) {
  const Tensor word = kept(5, 16), position = kept(3, 16), type = kept(2, 16);
  const Tensor rows = no_indices();
  engine->embed({.ids = rows,
                 .positions = rows,
                 .types = rows,
                 .word = word,
                 .position = position,
                 .type = type,
                 .out = no_activations(16)});
  engine->embed_backward({.ids = rows,
                          .positions = rows,
                          .types = rows,
                          .by_id = rows,
                          .by_position = rows,
                          .by_type = rows,
                          .d_out = no_activations(16),
                          .d_word = word,
                          .d_position = position,
                          .d_type = type});
}

TEST_P(ZeroRows, Linear) {
  for (const int64_t out : {2, 80}) {
    for (const bool packed : {false, true}) {
      const LinearShape shape{.rows = 0, .in = 16, .out = out, .packed = packed};
      const TestWeight forward = test_weight(harness, shape, Purpose::kInference);
      const TestWeight backward = test_weight(harness, shape, Purpose::kTraining);
      for (const Activation activation : {Activation::kNone, Activation::kGelu}) {
        const bool plain = activation == Activation::kNone;
        engine->linear({.x = no_activations(16),
                        .weight = forward.forward ? Tensor{} : forward.plain,
                        .packed = forward.forward,
                        .bias = kept(1, out),
                        .activation = activation,
                        .pre = plain ? Tensor{} : no_activations(out),
                        .out = no_activations(out)});
        engine->linear_backward({.x = no_activations(16),
                                 .weight = backward.backward ? Tensor{} : backward.plain,
                                 .packed = backward.backward,
                                 .activation = activation,
                                 .pre = plain ? Tensor{} : no_activations(out),
                                 .d_out = no_activations(out),
                                 .d_x = no_activations(16),
                                 .d_weight = kept(out, 16),
                                 .d_bias = kept(1, out)});
      }
    }
  }
}

TEST_P(ZeroRows, Attention) {
  engine->attention({.qkv = no_activations(48),
                     .heads = 2,
                     .packing = no_windows(),
                     .dropout = test_dropout(true),
                     .log_sum_exp = no_parameters(2, 0),
                     .out = no_activations(16)});
  engine->attention_backward({.qkv = no_activations(48),
                              .log_sum_exp = no_parameters(2, 0),
                              .out = no_activations(16),
                              .heads = 2,
                              .packing = no_windows(),
                              .dropout = test_dropout(true),
                              .d_out = no_activations(16),
                              .d_qkv = no_activations(48)});
}

TEST_P(ZeroRows, AddNorm) {
  const Tensor rows = no_activations(16), statistics = no_parameters(1, 0);
  const Tensor row_keys = none(DType::kU64, 1, 0);
  engine->add_norm({.x = rows,
                    .residual = rows,
                    .row_keys = row_keys,
                    .dropout = test_dropout(true),
                    .gamma = kept(1, 16),
                    .beta = kept(1, 16),
                    .sum = rows,
                    .mean = statistics,
                    .rstd = statistics,
                    .out = rows});
  engine->add_norm_backward({.sum = rows,
                             .mean = statistics,
                             .rstd = statistics,
                             .gamma = kept(1, 16),
                             .row_keys = row_keys,
                             .dropout = test_dropout(true),
                             .d_out = rows,
                             .d_out_residual = rows,
                             .d_x = rows,
                             .d_sum = rows,
                             .d_gamma = kept(1, 16),
                             .d_beta = kept(1, 16)});
  engine->dropout({.x = rows, .row_keys = row_keys, .dropout = test_dropout(true), .out = rows});
}

TEST_P(ZeroRows, GatherAndScatter) {
  const Tensor x = keep(activation(3, 16));
  engine->gather_rows({.x = x, .rows = no_indices(), .out = no_activations(16)});
  engine->scatter_add_rows({.x = no_activations(16), .rows = no_indices(), .out = x});
  engine->gather_rows({.x = no_activations(16), .rows = no_indices(), .out = no_activations(16)});
}

TEST_P(ZeroRows, Losses) {
  const Tensor loss = keep(harness.sum(2.5));
  engine->cross_entropy({.logits = no_parameters(0, 2),
                         .packing = no_windows(),
                         .targets = none(DType::kI32, 0, 2),
                         .loss = loss,
                         .d_logits = no_activations(2)});
  engine->cross_entropy({.logits = no_parameters(0, 5),
                         .segment = Segment::kColumnsOfRow,
                         .packing = {},
                         .targets = none(DType::kI32, 0, 1),
                         .loss = loss,
                         .d_logits = no_activations(5)});
  engine->squared_error({.predictions = no_parameters(0, 1),
                         .targets = no_parameters(0, 1),
                         .loss = loss,
                         .d_predictions = no_activations(1)});
  engine->binary_cross_entropy({.logits = no_parameters(0, 3),
                                .targets = no_parameters(0, 3),
                                .loss = loss,
                                .d_logits = no_activations(3)});
}

TEST_P(ZeroRows, Update) {
  const Tensor flat = kept(1, 20), empty = no_parameters(1, 0);
  const std::vector<AdamWSegment> segments{{.offset = 0, .size = 0, .weight = {}},
                                           {.offset = 20, .size = 0, .weight = {}}};
  AdamW a{.segments = segments,
          .gradient = flat,
          .learning_rate = 1.0,
          .parameter = flat,
          .moment1 = flat,
          .moment2 = flat};
  engine->adamw(a);
  a.segments = {};
  engine->adamw(a);
  a.gradient = a.parameter = a.moment1 = a.moment2 = empty;
  engine->adamw(a);
  const Tensor norm = harness.assigned(DType::kF64, 1, 1);
  engine->squared_norm(empty, norm);
  EXPECT_EQ(read(norm)[0], 0.0);
}

}  // namespace
}  // namespace bertune
