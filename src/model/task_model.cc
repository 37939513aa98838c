// SPDX-License-Identifier: Apache-2.0
#include "model/task_model.h"

#include <algorithm>

#include "base/check.h"
#include "model/heads/heads.h"

namespace bertune {
TaskModel::TaskModel(Engine& engine, const BertConfig& config, HeadKind head, Purpose purpose,
                     const Capacity& capacity, Recompute recompute)
    : engine_(engine),
      arena_(engine),
      model_(engine, arena_, config, head, purpose),
      head_(head_of(head)),
      uploader_(engine, arena_, capacity, purpose, config.values_per_window()) {
  CHECK(head_.plan != nullptr);
  const DTypes dtypes = engine.dtypes();
  plan_activations(config, {dtypes, purpose, recompute, capacity.rows}, arena_, activations_);
  head_.plan(config, dtypes, purpose, capacity, arena_, head_activations_);
  const Tensor& logits = head_activations_.logits;
  if (logits.dtype != DType::kF32) {
    arena_.plan(float_logits_, "activations", DType::kF32, logits.rows, logits.cols);
  }
  if (purpose == Purpose::kInference) return;
  plan_gradients(config, dtypes, capacity.rows, arena_, gradients_);
  arena_.plan(loss_, "activations", DType::kF64, 1, 1);
}

EncoderPass TaskModel::pass(const DeviceBatch& batch, uint64_t dropout_key) {
  return {.engine = engine_,
          .config = model_.config(),
          .params = model_.params(),
          .weights = model_.weights(),
          .batch = batch,
          .activations = activations_,
          .dropout_key = dropout_key};
}

Tensor TaskModel::as_floats(const Tensor& logits) {
  if (logits.dtype == DType::kF32) return logits;
  const Tensor floats = float_logits_.slice_rows(0, logits.rows);
  engine_.cast(logits, floats);
  return floats;
}

void TaskModel::logits(const Batch& batch, std::vector<float>& logits) {
  const DeviceBatch device = uploader_.upload(batch);
  const EncoderPass forward = pass(device, 0);
  logits.clear();
  const HeadPass head{forward, encoder_forward(forward), head_activations_, {}};
  head_.logits(head, [&](const Tensor& part) {
    const Tensor floats = as_floats(part);
    const size_t end = logits.size();
    logits.resize(end + static_cast<size_t>(floats.size()));
    engine_.download(floats, logits.data() + end);
  });
}

void TaskModel::accumulate_gradients(const Batch& batch, double scale, uint64_t dropout_key) {
  const DeviceBatch device = uploader_.upload(batch);
  const EncoderPass forward = pass(device, dropout_key);
  const Tensor hidden = encoder_forward(forward);
  const Tensor d_hidden = gradients_.branch.slice_rows(0, batch.rows());
  head_.loss_and_backward({forward, hidden, head_activations_, loss_}, scale, model_.gradients(),
                          d_hidden);
  encoder_backward(forward, gradients_, model_.gradients());
}

double TaskModel::take_loss() {
  double sum = 0.0;
  engine_.mark("loss", -1);
  engine_.download(loss_, &sum);
  engine_.zero(loss_);
  return sum;
}

namespace {

struct RowRange {
  int64_t begin, end;
};

RowRange rows_of_window(LogitsOf logits_of, const Batch& batch, int32_t w) {
  const int32_t begin = batch.offsets[w], end = batch.offsets[w + 1];
  if (logits_of == LogitsOf::kWindows) return {w, w + 1};
  if (logits_of == LogitsOf::kTokens) return {begin, end};
  const auto place = [&](int32_t row) {
    const auto& rows = batch.masked_rows;
    return std::lower_bound(rows.begin(), rows.end(), row) - rows.begin();
  };
  return {place(begin), place(end)};
}

}  // namespace

std::span<const float> logits_of_window(HeadKind head, const Batch& batch,
                                        std::span<const float> logits, int32_t w) {
  const LogitsOf logits_of = head_of(head).logits_of;
  const RowRange all{0, rows_of_window(logits_of, batch, batch.size() - 1).end};
  const RowRange rows = rows_of_window(logits_of, batch, w);
  const size_t columns = all.end == 0 ? 0 : logits.size() / static_cast<size_t>(all.end);
  return logits.subspan(columns * static_cast<size_t>(rows.begin),
                        columns * static_cast<size_t>(rows.end - rows.begin));
}

}  // namespace bertune
