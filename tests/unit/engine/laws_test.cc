// SPDX-License-Identifier: Apache-2.0
// The laws at the head of engine.h, on every engine or on the reference, and ops whose formula is
// short enough to be computed in another way: AdamW, cross-entropy, dropout, cast.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/bfloat16.h"
#include "unit/engine/every_engine.h"
#include "unit/engine/ops.h"

namespace bertune {
namespace {

using Values = std::vector<double>;

class Laws : public testing::Test {
 protected:
  const std::unique_ptr<Engine> engine = make_reference_engine<double>();
  Harness harness{*engine, engine->dtypes()};

  Values read(Tensor x) { return harness.read(x).values; }
  Tensor random(int64_t rows, int64_t cols) {
    return harness.parameter(harness.random(rows, cols));
  }
  Tensor nan(int64_t rows, int64_t cols) { return harness.assigned_parameter(rows, cols); }
  Tensor of(const Values& values) {
    return harness.parameter({1, static_cast<int64_t>(values.size()), values});
  }
};

TEST_F(Laws, LinearBackwardAccumulatesParameterGradients) {
  const LinearBackward l{.x = random(5, 16),
                         .weight = random(8, 16),
                         .pre = {},
                         .d_out = random(5, 8),
                         .d_x = nan(5, 16),
                         .d_weight = harness.parameter({8, 16, Values(8 * 16, 0.0)}),
                         .d_bias = of(Values(8, 0.0))};
  engine->linear_backward(l);
  const Values d_x = read(l.d_x), d_weight = read(l.d_weight), d_bias = read(l.d_bias);
  engine->linear_backward(l);
  EXPECT_EQ(read(l.d_x), d_x);
  for (size_t i = 0; i < d_weight.size(); ++i) {
    EXPECT_NEAR(read(l.d_weight)[i], 2 * d_weight[i], 1e-14);
  }
  for (size_t i = 0; i < d_bias.size(); ++i) EXPECT_NEAR(read(l.d_bias)[i], 2 * d_bias[i], 1e-14);
}

// The aliases that engine.h allows give the same values.
TEST_F(Laws, AddNormMaySumInPlace) {
  AddNorm n{.x = random(6, 20),
            .residual = random(6, 20),
            .row_keys = harness.row_keys(6),
            .dropout = make_dropout(0.2, 7),
            .gamma = random(1, 20),
            .beta = random(1, 20),
            .sum = nan(6, 20),
            .mean = {},
            .rstd = {},
            .out = nan(6, 20)};
  engine->add_norm(n);
  const Values sum = read(n.sum), out = read(n.out);
  n.sum = n.x;
  engine->add_norm(n);
  EXPECT_EQ(read(n.sum), sum);
  EXPECT_EQ(read(n.out), out);
}

TEST_F(Laws, AddNormBackwardMayOverwriteItsGradients) {
  AddNormBackward n{.sum = random(6, 20),
                    .mean = random(1, 6),
                    .rstd = random(1, 6),
                    .gamma = random(1, 20),
                    .row_keys = harness.row_keys(6),
                    .dropout = make_dropout(0.2, 7),
                    .d_out = random(6, 20),
                    .d_out_residual = random(6, 20),
                    .d_x = nan(6, 20),
                    .d_sum = nan(6, 20),
                    .d_gamma = random(1, 20),
                    .d_beta = random(1, 20)};
  engine->add_norm_backward(n);
  const Values d_x = read(n.d_x), d_sum = read(n.d_sum);
  n.d_x = n.d_out;
  n.d_sum = n.d_out_residual;
  engine->add_norm_backward(n);
  EXPECT_EQ(read(n.d_x), d_x);
  EXPECT_EQ(read(n.d_sum), d_sum);
}

TEST_F(Laws, DropoutMayWorkInPlace) {
  DropoutRows d{.x = random(6, 40),
                .row_keys = harness.row_keys(6),
                .dropout = make_dropout(0.5, 7),
                .out = nan(6, 40)};
  engine->dropout(d);
  const Values out = read(d.out);
  d.out = d.x;
  engine->dropout(d);
  EXPECT_EQ(read(d.out), out);
}

TEST_F(Laws, DropoutKeepsItsShareScaled) {
  const Tensor ones = harness.parameter({100, 1000, Values(100'000, 1.0)});
  const Dropout dropout = make_dropout(0.1, 99);
  const DropoutRows d{
      .x = ones, .row_keys = harness.row_keys(100), .dropout = dropout, .out = nan(100, 1000)};
  engine->dropout(d);
  int64_t kept = 0;
  for (const double value : read(d.out)) {
    if (value == 0.0) continue;
    ASSERT_DOUBLE_EQ(value, 1.0 / (1.0 - dropout.threshold / 65536.0));
    ++kept;
  }
  const double deviation = std::sqrt(100'000 * 0.1 * 0.9);
  EXPECT_NEAR(static_cast<double>(kept), 90'000, 5 * deviation);
}

TEST_F(Laws, DropoutFollowsKeysNotRows) {
  const Tensor x = random(4, 50);
  const Tensor keys = harness.row_keys(4);
  DropoutRows d{.x = x, .row_keys = keys, .dropout = make_dropout(0.4, 3), .out = nan(4, 50)};
  engine->dropout(d);
  const Values all = read(d.out);
  d.x = x.slice_rows(2, 1), d.row_keys = keys.slice_cols(2, 1), d.out = nan(1, 50);
  engine->dropout(d);
  EXPECT_EQ(read(d.out), Values(all.begin() + 100, all.begin() + 150));
}

// A window gives the same results alone and among others, including dropout.
TEST_F(Laws, AttentionDoesNotSeeThePacking) {
  const Packing packed = harness.packing({3, 5, 2});
  const Dropout dropout = make_dropout(0.3, 11);
  Attention a{.qkv = random(10, 48),
              .heads = 2,
              .packing = packed,
              .dropout = dropout,
              .log_sum_exp = nan(2, 10),
              .out = nan(10, 16)};
  engine->attention(a);
  const Values all = read(a.out);
  a.packing = {.offsets = harness.indices({0, 5}),
               .row_keys = packed.row_keys.slice_cols(3, 5),
               .windows = 1,
               .rows = 5,
               .max_length = 5};
  a.qkv = a.qkv.slice_rows(3, 5), a.log_sum_exp = nan(2, 5), a.out = nan(5, 16);
  engine->attention(a);
  EXPECT_EQ(read(a.out), Values(all.begin() + 48, all.begin() + 128));
}

TEST_F(Laws, OneTokenAttendsToItself) {
  const Tensor qkv = random(1, 48);
  const Attention a{.qkv = qkv,
                    .heads = 4,
                    .packing = harness.packing({1}),
                    .dropout = {},
                    .log_sum_exp = nan(4, 1),
                    .out = nan(1, 16)};
  engine->attention(a);
  EXPECT_EQ(read(a.out), read(qkv.slice_cols(32, 16)));
}

TEST(MakeDropout, TurnsAProbabilityIntoAThreshold) {
  EXPECT_FALSE(make_dropout(0.0, 1));
  EXPECT_EQ(make_dropout(0.1, 1).threshold, 6554u);
  EXPECT_EQ(make_dropout(0.5, 1).threshold, 32768u);
  EXPECT_DOUBLE_EQ(make_dropout(0.5, 1).scale(), 2.0);
  EXPECT_EQ(make_dropout(0.5, 77).key, 77u);
}

TEST(MakeDropout, RefusesWhatIsNoProbability) {
  for (const double probability : {-0.1, 1.0, 1.5, std::nan("")}) {
    EXPECT_THROW(make_dropout(probability, 1), Error) << probability;
  }
  EXPECT_TRUE(std::isfinite(make_dropout(std::nextafter(1.0, 0.0), 1).scale()));
}

TEST_F(Laws, CrossEntropyIsTheNegativeLogOfTheSoftmax) {
  const Values logits{0.5, -1.0, 2.0, 0.25, -0.75, 3.0};  // windows of 2 and 1 rows, 2 columns
  const CrossEntropy e{.logits = harness.parameter({3, 2, logits}),
                       .packing = harness.packing({2, 1}),
                       .targets = harness.indices({1, 0, 0, 0}, 2),
                       .scale = 0.5,
                       .loss = harness.sum(),
                       .d_logits = nan(3, 2)};
  engine->cross_entropy(e);
  const double start = std::exp(2.0) / (std::exp(0.5) + std::exp(2.0));
  const double end = std::exp(-1.0) / (std::exp(-1.0) + std::exp(0.25));
  const double loss = -std::log(start) - std::log(end) + 0.0 + 0.0;
  const Values gradient{
      0.5 * (1 - start), 0.5 * (end - 1), 0.5 * (start - 1), 0.5 * (1 - end), 0.0, 0.0};
  EXPECT_NEAR(read(e.loss)[0], loss, 1e-15);
  for (size_t i = 0; i < gradient.size(); ++i) {
    EXPECT_NEAR(read(e.d_logits)[i], gradient[i], 1e-15);
  }
}

TEST_F(Laws, CrossEntropyStaysFiniteOnLargeLogits) {
  const CrossEntropy e{.logits = harness.parameter({3, 1, {1e4, -1e4, 9e3}}),
                       .packing = harness.packing({3}),
                       .targets = harness.indices({1}),
                       .loss = harness.sum(),
                       .d_logits = nan(3, 1)};
  engine->cross_entropy(e);
  EXPECT_EQ(read(e.loss)[0], 2e4);
  EXPECT_EQ(read(e.d_logits), (Values{1.0, -1.0, 0.0}));
}

TEST_F(Laws, CrossEntropyRefusesATargetOutsideItsWindow) {
  const CrossEntropy e{.logits = random(3, 1),
                       .packing = harness.packing({2, 1}),
                       .targets = harness.indices({2, 0}, 2),
                       .loss = harness.sum(),
                       .d_logits = nan(3, 1)};
  EXPECT_THROW(engine->cross_entropy(e), Error);
}

TEST_F(Laws, LossesAreAddedToTheSum) {
  const Tensor logits = harness.parameter({2, 2, {0.5, 2.0, 1.0, 7.0}}), loss = harness.sum(3.0);
  const CrossEntropy e{.logits = logits,
                       .segment = Segment::kColumnsOfRow,
                       .packing = {},
                       .targets = harness.indices({1, 0}, 2),
                       .loss = loss,
                       .d_logits = nan(2, 2)};
  engine->cross_entropy(e);
  const double entropy = std::log1p(std::exp(-1.5)) + 6.0 + std::log1p(std::exp(-6.0));
  EXPECT_NEAR(read(loss)[0], 3.0 + entropy, 1e-14);
  engine->squared_error({.predictions = logits,
                         .targets = harness.parameter({2, 2, {0.5, 1.0, 1.0, 5.0}}),
                         .loss = loss,
                         .d_predictions = nan(2, 2)});
  EXPECT_NEAR(read(loss)[0], 8.0 + entropy, 1e-14);
}

// The values are torch.nn.functional.binary_cross_entropy_with_logits's, reduction "none".
TEST_F(Laws, BinaryCrossEntropyFollowsPyTorch) {
  const BinaryCrossEntropy e{.logits = of({0.5, -2.0, 1e4, -1e4}),
                             .targets = of({1.0, 0.25, 0.0, 0.0}),
                             .scale = 2.0,
                             .loss = harness.sum(1.0),
                             .d_logits = nan(1, 4)};
  engine->binary_cross_entropy(e);
  EXPECT_NEAR(read(e.loss)[0], 1.0 + 0.4740769841801067 + 0.6269280110429725 + 1e4, 1e-11);
  const Values gradient{-0.7550813375962908, -0.2615941559557649, 2.0, 0.0};
  for (size_t i = 0; i < gradient.size(); ++i) EXPECT_NEAR(read(e.d_logits)[i], gradient[i], 1e-15);
}

TEST_F(Laws, CrossEntropyLeavesOutRowsWithoutATarget) {
  const CrossEntropy e{.logits = harness.parameter({2, 2, {0.5, 2.0, 1.0, 7.0}}),
                       .segment = Segment::kColumnsOfRow,
                       .packing = {},
                       .targets = harness.indices({1, -100}, 2),
                       .loss = harness.sum(),
                       .d_logits = nan(2, 2)};
  engine->cross_entropy(e);
  const double wrong = std::exp(0.5) / (std::exp(0.5) + std::exp(2.0));
  EXPECT_NEAR(read(e.loss)[0], -std::log(1 - wrong), 1e-15);
  EXPECT_NEAR(read(e.d_logits)[0], wrong, 1e-15);
  EXPECT_EQ(read(e.d_logits.slice_rows(1, 1)), (Values{0.0, 0.0}));
}

TEST_F(Laws, ARowMayBeAddedToOnce) {
  EXPECT_THROW(engine->scatter_add_rows(
                   {.x = random(3, 4), .rows = harness.indices({1, 0, 1}), .out = random(3, 4)}),
               Error);
}

TEST_F(Laws, RowsOfEmbedBackwardAreSortedStably) {
  const std::vector<int32_t> indices{1, 0, 1};
  const Tensor all = harness.indices(indices), sorted = harness.order_by(indices);
  EmbedBackward e{.ids = all,
                  .positions = all,
                  .types = all,
                  .by_id = sorted,
                  .by_position = sorted,
                  .by_type = sorted,
                  .d_out = random(3, 4),
                  .d_word = random(2, 4),
                  .d_position = random(2, 4),
                  .d_type = random(2, 4)};
  engine->embed_backward(e);
  for (const std::vector<int32_t>& wrong :
       {std::vector<int32_t>{0, 1, 2}, {1, 2, 0}, {1, 0, 0}, {1, 0, 3}}) {
    e.by_id = harness.indices(wrong);
    EXPECT_THROW(engine->embed_backward(e), Error);
  }
}

// Three steps of the published algorithm of torch.optim.AdamW, written out for one number.
TEST_F(Laws, AdamWFollowsPyTorch) {
  const double rate = 0.1, decay = 0.01, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  const Tensor parameter = of({1.0}), moment1 = of({0.0}), moment2 = of({0.0});
  const std::vector<AdamWSegment> all{
      {.offset = 0, .size = 1, .weight_decay = decay, .weight = {}}};
  double theta = 1.0, m = 0.0, v = 0.0;
  for (int t = 1; t <= 3; ++t) {
    const double gradient = 0.5 * t - 0.8;
    engine->adamw({.segments = all,
                   .gradient = of({2.0 * gradient}),
                   .gradient_scale = 0.5,
                   .learning_rate = rate,
                   .bias_correction1 = 1.0 - std::pow(beta1, t),
                   .bias_correction2 = 1.0 - std::pow(beta2, t),
                   .parameter = parameter,
                   .moment1 = moment1,
                   .moment2 = moment2});
    theta = theta - rate * decay * theta;
    m = beta1 * m + (1.0 - beta1) * gradient;
    v = beta2 * v + (1.0 - beta2) * gradient * gradient;
    const double m_hat = m / (1.0 - std::pow(beta1, t)), v_hat = v / (1.0 - std::pow(beta2, t));
    theta = theta - rate * m_hat / (std::sqrt(v_hat) + epsilon);
    EXPECT_NEAR(read(parameter)[0], theta, 1e-14) << "step " << t;
    EXPECT_NEAR(read(moment1)[0], m, 1e-15);
    EXPECT_NEAR(read(moment2)[0], v, 1e-15);
  }
}

TEST_F(Laws, TheFirstAdamWStepIsTheLearningRate) {
  const Tensor parameter = of({1.0, 1.0});
  const std::vector<AdamWSegment> all{{.offset = 0, .size = 2, .weight = {}}};
  engine->adamw({.segments = all,
                 .gradient = of({1e-3, -5.0}),
                 .learning_rate = 0.25,
                 .bias_correction1 = 0.1,
                 .bias_correction2 = 0.001,
                 .parameter = parameter,
                 .moment1 = of({0.0, 0.0}),
                 .moment2 = of({0.0, 0.0})});
  EXPECT_NEAR(read(parameter)[0], 0.75, 1e-5);
  EXPECT_NEAR(read(parameter)[1], 1.25, 1e-5);
}

TEST_F(Laws, SquaredNormSumsAllElements) {
  const Tensor out = harness.assigned(DType::kF64, 1, 1);
  engine->squared_norm(harness.parameter({2, 2, {1.0, -2.0, 3.0, 0.5}}), out);
  EXPECT_EQ(read(out)[0], 14.25);
}

TEST_F(Laws, CastRoundsToNearestEven) {
  const Tensor narrow = harness.assigned(DType::kBF16, 1, 4);
  engine->cast(of({1.0, 1.0 + 0x1p-8, 1.0 + 0x1.8p-7, -3.0e38}), narrow);
  const Values expected{1.0, 1.0, 1.0 + 0x1p-6, to_float(to_bfloat16(-3.0e38f))};
  EXPECT_EQ(read(narrow), expected);
}

TEST_F(Laws, AShapeThatDoesNotFitIsRefused) {
  const Linear l{.x = random(3, 16),
                 .weight = random(8, 15),
                 .bias = random(1, 8),
                 .pre = {},
                 .out = nan(3, 8)};
  EXPECT_THROW(engine->linear(l), Error);
}

TEST_F(Laws, AnElementTypeOfAnotherEngineIsRefused) {
  const DropoutRows d{.x = harness.assigned(DType::kF32, 2, 2),
                      .row_keys = {},
                      .dropout = {},
                      .out = harness.assigned(DType::kF32, 2, 2)};
  EXPECT_THROW(engine->dropout(d), Error);
}

TEST_F(Laws, BuffersAreZeroedAndAligned) {
  const auto buffer = engine->allocate(1000);
  EXPECT_EQ(buffer->bytes(), 1000u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer->data()) % 64, 0u);
  for (size_t i = 0; i < 1000; ++i) ASSERT_EQ(static_cast<char*>(buffer->data())[i], 0);
}

TEST_F(Laws, ZeroLeavesTheOtherColumns) {
  const Tensor x = harness.parameter({2, 3, {1, 2, 3, 4, 5, 6}});
  engine->zero(x.slice_cols(1, 2));
  EXPECT_EQ(read(x), (Values{1, 0, 0, 4, 0, 0}));
}

INSTANTIATE_TEST_SUITE_P(Engines, EveryEngine, testing::ValuesIn(engine_cases()),
                         [](const auto& test) { return test.param.name; });

TEST_P(EveryEngine, HostMemoryIsTheCallersAgainAfterAnUpload) {
  const std::vector<int32_t> expected{1, 2, 3};
  std::vector<int32_t> values = expected, read(3);
  const Tensor x = harness.indices({0, 0, 0});
  engine->upload(values.data(), x);
  values.assign(3, -1);
  engine->download(x, read.data());
  EXPECT_EQ(read, expected);
}

TEST_P(EveryEngine, ARowThatIsNotThereIsRefusedAtTheLatestBeforeTheResultIsRead) {
  for (const int32_t row : {-1, 3}) {
    const Tensor rows = harness.indices({row});
    EXPECT_THROW(
        {
          engine->gather_rows({.x = activation(3, 4), .rows = rows, .out = activation(1, 4)});
          engine->synchronize();
        },
        Error);
    EXPECT_THROW(
        {
          engine->scatter_add_rows({.x = activation(1, 4), .rows = rows, .out = activation(3, 4)});
          engine->synchronize();
        },
        Error);
  }
}

// One call for all segments gives the bits of a call for each, and changes nothing between them.
TEST_P(EveryEngine, AdamWTakesSegmentsTogetherOrApart) {
  const AdamWShape shape{.sizes = {20, 1, 33}};
  Harness other(*engine, engine->dtypes());
  std::vector<AdamWSegment> together = adamw_segments(harness, shape);
  const std::vector<AdamWSegment> apart = adamw_segments(other, shape);
  const int64_t size = together.back().offset + together.back().size + kGap;
  const auto call = [&](Harness& h) {
    return AdamW{.segments = {},
                 .gradient = h.parameter(h.random(1, size)),
                 .learning_rate = 0.1,
                 .parameter = h.parameter(h.random(1, size)),
                 .moment1 = h.parameter(h.random(1, size)),
                 .moment2 = h.parameter({1, size, Values(static_cast<size_t>(size), 0.25)})};
  };
  AdamW a = call(harness), b = call(other);
  const Values before = read(a.parameter);
  a.segments = together;
  engine->adamw(a);
  together.assign(3, {});  // the caller's memory again
  for (size_t i = 0; i < apart.size(); ++i) {
    b.segments = std::span(apart).subspan(i, 1);
    engine->adamw(b);
  }
  EXPECT_EQ(read(a.parameter), read(b.parameter));
  EXPECT_EQ(read(a.moment1), read(b.moment1));
  EXPECT_EQ(read(a.moment2), read(b.moment2));
  for (const int64_t gap :
       {int64_t{0}, apart[1].offset - kGap, apart[2].offset - kGap, size - kGap}) {
    const Values same(before.begin() + gap, before.begin() + gap + kGap);
    EXPECT_EQ(read(a.parameter.slice_cols(gap, kGap)), same);
  }
}

}  // namespace
}  // namespace bertune
