// SPDX-License-Identifier: Apache-2.0
// The options of each thing bertune does, with their defaults. Every struct lists its fields once,
// in visit(name, field, help): the command line's flags, the start-up table and checkpoints derive
// from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace bertune {

// How the computation is done; the same for training, evaluation and prediction.
struct ComputeOptions {
  std::string precision = "auto";
  int64_t threads = 0;
  int64_t token_budget = 8192;
  std::string trace;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("precision", self.precision, "auto, fp32 or bf16");
    visitor("threads", self.threads, "computing threads; 0: as many as cores may be used");
    visitor("token_budget", self.token_budget,
            "most tokens in one pass; a larger batch is accumulated in parts");
    visitor("trace", self.trace,
            "write the time of every op of the engine to this file, for Perfetto or Chrome");
  }
};

// How texts become windows. A checkpoint remembers them; evaluate and predict take them from there.
// What is not given is the task's (see bertune tasks).
struct TextOptions {
  std::optional<int64_t> max_seq_length;
  std::optional<int64_t> doc_stride;
  std::optional<bool> do_lower_case;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("max_seq_length", self.max_seq_length, "tokens of a window, special ones included");
    visitor("doc_stride", self.doc_stride, "tokens that two windows of one text share");
    visitor("do_lower_case", self.do_lower_case, "override the casing that the model folder says");
  }
};

// How an answer is read from the logits.
struct AnswerOptions {
  int64_t n_best = 20;
  int64_t max_answer_length = 30;
  double null_threshold = 0.0;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("n_best", self.n_best, "candidates kept for each question");
    visitor("max_answer_length", self.max_answer_length, "tokens of the longest answer");
    visitor("null_threshold", self.null_threshold,
            "SQuAD v2.0: empty answer if null score - best score is above");
  }
};

// What stands where in a data set, for tasks whose data has columns, labels or tags. A checkpoint
// remembers the columns; evaluate takes from there what is not given.
struct DataOptions {
  std::string labels;
  std::string text_column;
  std::string text_pair_column;
  std::string label_column;
  std::optional<int64_t> word_column;
  std::optional<int64_t> tag_column;
  std::string tag_scheme = "auto";
  bool strict = false;
  double mask_probability = 0.15;
  bool whole_word_mask = false;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("labels", self.labels,
            "labels in the order of the logits, as in negative,positive; default: the data's");
    visitor("text_column", self.text_column,
            "column or key of the text; a number where the file has no header");
    visitor("text_pair_column", self.text_pair_column, "column or key of the second text");
    visitor("label_column", self.label_column, "column or key of the label");
    visitor("word_column", self.word_column,
            "column of the word in a CoNLL file, from 1; default: 1");
    visitor("tag_column", self.tag_column,
            "column of the tag in a CoNLL file; default: 0, the last");
    visitor("tag_scheme", self.tag_scheme, "auto, iob1, iob2, bioes or bios");
    visitor("strict", self.strict, "count entities only where the tags spell them out");
    visitor("mask_probability", self.mask_probability, "part of the words that training hides");
    visitor("whole_word_mask", self.whole_word_mask, "hide words with all their pieces");
  }
};

