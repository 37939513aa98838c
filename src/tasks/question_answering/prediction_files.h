// SPDX-License-Identifier: Apache-2.0
// The files of question answering: writes predictions and candidates, reads predictions.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/io.h"
#include "datasets/squad/squad.h"
#include "tasks/question_answering/decode.h"
#include "tasks/question_answering/metrics.h"

namespace bertune {

// A file of answers to data in parts. It replaces the old file when it is closed.
class QaAnswerFile {
 public:
  enum class Content {
    kTexts,  // {id: text}, as the official scripts read it
    kNBest,  // {id: [{"text", "score", "start", "end", "start_logit", "end_logit"}, ...]}, best
             // first
  };

  QaAnswerFile(const std::filesystem::path& path, Content content);
  void add(const SquadData& data, const std::vector<QaPrediction>& predictions);
  void close();

 private:
  Content content_;
  AtomicFile file_;
  bool empty_ = true;
};

// Reads {id: text}. Throws Error{kSystem} if the file does not exist, {kInput} if it is not JSON or
// not an object of strings.
AnswerTexts read_predictions(const std::filesystem::path& path);

}  // namespace bertune
