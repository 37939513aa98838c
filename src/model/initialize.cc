// SPDX-License-Identifier: Apache-2.0
#include "model/initialize.h"

#include <algorithm>

#include "base/check.h"
#include "base/parallel.h"
#include "base/random.h"

namespace bertune {
namespace {

uint64_t hash_name(const std::string& name) {  // FNV-1a
  uint64_t hash = 0xCBF29CE484222325ull;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
  return hash;
}

void fill_normal(double deviation, uint64_t key, std::span<float> values) {
  parallel_for(static_cast<int64_t>(values.size()), 1 << 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const double value = normal(key, static_cast<uint64_t>(i));
      values[static_cast<size_t>(i)] = static_cast<float>(deviation * value);
    }
  });
}

void initialize(const Parameter& parameter, const BertConfig& config, uint64_t seed,
                std::span<float> values) {
  if (!parameter.decay()) {
    const bool ones = parameter.role == Role::kNormScale;
    std::fill(values.begin(), values.end(), ones ? 1.0f : 0.0f);
    return;
  }
  fill_normal(config.initializer_range, fold(seed, hash_name(parameter.name)), values);
  if (parameter.role != Role::kWordTable) return;
  const int64_t width = config.embedding_width();
  const auto padding = static_cast<size_t>(config.pad_token_id * width);
  std::ranges::fill(values.subspan(padding, static_cast<size_t>(width)), 0.0f);
}

}  // namespace

void initialize_parameters(const ParameterList& list, std::span<const std::string> names,
                           const BertConfig& config, uint64_t seed, std::span<float> values) {
  CHECK(values.size() == static_cast<size_t>(list.size));
  for (const Parameter& parameter : list.parameters) {
    if (std::find(names.begin(), names.end(), parameter.name) == names.end()) continue;
    initialize(parameter, config, seed,
               values.subspan(static_cast<size_t>(parameter.offset),
                              static_cast<size_t>(parameter.size())));
  }
}

}  // namespace bertune