// Of epochs, batch size and rates, what is not given is the task's (see bertune tasks).
struct TrainOptions {
  std::string task = "question_answering";
  std::string model;
  std::string train_dataset;
  std::string eval_dataset;
  std::string output_dir = "output";
  std::optional<int64_t> epochs;
  std::optional<int64_t> batch_size;
  std::optional<double> learning_rate;
  std::optional<double> final_learning_rate;
  std::optional<double> warmup_ratio;
  double weight_decay = 0.01;
  double max_grad_norm = 1.0;
  double adam_beta1 = 0.9;
  double adam_beta2 = 0.999;
  double adam_epsilon = 1e-8;
  bool bias_correction = true;
  std::optional<double> dropout;
  int64_t seed = 42;
  int64_t max_train_examples = 0;
  int64_t log_steps = 1;
  int64_t save_steps = 0;
  double save_minutes = 0.0;
  int64_t keep = 5;
  int64_t eval_steps = 0;
  int64_t eval_epochs = 0;
  std::string metric_for_best;
  int64_t early_stopping_patience = 0;
  bool resume = false;
  std::string resume_from;
  bool resume_anyway = false;
  bool skip_bad_steps = false;
  std::string memory_limit;
  bool recompute = false;
  bool from_scratch = false;
  bool profile = false;
  TextOptions text;
  DataOptions data;
  AnswerOptions answer;
  ComputeOptions compute;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("task", self.task, "what is learned; bertune tasks lists them");
    visitor("model", self.model,
            "pretrained model: a name (bertune models lists them), a hub id or a folder");
    visitor("train_dataset", self.train_dataset, "one file, or a folder with a train file");
    visitor("eval_dataset", self.eval_dataset,
            "what evaluate scores; bertune train does at the end");
    visitor("output_dir", self.output_dir, "where checkpoints are written");
    visitor("epochs", self.epochs, "passes over the training data");
    visitor("batch_size", self.batch_size, "windows of one update");
    visitor("learning_rate", self.learning_rate, "peak of the schedule");
    visitor("final_learning_rate", self.final_learning_rate, "where the rate falls to");
    visitor("warmup_ratio", self.warmup_ratio, "part of the steps in which the rate rises");
    visitor("weight_decay", self.weight_decay, "AdamW; none on biases and LayerNorm");
    visitor("max_grad_norm", self.max_grad_norm,
            "clip the gradient's norm to this; 0: no clipping");
    visitor("adam_beta1", self.adam_beta1, "AdamW");
    visitor("adam_beta2", self.adam_beta2, "AdamW");
    visitor("adam_epsilon", self.adam_epsilon, "AdamW");
    visitor("bias_correction", self.bias_correction, "AdamW's bias correction");
    visitor("dropout", self.dropout, "all dropout probabilities; default: config.json's");
    visitor("seed", self.seed, "of shuffling, dropout and a new head");
    visitor("max_train_examples", self.max_train_examples, "use the first N examples; 0: all");
    visitor("log_steps", self.log_steps, "steps between two lines of the log");
    visitor("save_steps", self.save_steps, "steps between two checkpoints; 0: only at the end");
    visitor("save_minutes", self.save_minutes, "minutes between two checkpoints; 0: no such rule");
    visitor("keep", self.keep, "newest checkpoints that are kept, the best one besides");
    visitor("eval_steps", self.eval_steps, "steps between two evaluations; 0: no such rule");
    visitor("eval_epochs", self.eval_epochs, "epochs between two evaluations; 0: no such rule");
    visitor("metric_for_best", self.metric_for_best,
            "the metric that decides which checkpoint is the best; default: the task's");
    visitor("early_stopping_patience", self.early_stopping_patience,
            "stop when so many evaluations in a row were not the best; 0: never");
    visitor("resume", self.resume,
            "go on from the last checkpoint of the output folder; without one, begin");
    visitor("resume_from", self.resume_from, "go on from this checkpoint folder");
    visitor("resume_anyway", self.resume_anyway,
            "go on though options or data are not those of the checkpoint");
    visitor("skip_bad_steps", self.skip_bad_steps,
            "leave out a step whose loss or gradient is not finite, instead of stopping");
    visitor("memory_limit", self.memory_limit,
            "refuse to train with more memory, for example 2GiB; default: what the machine has");
    visitor(
        "recompute", self.recompute,
        "keep only the input of each layer and compute the layer again in the backward pass: less "
        "memory, longer steps, the same result");
    visitor("from_scratch", self.from_scratch,
            "random weights on purpose: needs config.json and a vocabulary only");
    visitor("profile", self.profile, "print at the end where the time of the steps went");
    TextOptions::visit(self.text, visitor);
    DataOptions::visit(self.data, visitor);
    AnswerOptions::visit(self.answer, visitor);
    ComputeOptions::visit(self.compute, visitor);
  }
};

struct EvaluateOptions {
  std::string task;
  std::string checkpoint = "last";
  std::string output_dir = "output";
  std::string eval_dataset;
  std::string predictions;
  std::string nbest;
  std::string score;
  std::string confusion;
  DataOptions data;
  AnswerOptions answer;
  ComputeOptions compute;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("task", self.task, "default: the one that the model was tuned for");
    visitor("checkpoint", self.checkpoint,
            "last or best of the output folder; or a model as --model of train takes it");
    visitor("output_dir", self.output_dir, "where training wrote its checkpoints");
    visitor("eval_dataset", self.eval_dataset, "one file, or a folder with a dev file");
    visitor("predictions", self.predictions, "write the predictions to this file");
    visitor("nbest", self.nbest, "write the candidates of each question to this file");
    visitor("score", self.score, "score this predictions file; no model is needed");
    visitor("confusion", self.confusion,
            "write how often each label was taken for each to this JSON file");
    DataOptions::visit(self.data, visitor);
    AnswerOptions::visit(self.answer, visitor);
    ComputeOptions::visit(self.compute, visitor);
  }
};

