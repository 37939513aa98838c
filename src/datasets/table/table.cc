// SPDX-License-Identifier: Apache-2.0
#include "datasets/table/table.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace bertune {

std::string TextData::place_of(size_t example) const {
  return fmt::format("'{}', {}", path.string(), places[example]);
}

void TextInfo::add(const TextData& part) {
  examples += static_cast<int64_t>(part.examples.size());
  for (size_t e = 0; e < part.examples.size(); ++e) {
    for (const std::string& label : part.examples[e].all_labels()) {
      if (!known_.contains(label)) add_label(label, part.place_of(e));
    }
  }
}

void TextInfo::add_label(const std::string& label, const std::string& place) {
  if (const std::optional<double> number = number_of_label(label)) {
    fractions_ |= label.find_first_of(".eE") != std::string::npos;
    beyond_binary_ |= *number != 0.0 && *number != 1.0;
  } else if (!not_a_number) {
    not_a_number = {label, place};
  }
  if (labels.size() == kMostLabels) return;
  known_.insert(label);
  labels.push_back({label, place});
}

bool TextInfo::regression() const {
  if (glue != nullptr) return glue->labels.empty();
  return !multi_label && fractions_ && beyond_binary_ && !not_a_number;
}

std::optional<double> number_of_label(const std::string& label) {
  double value = 0.0;
  const char* end = label.data() + label.size();
  const auto parsed = std::from_chars(label.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(value)) return {};
  return value;
}

}  // namespace bertune
