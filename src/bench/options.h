// SPDX-License-Identifier: Apache-2.0
// The options of each benchmark, with their defaults and their checks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bertune/options.h"

namespace bertune {

// What a benchmark computes with.
struct BenchWorkOptions {
  std::string shape;
  std::string model;
  std::string data;
  std::string vocab;
  int64_t length = 0;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{"shape",
                   "a model by the name of its sizes, with random weights; default "
                   "bert-base"},
            self.shape);
    visitor(Option{"model", "model folder, instead of a shape"}, self.model);
    visitor(Option{"data", "file or folder; default: made-up windows as long as real ones"},
            self.data);
    visitor(Option{"vocab", "folder of the tokenizer for --data; default: the model folder"},
            self.vocab);
    visitor(Option{"length", "made-up windows of exactly this many tokens"}, self.length);
  }
};

struct BenchTrainOptions {
  std::string task = "question_answering";
  BenchWorkOptions work;
  int64_t steps = 20;
  std::optional<int64_t> batch_size;
  double dropout = 0.1;
  int64_t seed = 42;
  bool recompute = false;
  ComputeOptions compute;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{"task", "task whose head is trained, see `bertune tasks`"}, self.task);
    visitor(Option{"steps", "steps that are measured"}, self.steps);
    visitor(Option{"batch_size", "windows per step; default: the task's"}, self.batch_size);
    visitor(Option{"dropout", "all dropout probabilities"}, self.dropout);
    visitor(Option{"seed", "seed of weights, order and dropout"}, self.seed);
    visitor(Option{"recompute", "compute each layer again in the backward pass"}, self.recompute);
    visit_group("Work", self.work, visitor);
    visit_group("Computation", self.compute, visitor);
  }
};

struct BenchOpsOptions {
  std::string op;
  BenchTrainOptions train;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{"op", "only this op, for example linear_backward"}, self.op);
    BenchTrainOptions::visit(self.train, visitor);
  }
};

struct BenchTokenizeOptions {
  std::string model;
  std::string data;
  int64_t threads = 0;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{"model", "folder with vocab.txt or tokenizer.json"}, self.model);
    visitor(Option{"data", "SQuAD file or folder, whose contexts are tokenized"}, self.data);
    visitor(Option{"threads", "threads of the last figure; 0: one per available core"},
            self.threads);
  }
};

struct BenchInferOptions {
  BenchWorkOptions work;
  int64_t windows = 240;
  int64_t rounds = 5;
  bool latency = true;
  ComputeOptions compute;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{"windows", "windows of one round, spread over the data; 0: all of it"},
            self.windows);
    visitor(Option{"rounds", "rounds of throughput, whose median counts"}, self.rounds);
    visitor(Option{"latency", "measure single windows of several lengths too"}, self.latency);
    visit_group("Work", self.work, visitor);
    visit_group("Computation", self.compute, visitor);
  }
};

// Throw Error{kUsage} that names the option, its value and what it may be.
void check_options(const BenchTrainOptions& options);
void check_options(const BenchInferOptions& options);
void check_options(const BenchTokenizeOptions& options);

}  // namespace bertune
