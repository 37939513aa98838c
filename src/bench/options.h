// SPDX-License-Identifier: Apache-2.0
// The options of each benchmark, with defaults and checks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bertune/options.h"

namespace bertune {

// Options shared by all benchmarks that compute.
struct BenchWorkOptions {
  std::string shape;
  std::string model;
  std::string data;
  std::string vocab;
  int64_t length = 0;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{"shape", "model size by name, with random weights; default bert-base"},
            self.shape);
    visitor(Option{"model", "model folder, instead of a shape"}, self.model);
    visitor(Option{"data", "file or folder; default: synthetic windows of realistic lengths"},
            self.data);
    visitor(Option{"vocab", "folder of the tokenizer for --data; default: the model folder"},
            self.vocab);
    visitor(Option{"length", "synthetic windows of exactly this many tokens"}, self.length);
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
    visitor(Option{"task", "task whose head is trained; `bertune tasks` lists them"}, self.task);
    visitor(Option{"steps", "measured steps"}, self.steps);
    visitor(Option{"batch_size", "windows per step; default: the task's"}, self.batch_size);
    visitor(Option{"dropout", "all dropout probabilities"}, self.dropout);
    visitor(Option{"seed", "seed of weights, order and dropout"}, self.seed);
    visitor(Option{"recompute", "recompute each layer in the backward pass"}, self.recompute);
    visit_group("Work", self.work, visitor);
    visit_group("Computation", self.compute, visitor);
  }
};

struct BenchOpsOptions {
  std::string op;
  BenchTrainOptions train;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{"op", "measure only this op, for example linear_backward"}, self.op);
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
    visitor(Option{"data", "SQuAD file or folder whose contexts are tokenized"}, self.data);
    visitor(Option{"threads", "threads of the parallel measurement; 0: one per available core"},
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
    visitor(Option{"windows", "windows per round, spread over the data; 0: all"}, self.windows);
    visitor(Option{"rounds", "rounds of throughput; the median is reported"}, self.rounds);
    visitor(Option{"latency", "also measure single windows of several lengths"}, self.latency);
    visit_group("Work", self.work, visitor);
    visit_group("Computation", self.compute, visitor);
  }
};

// Each throws Error{kUsage} with the option, its value and the valid range.
void check_options(const BenchTrainOptions& options);
void check_options(const BenchInferOptions& options);
void check_options(const BenchTokenizeOptions& options);

}  // namespace bertune
