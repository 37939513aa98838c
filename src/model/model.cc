// SPDX-License-Identifier: Apache-2.0
#include "model/model.h"

#include <algorithm>
#include <utility>

#include "model/heads/heads.h"

namespace bertune {
namespace {

// The weights in the order of ParameterList::matrices.
std::vector<LinearWeight*> list_weights(BertWeights& weights, int64_t layers, HeadKind head) {
  std::vector<LinearWeight*> all;
  weights.layers.resize(static_cast<size_t>(layers));
  for (LayerWeights& layer : weights.layers) {
    for (LinearWeight* weight : {&layer.qkv, &layer.output, &layer.up, &layer.down}) {
      all.push_back(weight);
    }
  }
  for (LinearWeight BertWeights::*const weight : head_of(head).weights)
    all.push_back(&(weights.*weight));
  return all;
}

}  // namespace

size_t reserve_products(Engine& engine, const BertConfig& config, int64_t rows) {
  return engine.reserve(rows, std::max(config.intermediate_size, 3 * config.hidden_size));
}

void upload_floats(Engine& engine, std::span<const float> values, const Tensor& flat) {
  CHECK(static_cast<int64_t>(values.size()) == flat.size());
  if (flat.dtype != DType::kF64) return engine.upload(values.data(), flat);
  const std::vector<double> wide(values.begin(), values.end());
  engine.upload(wide.data(), flat);
}

void download_floats(Engine& engine, const Tensor& flat, std::span<float> values) {
  CHECK(static_cast<int64_t>(values.size()) == flat.size());
  if (flat.dtype != DType::kF64) return engine.download(flat, values.data());
  std::vector<double> wide(values.size());
  engine.download(flat, wide.data());
  std::copy(wide.begin(), wide.end(), values.begin());
}

Model::Model(Engine& engine, Arena& arena, BertConfig config, HeadKind head, Purpose purpose)
    : engine_(engine),
      config_(std::move(config)),
      head_(head),
      list_(list_parameters(config_, head)),
      by_matrix_(list_weights(weights_, config_.num_hidden_layers, head)) {
  CHECK(by_matrix_.size() == list_.matrices.size());
  const DType dtype = engine.dtypes().parameter;
  arena.plan(flat_params_, "parameters", dtype, 1, list_.size);
  for (size_t i = 0; i < list_.matrices.size(); ++i) {
    plan_weight(list_.matrices[i], purpose, arena, *by_matrix_[i]);
  }
  if (purpose == Purpose::kTraining) {
    arena.plan(flat_gradients_, "gradients", dtype, 1, list_.size);
  }
}

void Model::plan_weight(const WeightMatrix& matrix, Purpose purpose, Arena& arena,
                        LinearWeight& weight) {
  const DTypes dtypes = engine_.dtypes();
  const PackedSizes sizes = engine_.packed_sizes(matrix.out, matrix.in, purpose);
  const auto plan = [&](Tensor& slot, int64_t rows, int64_t cols) {
    arena.plan(slot, "weights for products", dtypes.activation, rows, cols);
  };
  plan(weight.forward, 1, sizes.forward);
  plan(weight.backward, 1, sizes.backward);
  const bool all_packed =
      sizes.forward > 0 && (sizes.backward > 0 || purpose == Purpose::kInference);
  if (dtypes.activation != dtypes.parameter && !all_packed) {
    plan(weight.plain, matrix.out, matrix.in);
  }
}

void Model::bind() {
  params_ = view_parameters(config_, head_, flat_params_);
  if (flat_gradients_) gradients_ = view_parameters(config_, head_, flat_gradients_);
  if (engine_.dtypes().activation != engine_.dtypes().parameter) return;
  for (size_t i = 0; i < list_.matrices.size(); ++i) {
    by_matrix_[i]->plain = parameter_matrix(list_.matrices[i]);
  }
}

void Model::load(std::span<const float> values) {
  bind();
  upload_floats(engine_, values, flat_params_);
  for (size_t i = 0; i < list_.matrices.size(); ++i) {
    const Tensor& plain = by_matrix_[i]->plain;
    const Tensor parameter = parameter_matrix(list_.matrices[i]);
    if (plain && plain.data != parameter.data) engine_.cast(parameter, plain);
  }
  pack_weights();
  engine_.synchronize();
}

void Model::save(std::span<float> values) const { download_floats(engine_, flat_params_, values); }

std::vector<float> Model::save_gradients() const {
  std::vector<float> values(static_cast<size_t>(list_.size));
  download_floats(engine_, flat_gradients_, values);
  return values;
}

Tensor Model::parameter_matrix(const WeightMatrix& matrix) const {
  Tensor view = flat_params_.slice_cols(matrix.offset, matrix.size());
  view.rows = matrix.out;
  view.cols = view.stride = matrix.in;
  return view;
}

Tensor Model::weight_copy(const Parameter& parameter) const {
  if (engine_.dtypes().activation == engine_.dtypes().parameter) return {};
  for (size_t i = 0; i < list_.matrices.size(); ++i) {
    const WeightMatrix& matrix = list_.matrices[i];
    const int64_t begin = parameter.offset - matrix.offset;
    if (begin < 0 || begin >= matrix.size()) continue;
    const Tensor& plain = by_matrix_[i]->plain;
    if (!plain) return {};
    const Tensor flat{plain.data, plain.dtype, 1, matrix.size(), matrix.size()};
    return flat.slice_cols(begin, parameter.size());
  }
  return {};
}

void Model::pack_weights() {
  for (size_t i = 0; i < list_.matrices.size(); ++i) {
    const LinearWeight& weight = *by_matrix_[i];
    if (!weight.forward && !weight.backward) continue;
    engine_.pack({.weight = parameter_matrix(list_.matrices[i]),
                  .forward = weight.forward,
                  .backward = weight.backward});
  }
}

}  // namespace bertune
