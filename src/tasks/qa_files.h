// The files around question answering: predictions, candidates, no-answer scores. The texts are
// made here; base/io writes them. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/io.h"
#include "tasks/qa_decode.h"
#include "tasks/squad.h"
#include "tasks/squad_metrics.h"

namespace bertune {

// {id: text}, as the official scripts read it.
std::string predictions_json(const SquadData& data, const std::vector<QaPrediction>& predictions);

// {id: [{"text", "score", "start", "end", "start_logit", "end_logit"}, ...]}, best first.
std::string n_best_json(const SquadData& data, const std::vector<QaPrediction>& predictions);

// {id: no-answer score}, the file that evaluate-v2.0.py takes as --na-prob-file.
std::string no_answer_scores_json(const SquadData& data,
                                  const std::vector<QaPrediction>& predictions);

// The same files for data that comes in parts. The file takes its place when it is closed.
class QaAnswerFile {
 public:
  enum class Content { kTexts, kNBest };

  QaAnswerFile(const std::filesystem::path& path, Content content);
  void add(const SquadData& data, const std::vector<QaPrediction>& predictions);
  void close();

 private:
  Content content_;
  AtomicFile file_;
  bool empty_ = true;
};

// Reads {id: text}. Throws Error{kSystem, kInput}: not there, not JSON, not an object of strings.
AnswerTexts read_predictions(const std::filesystem::path& path);

}  // namespace bertune
