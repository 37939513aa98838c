// SPDX-License-Identifier: Apache-2.0
// The requests that the library's functions take. Each lists its fields in visit(option, field), as
// the option groups do. A field that the task does not read is an error.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "bertune/options.h"
#include "bertune/results.h"

namespace bertune {

// Files written by an evaluation. An empty name writes no file.
struct EvaluateFiles {
  std::string predictions;
  std::string nbest;
  std::string confusion;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{.name = "predictions",
                   .help = "write the predictions to this file",
                   .tasks = {"question_answering", "text_classification", "token_classification"}},
            self.predictions);
    visitor(Option{.name = "nbest",
                   .help = "write the candidates of each question to this file",
                   .tasks = {"question_answering"}},
            self.nbest);
    visitor(Option{.name = "confusion",
                   .help = "write the confusion table to this JSON file",
                   .tasks = {"text_classification"}},
            self.confusion);
  }
};

// Request of Predictor::evaluate.
struct EvaluateRequest {
  Dataset eval_dataset;
  DataOptions data;
  AnswerOptions answer;
  EvaluateFiles files;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{"eval_dataset", "a file, or a folder with a dev file"}, self.eval_dataset.path);
    visit_group("Files to write", self.files, visitor);
    visit_group("Data", self.data, visitor);
    visit_group("Answers", self.answer, visitor);
  }
};

// Request of score(): a file of predictions, from any program, and the dataset they were made for.
struct ScoreRequest {
  std::string task = "question_answering";
  std::string predictions;
  std::string eval_dataset;
  DataOptions data;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{"task", "task of the predictions"}, self.task);
    visitor(Option{.name = "predictions",
                   .help = "file of predictions",
                   .tasks = {"question_answering", "text_classification", "token_classification"}},
            self.predictions);
    visitor(Option{"eval_dataset", "a file, or a folder with a dev file"}, self.eval_dataset);
    visit_group("Data", self.data, visitor);
  }
};

// Request of Predictor::predict. `inputs` is a view; the caller owns the inputs.
struct PredictRequest {
  std::span<const Input> inputs;
  std::optional<int64_t> top_k;  // predictions per input; nullopt: the task's default
  std::string targets;
  std::string aggregation = "first";
  AnswerOptions answer;
  int64_t first_input = 0;  // offset added to input numbers in errors

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{"top_k", "predictions per input; default: the task's"}, self.top_k);
    visitor(Option{.name = "targets",
                   .help = "rank only these words for [MASK], as in good,bad; default: all words",
                   .tasks = {"fill_mask"}},
            self.targets);
    visitor(
        Option{.name = "aggregation",
               .help = "how tokens become entities: none (a result for each token), simple, first, "
                       "average or max",
               .tasks = {"token_classification"}},
        self.aggregation);
    visit_group("Answers", self.answer, visitor);
  }
};

// Request of export_model().
struct ExportRequest {
  std::string model;
  std::string format = "safetensors";
  std::string output;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{"model", "a model folder or file, a name or a hub id"}, self.model);
    visitor(Option{"format", "safetensors, mindspore or onnx"}, self.format);
    visitor(Option{"output",
                   "folder to write; a name in .safetensors, .ckpt or .onnx: the weights only"},
            self.output);
  }
};

}  // namespace bertune