struct PredictorOptions {
  std::string task;
  AnswerOptions answer;
  ComputeOptions compute;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("task", self.task, "default: the one that the model was tuned for");
    AnswerOptions::visit(self.answer, visitor);
    ComputeOptions::visit(self.compute, visitor);
  }
};

struct PredictOptions {
  std::string checkpoint = "last";
  std::string output_dir = "output";
  std::string input;
  std::string text_pair;
  std::string context;
  std::string question;
  std::string file;
  std::optional<int64_t> top_k;
  PredictorOptions predictor;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("checkpoint", self.checkpoint,
            "last or best of the output folder; or a model as --model of train takes it");
    visitor("output_dir", self.output_dir, "where training wrote its checkpoints");
    visitor("input", self.input, "a text; two that belong together as \"context - question\"");
    visitor("text_pair", self.text_pair, "the second text of a pair; goes with --input");
    visitor("context", self.context, "the context; goes with --question");
    visitor("question", self.question, "the question; goes with --context");
    visitor("file", self.file,
            "JSON lines of texts or of objects of their parts; - reads standard input");
    visitor("top_k", self.top_k, "predictions for each input; default: the task's");
    PredictorOptions::visit(self.predictor, visitor);
  }
};

struct ExportOptions {
  std::string checkpoint = "last";
  std::string output_dir = "output";
  std::string format = "safetensors";
  std::string output;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("checkpoint", self.checkpoint,
            "a model folder or file, or last: the newest of the output folder");
    visitor("output_dir", self.output_dir, "where training wrote its checkpoints");
    visitor("format", self.format, "safetensors, mindspore or onnx");
    visitor("output", self.output,
            "folder to write; a name in .safetensors, .ckpt or .onnx: the weights alone");
  }
};

// What a benchmark computes with.
struct BenchWorkOptions {
  std::string shape;
  std::string model;
  std::string data;
  std::string vocab;
  int64_t length = 0;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("shape", self.shape,
            "a model by the name of its sizes, with random weights; default bert-base");
    visitor("model", self.model, "model folder, instead of a shape");
    visitor("data", self.data, "file or folder; default: made-up windows as long as real ones");
    visitor("vocab", self.vocab, "folder of the tokenizer for --data; default: the model folder");
    visitor("length", self.length, "made-up windows of exactly this many tokens");
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
    visitor("task", self.task, "whose head is trained, see `bertune tasks`");
    BenchWorkOptions::visit(self.work, visitor);
    visitor("steps", self.steps, "steps that are measured");
    visitor("batch_size", self.batch_size, "windows of one step; default: the task's");
    visitor("dropout", self.dropout, "all dropout probabilities");
    visitor("seed", self.seed, "of weights, order and dropout");
    visitor("recompute", self.recompute, "compute each layer again in the backward pass");
    ComputeOptions::visit(self.compute, visitor);
  }
};

struct BenchOpsOptions {
  std::string op;
  BenchTrainOptions train;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("op", self.op, "only this op, for example linear_backward");
    BenchTrainOptions::visit(self.train, visitor);
  }
};

struct BenchTokenizeOptions {
  std::string model;
  std::string data;
  int64_t threads = 0;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("model", self.model, "folder with vocab.txt or tokenizer.json");
    visitor("data", self.data, "SQuAD file or folder, whose contexts are tokenized");
    visitor("threads", self.threads, "threads of the last figure; 0: all cores");
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
    BenchWorkOptions::visit(self.work, visitor);
    visitor("windows", self.windows, "windows of one round, spread over the data; 0: all of it");
    visitor("rounds", self.rounds, "rounds of throughput, whose median counts");
    visitor("latency", self.latency, "measure single windows of several lengths too");
    ComputeOptions::visit(self.compute, visitor);
  }
};

}  // namespace bertune
