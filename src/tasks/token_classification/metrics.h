// SPDX-License-Identifier: Apache-2.0
// Precision, recall and F1 of entities, over all and by type, equal to seqeval's to the last digit.
// An entity counts when its words and its type are right.
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

  double precision() const;  // 0 where nothing was predicted
  double recall() const;     // 0 where nothing was to be found
  double f1() const;
};

// Adds up text by text, so that nothing else of a data set has to be kept.
class EntityScorer {
 public:
  void add(std::span<const Entity> gold, std::span<const Entity> predicted);

  EntityCounts all() const;
  const std::map<std::string, EntityCounts>& by_type() const { return by_type_; }

  // precision, recall, f1, then TYPE_precision, TYPE_recall, TYPE_f1, TYPE_support of every type
  // that is gold or predicted, by name.
  Metrics metrics() const;

 private:
  std::map<std::string, EntityCounts> by_type_;
};

}  // namespace bertune
