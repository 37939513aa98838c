// SPDX-License-Identifier: Apache-2.0
#include "formats/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <span>

#include "base/check.h"
#include "base/parallel.h"
#include "bertune/error.h"
#include "formats/safetensors/file.h"
#include "formats/transpose.h"
#include "model/heads/heads.h"

namespace bertune {
namespace {

// Where a parameter is stored and under which name. `stored` is null if it is missing.
struct Place {
  StoredName name;
  const StoredShape* stored = nullptr;
};

Place find(const Parameter& parameter, const WeightSource& source) {
  for (const StoredName& name : source.names_of(parameter)) {
    if (const StoredShape* stored = source.find(name.name)) return {name, stored};
  }
  return {};
}

// A source without the part of the head that is left in the file; empty: no part is.
struct HeadSource {
  const WeightSource& source;
  const std::string& left;
};

std::string left_part(const ParameterList& list, StoredHead head) {
  return head == StoredHead::kLeave ? list.output_layer : "";
}

Place find(const Parameter& parameter, const HeadSource& from) {
  if (parameter.in_head() && parameter.part == from.left) return {};
  return find(parameter, from.source);
}

// The shape as the file stores it, "[2, 384]".
std::string stored_text(const Parameter& parameter, const StoredName& name) {
  std::vector<int64_t> shape = parameter.shape;
  if (name.transposed) std::reverse(shape.begin(), shape.end());
  return shape_text(shape);
}

[[noreturn]] void fail_missing(const Parameter& parameter, const WeightSource& source) {
  const std::vector<StoredName> names = source.names_of(parameter);
  const StoredName name = names.empty() ? StoredName{parameter.name} : names.front();
  throw Error(ErrorKind::kInput,
              fmt::format("no tensor '{}' {} in {}", name.name, stored_text(parameter, name),
                          source.description()),
              "use the weights of a BERT together with their own config; only a complete part of "
              "the head can be missing and newly initialised");
}

void check_shape(const Parameter& parameter, const Place& place) {
  const std::string expected = stored_text(parameter, place.name);
  const std::string found = shape_text(place.stored->shape);
  if (expected == found) return;
  throw Error(
      ErrorKind::kInput,
      fmt::format("tensor '{}' must have shape {} according to the config, but has {} in '{}'",
                  place.name.name, expected, found, place.stored->file.string()),
      parameter.in_head() ? "the head was trained for other labels; use the labels in its "
                            "config.json, or train a new one with " +
                                option("new_head", "true")
                          : "use the config and the weights of the same model");
}

// The names of the head's parts that are missing. An incomplete part means a damaged file.
std::vector<std::string> check_parameters(const ParameterList& list, const HeadSource& from) {
  std::vector<const Parameter*> missing;
  std::map<std::string, int64_t> sizes, missing_sizes;  // of parts, in parameters
  for (const Parameter& parameter : list.parameters) {
    const Place place = find(parameter, from);
    if (parameter.in_head()) ++sizes[parameter.part];
    if (place.stored != nullptr) {
      check_shape(parameter, place);
      continue;
    }
    if (!parameter.in_head()) fail_missing(parameter, from.source);
    missing.push_back(&parameter);
    ++missing_sizes[parameter.part];
  }
  std::vector<std::string> names;
  for (const Parameter* parameter : missing) {
    const std::string part = parameter->part;
    if (missing_sizes[part] < sizes[part]) fail_missing(*parameter, from.source);
    names.push_back(parameter->name);
  }
  return names;
}

}  // namespace

WeightReader::WeightReader(const ModelFiles& files, const ParameterList& list, StoredHead head)
    : source_(open_weights(files)),
      left_(left_part(list, head)),
      missing_head_(check_parameters(list, {*source_, left_})) {}

void WeightReader::read(const Parameter& parameter, size_t first, std::span<float> out) const {
  const Place place = find(parameter, {*source_, left_});
  if (place.stored == nullptr) return std::fill(out.begin(), out.end(), 0.0f);
  if (!place.name.transposed) return source_->read(place.name.name, first, out);
  CHECK(first == 0 && out.size() == static_cast<size_t>(parameter.size()));
  std::vector<float> stored(out.size());
  source_->read(place.name.name, 0, stored);
  transpose(stored, parameter.shape[1], parameter.shape[0], out);
}

HostWeights read_weights(const ModelFiles& files, const ParameterList& list, StoredHead head) {
  const WeightReader reader(files, list, head);
  HostWeights weights;
  weights.missing_head = reader.missing_head();
  weights.values.resize(static_cast<size_t>(list.size));
  const std::span<float> values = weights.values;
  parallel_for(static_cast<int64_t>(list.parameters.size()), 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const Parameter& parameter = list.parameters[static_cast<size_t>(i)];
      const auto offset = static_cast<size_t>(parameter.offset);
      reader.read(parameter, 0, values.subspan(offset, static_cast<size_t>(parameter.size())));
    }
  });
  return weights;
}

HeadKind masked_words_head_of(const ModelFiles& files) {
  const std::unique_ptr<WeightSource> source = open_weights(files);
  const ParameterList list = list_parameters(BertConfig{}, HeadKind::kPreTraining);
  const bool complete =
      std::all_of(list.parameters.begin(), list.parameters.end(), [&](const Parameter& parameter) {
        return parameter.trained || find(parameter, *source).stored != nullptr;
      });
  return complete ? HeadKind::kPreTraining : HeadKind::kMaskedLanguageModel;
}

}  // namespace bertune
