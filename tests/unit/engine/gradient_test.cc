// SPDX-License-Identifier: Apache-2.0
// Every backward op of the reference against its forward op: the derivative of the forward along a
// random direction, by dual numbers, equals the inner product of the backward's gradient and that
// direction.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "engine/reference.h"
#include "engine/reference_engine.h"
#include "unit/engine/dual.h"

namespace bertune {
namespace {

double next_normal() {
  static uint64_t counter = 0;
  return normal(0xA076'1D64'78BD'642F, counter++);
}

// A matrix with its gradient and its direction. An input has a random direction and a computed
// gradient; an output has a computed direction and a random gradient.
class Node {
 public:
  static Node input(int64_t rows, int64_t cols, double scale = 1.0, double mean = 0.0) {
    Node node(rows, cols, std::numeric_limits<double>::quiet_NaN());  // assigned by the backward op
    for (Dual& x : node.duals_) x = {mean + scale * next_normal(), next_normal()};
    return node;
  }
  static Node parameter(int64_t rows, int64_t cols, double scale = 1.0, double mean = 0.0) {
    Node node = input(rows, cols, scale, mean);
    std::fill(node.gradient_.begin(), node.gradient_.end(), 0.0);  // accumulated
    return node;
  }
  static Node output(int64_t rows, int64_t cols) {
    Node node(rows, cols, 0.0);
    for (double& g : node.gradient_) g = next_normal();
    return node;
  }

  Tensor dual() { return view(duals_.data()); }
  Tensor gradient() { return view(gradient_.data()); }
  Tensor plain() {
    std::transform(duals_.begin(), duals_.end(), plain_.begin(), [](Dual x) { return x.value; });
    return view(plain_.data());
  }

  double tangent() const { return duals_[0].tangent; }  // of a [1, 1] output
  double along() const { return along(*this); }         // gradient times direction
  double along(const Node& other) const {               // gradient times the direction of `other`
    double sum = 0.0;
    for (size_t i = 0; i < gradient_.size(); ++i) sum += gradient_[i] * other.duals_[i].tangent;
    return sum;
  }

 private:
  Node(int64_t rows, int64_t cols, double gradient)
      : rows_(rows),
        cols_(cols),
        duals_(static_cast<size_t>(rows * cols)),
        plain_(duals_.size()),
        gradient_(duals_.size(), gradient) {}
  Tensor view(void* data) { return {data, DType::kF64, rows_, cols_, cols_}; }

  int64_t rows_, cols_;
  std::vector<Dual> duals_;
  std::vector<double> plain_, gradient_;
};

// Owns the memory that a Packing points to.
struct PackedWindows {
  explicit PackedWindows(const std::vector<int32_t>& lengths) {
    for (const int32_t length : lengths) offsets.push_back(offsets.back() + length);
    for (int32_t r = 0; r < offsets.back(); ++r)
      row_keys.push_back(mix64(static_cast<uint64_t>(r)));
  }
  int32_t rows() const { return offsets.back(); }
  int32_t windows() const { return static_cast<int32_t>(offsets.size()) - 1; }
  Tensor keys() { return {row_keys.data(), DType::kU64, 1, rows(), rows()}; }
  Packing packing() {
    return {.offsets = {offsets.data(), DType::kI32, 1, windows() + 1, windows() + 1},
            .row_keys = keys(),
            .windows = windows(),
            .rows = rows(),
            .max_length = 0};  // a hint for kernels that the reference does not use
  }

  std::vector<int32_t> offsets{0};
  std::vector<uint64_t> row_keys;
};

std::vector<std::vector<int32_t>> packings() {
  return {{1}, {1, 1}, {7}, {4, 1, 9}, {1, 12, 3, 1}};
}

void expect_agree(double forward, double backward, const std::string& what) {
  const double size = std::max({std::abs(forward), std::abs(backward), 1e-3});
  EXPECT_NEAR(forward, backward, 1e-10 * size) << what;
}

class Gradient : public testing::Test {
 protected:
  const std::unique_ptr<Engine> engine = make_reference_engine<double>();
  const Dropout dropout = make_dropout(0.3, 42);
};

TEST_F(Gradient, Embed) {
  std::vector<int32_t> ids{3, 0, 3, 4, 1}, positions{0, 1, 2, 0, 1}, types{0, 0, 1, 0, 1};
  std::vector<int32_t> by_id{1, 4, 0, 2, 3}, by_position{0, 3, 1, 4, 2}, by_type{0, 1, 3, 2, 4};
  const auto view = [](std::vector<int32_t>& x) {
    const auto size = static_cast<int64_t>(x.size());
    return Tensor{x.data(), DType::kI32, 1, size, size};
  };
  Node word = Node::parameter(6, 20), position = Node::parameter(3, 20);
  Node type = Node::parameter(2, 20), out = Node::output(5, 20);
  reference::run<Dual>(Embed{.ids = view(ids),
                             .positions = view(positions),
                             .types = view(types),
                             .word = word.dual(),
                             .position = position.dual(),
                             .type = type.dual(),
                             .out = out.dual()});
  engine->embed_backward({.ids = view(ids),
                          .positions = view(positions),
                          .types = view(types),
                          .by_id = view(by_id),
                          .by_position = view(by_position),
                          .by_type = view(by_type),
                          .d_out = out.gradient(),
                          .d_word = word.gradient(),
                          .d_position = position.gradient(),
                          .d_type = type.gradient()});
  expect_agree(out.along(), word.along() + position.along() + type.along(), "embed");
}

TEST_F(Gradient, Linear) {
  for (const auto activation :
       {Activation::kNone, Activation::kGelu, Activation::kGeluTanh, Activation::kTanh,
        Activation::kRelu, Activation::kSilu, Activation::kQuickGelu, Activation::kMish}) {
    Node x = Node::input(7, 20), weight = Node::parameter(13, 20, 0.3);
    Node bias = Node::parameter(1, 13), pre = Node::output(7, 13), out = Node::output(7, 13);
    reference::run<Dual>(Linear{.x = x.dual(),
                                .weight = weight.dual(),
                                .bias = bias.dual(),
                                .activation = activation,
                                .pre = pre.dual(),
                                .out = out.dual()});
    const double forward = out.along();  // computed before the backward op overwrites the gradient
    engine->linear_backward({.x = x.plain(),
                             .weight = weight.plain(),
                             .activation = activation,
                             .pre = activation == Activation::kNone ? Tensor{} : pre.plain(),
                             .d_out = out.gradient(),
                             .d_x = x.gradient(),
                             .d_weight = weight.gradient(),
                             .d_bias = bias.gradient()});
    expect_agree(forward, x.along() + weight.along() + bias.along(),
                 "linear, activation " + std::to_string(static_cast<int>(activation)));
  }
}

TEST_F(Gradient, Attention) {
  for (const auto& lengths : packings()) {
    for (const Dropout& mask : {Dropout{}, dropout}) {
      PackedWindows windows(lengths);
      Node qkv = Node::input(windows.rows(), 3 * 20), out = Node::output(windows.rows(), 20);
      Node lse = Node::output(5, windows.rows());
      reference::run<Dual>(Attention{.qkv = qkv.dual(),
                                     .heads = 5,
                                     .packing = windows.packing(),
                                     .dropout = mask,
                                     .log_sum_exp = lse.dual(),
                                     .out = out.dual()});
      engine->attention_backward({.qkv = qkv.plain(),
                                  .log_sum_exp = lse.plain(),
                                  .out = out.plain(),
                                  .heads = 5,
                                  .packing = windows.packing(),
                                  .dropout = mask,
                                  .d_out = out.gradient(),
                                  .d_qkv = qkv.gradient()});
      expect_agree(out.along(), qkv.along(), "attention, " + std::to_string(windows.rows()));
    }
  }
}

TEST_F(Gradient, AddNorm) {
  for (const bool residual : {false, true}) {
    for (const Dropout& mask : {Dropout{}, dropout}) {
      PackedWindows windows({3, 1, 4});
      const int64_t rows = windows.rows(), width = 20;
      Node x = Node::input(rows, width, 1.0, 0.5), skip = Node::input(rows, width);
      Node gamma = Node::parameter(1, width, 0.3, 1.0), beta = Node::parameter(1, width);
      Node sum = Node::output(rows, width), out = Node::output(rows, width);
      Node mean = Node::output(1, rows), rstd = Node::output(1, rows);
      Node second = Node::output(rows, width);  // second part of the gradient of `out`
      reference::run<Dual>(AddNorm{.x = x.dual(),
                                   .residual = residual ? skip.dual() : Tensor{},
                                   .row_keys = windows.keys(),
                                   .dropout = mask,
                                   .gamma = gamma.dual(),
                                   .beta = beta.dual(),
                                   .sum = sum.dual(),
                                   .mean = mean.dual(),
                                   .rstd = rstd.dual(),
                                   .out = out.dual()});
      engine->add_norm_backward({.sum = sum.plain(),
                                 .mean = mean.plain(),
                                 .rstd = rstd.plain(),
                                 .gamma = gamma.plain(),
                                 .row_keys = windows.keys(),
                                 .dropout = mask,
                                 .d_out = out.gradient(),
                                 .d_out_residual = residual ? second.gradient() : Tensor{},
                                 .d_x = x.gradient(),
                                 .d_sum = skip.gradient(),
                                 .d_gamma = gamma.gradient(),
                                 .d_beta = beta.gradient()});
      const double forward = out.along() + (residual ? second.along(out) : 0.0);
      const double through_residual = residual ? skip.along() : 0.0;
      expect_agree(forward, x.along() + through_residual + gamma.along() + beta.along(),
                   "add_norm");
    }
  }
}

TEST_F(Gradient, Dropout) {
  PackedWindows windows({6, 1});
  Node x = Node::input(7, 33), out = Node::output(7, 33);
  reference::run<Dual>(DropoutRows{
      .x = x.dual(), .row_keys = windows.keys(), .dropout = dropout, .out = out.dual()});
  engine->dropout(
      {.x = out.gradient(), .row_keys = windows.keys(), .dropout = dropout, .out = x.gradient()});
  expect_agree(out.along(), x.along(), "dropout");
}

TEST_F(Gradient, CrossEntropy) {
  for (const auto& lengths : packings()) {
    PackedWindows windows(lengths);
    std::vector<int32_t> targets;
    for (const int32_t length : lengths) targets.insert(targets.end(), {length - 1, length / 2});
    const double scale = 0.25;
    Node logits = Node::input(windows.rows(), 2, 3.0), ignored = Node::output(windows.rows(), 2);
    Node loss = Node::output(1, 1), plain_loss = Node::output(1, 1);
    CrossEntropy e{.logits = logits.dual(),
                   .packing = windows.packing(),
                   .targets = {targets.data(), DType::kI32, windows.windows(), 2, 2},
                   .scale = scale,
                   .loss = loss.dual(),
                   .d_logits = ignored.dual()};
    reference::run<Dual>(e);
    e.logits = logits.plain(), e.loss = plain_loss.plain(), e.d_logits = logits.gradient();
    engine->cross_entropy(e);
    expect_agree(scale * loss.tangent(), logits.along(), "cross_entropy");
  }
}

TEST_F(Gradient, CrossEntropyOfRows) {
  std::vector<int32_t> targets{3, 0, -100, 4, 2};
  const double scale = 0.25;
  Node logits = Node::input(5, 6, 3.0), ignored = Node::output(5, 6);
  Node loss = Node::output(1, 1), plain_loss = Node::output(1, 1);
  CrossEntropy e{.logits = logits.dual(),
                 .segment = Segment::kColumnsOfRow,
                 .packing = {},
                 .targets = {targets.data(), DType::kI32, 5, 1, 1},
                 .scale = scale,
                 .loss = loss.dual(),
                 .d_logits = ignored.dual()};
  reference::run<Dual>(e);
  e.logits = logits.plain(), e.loss = plain_loss.plain(), e.d_logits = logits.gradient();
  engine->cross_entropy(e);
  expect_agree(scale * loss.tangent(), logits.along(), "cross_entropy of rows");
}

TEST_F(Gradient, SquaredError) {
  const double scale = 0.5;
  Node predictions = Node::input(5, 2), ignored = Node::output(5, 2);
  Node targets = Node::output(5, 2), loss = Node::output(1, 1), plain_loss = Node::output(1, 1);
  SquaredError e{.predictions = predictions.dual(),
                 .targets = targets.dual(),
                 .scale = scale,
                 .loss = loss.dual(),
                 .d_predictions = ignored.dual()};
  reference::run<Dual>(e);
  e.predictions = predictions.plain(), e.targets = targets.plain(), e.loss = plain_loss.plain();
  e.d_predictions = predictions.gradient();
  engine->squared_error(e);
  expect_agree(scale * loss.tangent(), predictions.along(), "squared_error");
}

TEST_F(Gradient, BinaryCrossEntropy) {
  const double scale = 0.5;
  Node logits = Node::input(5, 3, 3.0), ignored = Node::output(5, 3);
  Node targets = Node::output(5, 3), loss = Node::output(1, 1), plain_loss = Node::output(1, 1);
  BinaryCrossEntropy e{.logits = logits.dual(),
                       .targets = targets.dual(),
                       .scale = scale,
                       .loss = loss.dual(),
                       .d_logits = ignored.dual()};
  reference::run<Dual>(e);
  e.logits = logits.plain(), e.targets = targets.plain(), e.loss = plain_loss.plain();
  e.d_logits = logits.gradient();
  engine->binary_cross_entropy(e);
  expect_agree(scale * loss.tangent(), logits.along(), "binary_cross_entropy");
}

TEST_F(Gradient, GatherRows) {
  std::vector<int32_t> named{4, 0, 2};
  const Tensor rows{named.data(), DType::kI32, 1, 3, 3};
  Node x = Node::parameter(6, 20), out = Node::output(3, 20);
  reference::run<Dual>(GatherRows{.x = x.dual(), .rows = rows, .out = out.dual()});
  engine->scatter_add_rows({.x = out.gradient(), .rows = rows, .out = x.gradient()});
  expect_agree(out.along(), x.along(), "gather_rows");
}

}  // namespace
}  // namespace bertune
