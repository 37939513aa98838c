// SPDX-License-Identifier: Apache-2.0
// Precision, recall and F1 of entities, over all and by type, equal to seqeval's to the last digit.
// An entity is correct if its words and its type are.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "bertune/results.h"
#include "datasets/tagged/tags.h"

namespace bertune {

struct EntityCounts {
  int64_t gold = 0;
  int64_t predicted = 0;
  int64_t correct = 0;

  double precision() const;  // 0 if nothing was predicted
  double recall() const;     // 0 if there is nothing to find
  double f1() const;
};

// The names of the metrics of entities with these types: precision, recall, f1, then
// TYPE_precision, TYPE_recall, TYPE_f1, TYPE_support. With tags without prefixes, which every word
// has, `accuracy` follows f1.
std::vector<std::string> metric_names(std::span<const std::string> types, TagScheme scheme);

// Adds up text by text, so that nothing else of a dataset has to be kept.
class EntityScorer {
 public:
  // The scheme of the data.
  explicit EntityScorer(TagScheme scheme = TagScheme::kIob2) : scheme_(scheme) {}

  // `words`: of the text, for its accuracy.
  void add(std::span<const Entity> gold, std::span<const Entity> predicted, size_t words = 0);

  EntityCounts all() const;

  // See metric_names; for all types that are gold or predicted, sorted.
  Metrics metrics() const;

 private:
  void add_words(std::span<const Entity> gold, std::span<const Entity> predicted, size_t words);

  TagScheme scheme_;
  std::map<std::string, EntityCounts> by_type_;
  int64_t words_ = 0;
  int64_t correct_words_ = 0;
};

}  // namespace bertune
