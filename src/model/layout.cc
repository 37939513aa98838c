// SPDX-License-Identifier: Apache-2.0
#include "model/layout.h"

namespace bertune {
namespace {

// 64 bytes of fp32, so that every view begins on a cache line of the flat buffer.
constexpr int64_t kAlignedFloats = 16;

int64_t align(int64_t offset) {
  return (offset + kAlignedFloats - 1) / kAlignedFloats * kAlignedFloats;
}

}  // namespace

void Layout::finish() { list_.size = align(list_.size); }

void Layout::add(std::string name, std::vector<int64_t> shape, Role role, Tensor& view) {
  Parameter parameter{.name = std::move(name), .shape = std::move(shape), .role = role};
  const bool continued = &view == last_view_;
  const bool placed = role != Role::kWeight || matrices_ == Matrices::kInPlace;
  parameter.offset = !placed ? kNoPlace : continued ? list_.size : align(list_.size);
  parameter.trained = trained_;
  parameter.part = part_;
  parameter.other_names = other_names(family_, parameter.name);
  if (role == Role::kWeight) add_matrix(parameter, continued);
  last_view_ = &view;
  if (placed) list_.size = parameter.offset + parameter.size();
  if (placed && flat_) extend(view, parameter);
  list_.parameters.push_back(std::move(parameter));
}

void Layout::also_called(std::string name) {
  list_.parameters.back().other_names.push_back(std::move(name));
}

void Layout::add_linear(const std::string& name, int64_t out, int64_t in, LinearParams& view) {
  add(name + ".weight", {out, in}, Role::kWeight, view.weight);
  add(name + ".bias", {out}, Role::kBias, view.bias);
}

void Layout::add_norm(const std::string& name, int64_t width, NormParams& view) {
  add(name + ".weight", {width}, Role::kNormScale, view.gamma);
  add(name + ".bias", {width}, Role::kBias, view.beta);
}

void Layout::tie(const std::string& name, const Tensor& table, Tensor& view) {
  for (size_t i = 0; i < list_.parameters.size(); ++i) {
    const Parameter& parameter = list_.parameters[i];
    if (parameter.name != name) continue;
    list_.matrices.push_back({i, 1, parameter.offset, parameter.shape[0], parameter.shape[1]});
  }
  view = table;
}

void Layout::add_matrix(const Parameter& parameter, bool continued) {
  if (continued) {
    list_.matrices.back().out += parameter.shape[0];
    ++list_.matrices.back().count;
  } else {
    list_.matrices.push_back(
        {list_.parameters.size(), 1, parameter.offset, parameter.shape[0], parameter.shape[1]});
  }
}

void Layout::extend(Tensor& view, const Parameter& parameter) const {
  const bool matrix = parameter.shape.size() == 2;
  if (!view) {
    view.data = flat_.slice_cols(parameter.offset, parameter.size()).data;
    view.dtype = flat_.dtype;
    view.rows = matrix ? 0 : 1;
  }
  (matrix ? view.rows : view.cols) += parameter.shape[0];
  if (matrix) view.cols = parameter.shape[1];
  view.stride = view.cols;
}

}  // namespace bertune
