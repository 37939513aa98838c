// SPDX-License-Identifier: Apache-2.0
// Question answering data: the questions of SQuAD v1.1 or v2.0 with their contexts. Each context is
// kept once, however many questions it has. The reader beside this file knows the formats.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/dataset.h"

namespace bertune {

struct GoldAnswer {
  std::string text;
  int64_t begin = -1;  // byte of the context; -1: unknown, or the context differs there
};

struct SquadExample {
  std::string id;
  std::string question;
  int32_t context = 0;              // index into SquadData::contexts
  std::vector<GoldAnswer> answers;  // empty: the question has no answer, or none is known yet
};

// A dataset or a part of one.
struct SquadData {
  std::vector<std::string> contexts;  // valid UTF-8, as are all texts here
  std::vector<SquadExample> examples;

  size_t size() const { return examples.size(); }
};

struct SquadInfo : DatasetInfo {
  int64_t answered = 0;  // questions that have an answer
  // Some questions have no answer: an empty answer is allowed, and the metrics are SQuAD v2.0's.
  bool version2 = false;
  // Of the gold answers: code points, those of U+4E00 to U+9FA5, and spaces.
  int64_t answer_characters = 0, answer_chinese = 0, answer_spaces = 0;

  int64_t unanswered() const { return examples - answered; }
  void add(const SquadData& part);

 private:
  void add_characters(std::string_view answer);
};

// Appends a question with a context of its own, for data that does not come from a file. Invalid
// UTF-8 is replaced.
void add_question(SquadData& data, std::string id, std::string_view context,
                  std::string_view question);

}  // namespace bertune
