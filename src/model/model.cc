// SPDX-License-Identifier: Apache-2.0
#include "model/model.h"

#include <algorithm>
#include <utility>

namespace bertune {
namespace {

// The embedding tables come first in the list and are read in the parameter type; only what stands
// behind them has a copy. They are more than half of a small model.
int64_t first_offset_behind_tables(const ParameterList& list) {
  int64_t begin = 0;
  for (const Parameter& parameter : list.parameters) {
    if (parameter.name.starts_with("bert.embeddings.")) continue;
    begin = begin == 0 ? parameter.offset : std::min(begin, parameter.offset);
  }
  return begin;
}

}  // namespace

Model::Model(Engine& engine, Arena& arena, BertConfig config, HeadKind head, Purpose purpose)
    : engine_(engine),
      config_(std::move(config)),
      head_(head),
      list_(list_parameters(config_, head)),
      copies_weights_(engine.dtypes().activation != engine.dtypes().parameter),
      copies_begin_(first_offset_behind_tables(list_)) {
  const DTypes dtypes = engine.dtypes();
  arena.plan(flat_params_, "parameters", dtypes.parameter, 1, list_.size);
  if (copies_weights_) {
    arena.plan(flat_weights_, "weight copies", dtypes.activation, 1, list_.size - copies_begin_);
  }
  if (purpose == Purpose::kTraining) {
    arena.plan(flat_gradients_, "gradients", dtypes.parameter, 1, list_.size);
  }
}

void Model::bind() {
  params_ = view_parameters(config_, head_, flat_params_);
  weights_ =
      copies_weights_ ? view_parameters(config_, head_, flat_weights_, copies_begin_) : params_;
  if (flat_gradients_) gradients_ = view_parameters(config_, head_, flat_gradients_);
}

void Model::load(std::span<const float> values) {
  CHECK(static_cast<int64_t>(values.size()) == list_.size);
  bind();
  if (flat_params_.dtype == DType::kF64) {
    const std::vector<double> wide(values.begin(), values.end());
    engine_.upload(wide.data(), flat_params_);
  } else {
    engine_.upload(values.data(), flat_params_);
  }
  if (copies_weights_) {
    engine_.cast(flat_params_.slice_cols(copies_begin_, list_.size - copies_begin_), flat_weights_);
  }
  engine_.synchronize();
}

std::vector<float> Model::download(const Tensor& flat) const {
  if (flat.dtype == DType::kF64) {
    std::vector<double> wide(list_.size);
    engine_.download(flat, wide.data());
    return {wide.begin(), wide.end()};
  }
  std::vector<float> values(list_.size);
  engine_.download(flat, values.data());
  return values;
}

std::vector<float> Model::save() const { return download(flat_params_); }
std::vector<float> Model::save_gradients() const { return download(flat_gradients_); }

Tensor Model::weight_copy(const Parameter& parameter) const {
  if (!copies_weights_ || parameter.offset < copies_begin_) return {};
  return flat_weights_.slice_cols(parameter.offset - copies_begin_, parameter.size());
}

}  // namespace bertune
