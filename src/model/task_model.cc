// SPDX-License-Identifier: Apache-2.0
#include "model/task_model.h"

#include <algorithm>

#include "base/check.h"
#include "model/heads/heads.h"

namespace bertune {
namespace {

// Copies a tensor of the parameter type, which is float or double, to the host as doubles.
std::vector<double> download(Engine& engine, const Tensor& x) {
  if (x.dtype == DType::kF64) {
    std::vector<double> values(x.size());
    engine.download(x, values.data());
    return values;
  }
  std::vector<float> values(x.size());
  engine.download(x, values.data());
  return {values.begin(), values.end()};
}

}  // namespace

TaskModel::TaskModel(Engine& engine, const BertConfig& config, HeadKind head, Purpose purpose,
                     const Capacity& capacity, Recompute recompute)
    : engine_(engine),
      arena_(engine),
      model_(engine, arena_, config, head, purpose),
      head_(head_of(head)),
      uploader_(engine, arena_, capacity.rows, capacity.windows) {
  CHECK(head_.plan != nullptr);
  const DTypes dtypes = engine.dtypes();
  plan_activations(config, {dtypes, purpose, recompute, capacity.rows}, arena_, activations_);
  head_.plan(config, dtypes, purpose, capacity, arena_, head_activations_);
  if (purpose == Purpose::kTraining) {
    plan_gradients(config, dtypes, capacity.rows, arena_, gradients_);
  }
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

void TaskModel::logits(const Batch& batch, std::vector<float>& logits) {
  const DeviceBatch device = uploader_.upload(batch);
  const EncoderPass forward = pass(device, 0);
  logits.clear();
  head_.logits({forward, encoder_forward(forward), head_activations_}, [&](const Tensor& part) {
    const std::vector<double> values = download(engine_, part);
    logits.insert(logits.end(), values.begin(), values.end());
  });
}

double TaskModel::accumulate_gradients(const Batch& batch, double scale, uint64_t dropout_key) {
  const DeviceBatch device = uploader_.upload(batch);
  const EncoderPass forward = pass(device, dropout_key);
  const Tensor hidden = encoder_forward(forward);
  const Tensor d_hidden = gradients_.branch.slice_rows(0, batch.rows());
  const Tensor loss = head_.loss_and_backward({forward, hidden, head_activations_}, scale,
                                              model_.gradients(), d_hidden);
  encoder_backward(forward, gradients_, model_.gradients());
  engine_.mark("loss", -1);
  double sum = 0.0;
  for (const double value : download(engine_, loss)) sum += value;
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
