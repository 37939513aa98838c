// SPDX-License-Identifier: Apache-2.0
// The labels of a classifier and their order. The order is the meaning of the logits, so it is
// chosen once, from the training data or by the user, and kept in config.json.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bertune {

using Labels = std::vector<std::string>;

// Each label once, sorted: by value if all are whole numbers, else by their UTF-8 bytes.
Labels sort_labels(std::span<const std::string> used);

// Parses "a,b,c", the value of an option. Throws Error{kUsage} for an empty or repeated name.
Labels parse_labels(std::string_view list);

// Whether the labels are only numbered: LABEL_0, LABEL_1 and so on.
bool are_anonymous(const Labels& labels);

// The labels of a model that was tuned with `model` (empty: not tuned yet) if the user gives
// `given`: the model's order counts, and only anonymous labels take other names. Throws
// Error{kUsage} for other labels, which the head cannot have learned.
Labels given_labels(Labels given, const Labels& model);

// The labels in id2label of config.json, in order. Throws Error{kInput} if the ids are not 0 .. n -
// 1 or a name is repeated.
Labels labels_of(const std::map<int64_t, std::string>& id2label);

// The index of a label, or -1.
class LabelIndex {
 public:
  explicit LabelIndex(const Labels& labels);
  int32_t find(std::string_view name) const;

 private:
  std::map<std::string, int32_t, std::less<>> index_;
};

// The message of an error: "label 'x' is not one of a, b, c".
std::string describe_unknown_label(std::string_view name, const Labels& labels);

}  // namespace bertune
