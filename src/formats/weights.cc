// SPDX-License-Identifier: Apache-2.0
#include "formats/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/check.h"
#include "base/parallel.h"
#include "base/random.h"
#include "bertune/error.h"
#include "formats/mindspore/weights.h"
#include "formats/model_paths.h"
#include "formats/safetensors/file.h"
#include "formats/safetensors/weights.h"
#include "formats/transpose.h"
#include "formats/weight_source.h"

namespace bertune {
namespace {

// Where a parameter is, and how; null: nowhere.
struct Place {
  StoredName name;
  const StoredShape* stored = nullptr;
};

Place find(const std::string& parameter, const WeightSource& source) {
  for (const StoredName& name : source.names_of(parameter)) {
    if (const StoredShape* stored = source.find(name.name)) return {name, stored};
  }
  return {};
}

Place find(const Parameter& parameter, const WeightSource& source, StoredHead head) {
  if (parameter.head && head == StoredHead::kLeave) return {};
  return find(parameter.name, source);
}

// "NAME [2, 384]" as the file would have it.
std::string stored_text(const Parameter& parameter, const StoredName& name) {
  std::vector<int64_t> shape = parameter.shape;
  if (name.transposed) std::reverse(shape.begin(), shape.end());
  return shape_text(shape);
}

[[noreturn]] void fail_missing(const Parameter& parameter, const WeightSource& source) {
  const std::vector<StoredName> names = source.names_of(parameter.name);
  const StoredName name = names.empty() ? StoredName{parameter.name} : names.front();
  throw Error(ErrorKind::kInput,
              fmt::format("there is no tensor '{}' {} in {}", name.name,
                          stored_text(parameter, name), source.description()),
              "the weights must be a BERT's, and the config must be that of these weights; only a "
              "part of the head that is missing as a whole can be new");
}

void check_shape(const Parameter& parameter, const Place& place) {
  const std::string expected = stored_text(parameter, place.name);
  const std::string found = shape_text(place.stored->shape);
  if (expected == found) return;
  throw Error(ErrorKind::kInput,
              fmt::format("tensor '{}' must be {} by the config, and is {} in '{}'",
                          place.name.name, expected, found, place.stored->file.string()),
              parameter.head ? "the head was tuned for other labels: give the labels that its "
                               "config.json names, or start from a model that was not tuned"
                             : "config and weights must be of the same model");
}

// The part of the head that a parameter belongs to: what stands before the layer's name.
std::string part_of(const Parameter& parameter) {
  for (const char* part : {"bert.pooler.", "cls.predictions.", "cls.seq_relationship."}) {
    if (parameter.name.starts_with(part)) return part;
  }
  return parameter.name.substr(0, parameter.name.find('.'));
}

// The names of the head's parts that are not there. A part that is not whole is a damaged file.
std::vector<std::string> check_parameters(const ParameterList& list, const WeightSource& source,
                                          StoredHead head) {
  std::vector<const Parameter*> missing;
  std::map<std::string, int64_t> sizes, missing_sizes;  // of parts, in parameters
  for (const Parameter& parameter : list.parameters) {
    const Place place = find(parameter, source, head);
    if (parameter.head) ++sizes[part_of(parameter)];
    if (place.stored != nullptr) {
      check_shape(parameter, place);
      continue;
    }
    if (!parameter.head) fail_missing(parameter, source);
    missing.push_back(&parameter);
    ++missing_sizes[part_of(parameter)];
  }
  std::vector<std::string> names;
  for (const Parameter* parameter : missing) {
    const std::string part = part_of(*parameter);
    if (missing_sizes[part] < sizes[part]) fail_missing(*parameter, source);
    names.push_back(parameter->name);
  }
  return names;
}

void read(const Parameter& parameter, const WeightSource& source, StoredHead head,
          std::span<float> values) {
  const Place place = find(parameter, source, head);
  if (place.stored == nullptr) return;
  if (!place.name.transposed) return source.read(place.name.name, values);
  std::vector<float> stored(values.size());
  source.read(place.name.name, stored);
  transpose(stored, parameter.shape[1], parameter.shape[0], values);
}

uint64_t hash_name(const std::string& name) {  // FNV-1a
  uint64_t hash = 0xCBF29CE484222325ull;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
  return hash;
}

void initialize(const Parameter& parameter, const BertConfig& config, uint64_t seed,
                std::span<float> values) {
  if (!parameter.decay) {
    const bool ones = parameter.name.ends_with("LayerNorm.weight");
    std::fill(values.begin(), values.end(), ones ? 1.0f : 0.0f);
    return;
  }
  const uint64_t key = fold(seed, hash_name(parameter.name));
  parallel_for(static_cast<int64_t>(values.size()), 1 << 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const double value = normal(key, static_cast<uint64_t>(i));
      values[static_cast<size_t>(i)] = static_cast<float>(config.initializer_range * value);
    }
  });
  if (parameter.name.ends_with("word_embeddings.weight")) {
    const auto padding = static_cast<size_t>(config.pad_token_id * config.hidden_size);
    std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(padding), config.hidden_size, 0.0f);
  }
}

}  // namespace

std::unique_ptr<WeightSource> open_weights(const std::filesystem::path& model) {
  const std::vector<std::filesystem::path> files = find_weight_files(model);
  if (const auto checkpoint = mindspore_checkpoint(model))
    return std::make_unique<MindSporeWeights>(*checkpoint);
  return std::make_unique<SafetensorsWeights>(files);
}

HostWeights read_weights(const std::filesystem::path& model, const ParameterList& list,
                         StoredHead head) {
  const std::unique_ptr<WeightSource> source = open_weights(model);
  HostWeights weights;
  weights.missing_head = check_parameters(list, *source, head);
  weights.values.resize(static_cast<size_t>(list.size));
  const std::span<float> values = weights.values;
  parallel_for(static_cast<int64_t>(list.parameters.size()), 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const Parameter& parameter = list.parameters[static_cast<size_t>(i)];
      const auto offset = static_cast<size_t>(parameter.offset);
      read(parameter, *source, head, values.subspan(offset, static_cast<size_t>(parameter.size())));
    }
  });
  return weights;
}

HeadKind masked_words_head_of(const std::filesystem::path& model) {
  const std::unique_ptr<WeightSource> source = open_weights(model);
  for (const char* name : {"bert.pooler.dense.weight", "bert.pooler.dense.bias",
                           "cls.seq_relationship.weight", "cls.seq_relationship.bias"}) {
    if (find(name, *source).stored == nullptr) return HeadKind::kMaskedLanguageModel;
  }
  return HeadKind::kPreTraining;
}

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
