// SPDX-License-Identifier: Apache-2.0
// The label set of a classifier: which names, in which order. The order is the meaning of the
// logits, so it is decided once, from the training data or by the user, and kept in config.json.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bertune {

using Labels = std::vector<std::string>;

// Each once, sorted: by value where all are whole numbers, else by their UTF-8 bytes.
Labels sort_labels(std::span<const std::string> used);

// "a,b,c" as an option gives it. Throws Error{kUsage} for an empty or repeated name.
Labels parse_labels(std::string_view list);

// Labels that say no more than their number, LABEL_0, LABEL_1 and so on.
bool are_anonymous(const Labels& labels);

// The labels of a model that was tuned with `model` (empty: with none), for whom parse_labels gave
// `given`: the model's order counts, and only anonymous labels take other names. Throws
// Error{kUsage} for other labels, which the head cannot have learned.
Labels given_labels(Labels given, const Labels& model);

// id2label of config.json in order. Throws Error{kInput} when the ids are not 0 .. n - 1 or a name
// comes twice.
Labels labels_of(const std::map<int64_t, std::string>& id2label);
std::map<int64_t, std::string> id2label_of(const Labels& labels);

// A label's index; -1: none of them.
class LabelIndex {
 public:
  explicit LabelIndex(const Labels& labels);
  int32_t find(std::string_view name) const;

 private:
  std::map<std::string, int32_t, std::less<>> index_;
};

// What an error says of an unknown label: "label 'x' is not one of a, b, c".
std::string describe_unknown_label(std::string_view name, const Labels& labels);

}  // namespace bertune
