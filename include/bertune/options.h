// SPDX-License-Identifier: Apache-2.0
// The options of training and of computation, with their defaults. Every group lists its fields
// once, in visit(option, field). Command-line flags, Python keywords, the start-up table,
// checkpoints and the comparison with an earlier run are all derived from it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

#include "bertune/dataset.h"

namespace bertune {

// Whether an option may change when a run is resumed.
enum class OnResume {
  kMustAgree,  // a different value would change the weights
  kMayDiffer,  // does not affect the weights, or is compared by its effect instead of its value
  kNotKept,    // concerns resuming itself and is not stored in checkpoints
};

// The description of an option.
struct Option {
  const char* name;  // in C++, Python and checkpoints
  const char* help;
  std::array<const char*, 3> tasks = {};  // the tasks that read it; empty: all
  OnResume on_resume = OnResume::kMustAgree;
};

// Visits a group of options under a heading. Visitors without begin_group() see only the options.
template <typename Group, typename Visitor>
void visit_group(const char* heading, Group& group, Visitor& visitor) {
  if constexpr (requires { visitor.begin_group(heading); }) visitor.begin_group(heading);
  std::remove_const_t<Group>::visit(group, visitor);
}

// How texts become windows. Stored in checkpoints and read back for evaluation and prediction.
// Unset fields take the task's recipe (see bertune::tasks).
struct TextOptions {
  std::optional<int64_t> max_seq_length;
  std::optional<int64_t> doc_stride;
  std::optional<bool> do_lower_case;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{"max_seq_length", "tokens of a window, special tokens included"},
            self.max_seq_length);
    visitor(Option{.name = "doc_stride",
                   .help = "tokens shared by consecutive windows of one text",
                   .tasks = {"question_answering", "token_classification"}},
            self.doc_stride);
    visitor(Option{"do_lower_case", "override the casing of the model folder"}, self.do_lower_case);
  }
};

// Where a dataset keeps its texts and labels. The columns are stored in checkpoints, and evaluation
// uses them for unset fields.
struct DataOptions {
  std::string labels;
  std::string text_column;
  std::string text_pair_column;
  std::string label_column;
  std::string label_separator;
  bool regression = false;
  std::optional<int64_t> word_column;
  std::optional<int64_t> tag_column;
  std::string tag_scheme = "auto";
  bool strict = false;
  std::string answer_units = "auto";

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{.name = "labels",
                   .help = "labels in the order of the logits, as in negative,positive; default: "
                           "the data's, sorted",
                   .tasks = {"text_classification", "token_classification"}},
            self.labels);
    visitor(Option{.name = "text_column",
                   .help = "column or key of the text; a number where the file has no header",
                   .tasks = {"text_classification"}},
            self.text_column);
    visitor(Option{.name = "text_pair_column",
                   .help = "column or key of the second text",
                   .tasks = {"text_classification"}},
            self.text_pair_column);
    visitor(
        Option{.name = "label_column",
               .help = "column or key of the label; several columns of 0 and 1, as in toxic,rude, "
                       "are a label each",
               .tasks = {"text_classification"}},
        self.label_column);
    visitor(
        Option{.name = "label_separator",
               .help = "separator of the labels in a cell, as in \";\"; a text may then have any "
                       "number of labels",
               .tasks = {"text_classification"}},
        self.label_separator);
    visitor(Option{.name = "regression",
                   .help = "predict the labels as numbers; default: if all are numbers, some have "
                           "decimals, and not all are 0 or 1",
                   .tasks = {"text_classification"}},
            self.regression);
    visitor(Option{.name = "word_column",
                   .help = "column of the word in a CoNLL file, from 1; default: 1",
                   .tasks = {"token_classification"},
                   .on_resume = OnResume::kMayDiffer},
            self.word_column);
    visitor(Option{.name = "tag_column",
                   .help = "column of the tag in a CoNLL file; default: 0, the last",
                   .tasks = {"token_classification"},
                   .on_resume = OnResume::kMayDiffer},
            self.tag_column);
    visitor(Option{.name = "tag_scheme",
                   .help = "auto, iob1, iob2, bioes (also bilou, bmes) or bios",
                   .tasks = {"token_classification"}},
            self.tag_scheme);
    visitor(Option{.name = "strict",
                   .help = "count only entities whose tags follow the scheme exactly",
                   .tasks = {"token_classification"},
                   .on_resume = OnResume::kMayDiffer},
            self.strict);
    visitor(Option{.name = "answer_units",
                   .help = "compare answers by words (SQuAD) or characters (CMRC 2018); auto: by "
                           "characters if the gold answers are Chinese without spaces",
                   .tasks = {"question_answering"},
                   .on_resume = OnResume::kMayDiffer},
            self.answer_units);
  }
};

// How words are masked for masked language modelling. Stored in checkpoints, so that evaluation
// masks words in the same way.
struct MaskingOptions {
  double mask_probability = 0.15;
  bool whole_word_mask = false;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{.name = "mask_probability",
                   .help = "share of the tokens that are predicted",
                   .tasks = {"fill_mask"}},
            self.mask_probability);
    visitor(Option{.name = "whole_word_mask",
                   .help = "hide all tokens of a word together",
                   .tasks = {"fill_mask"}},
            self.whole_word_mask);
  }
};

// How weights are updated. Unset fields take the task's recipe.
struct OptimizerOptions {
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
  bool skip_bad_steps = false;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{"epochs", "passes over the training data"}, self.epochs);
    visitor(Option{"batch_size", "windows per update"}, self.batch_size);
    visitor(Option{"learning_rate", "peak of the schedule"}, self.learning_rate);
    visitor(Option{"final_learning_rate", "learning rate at the end of the schedule"},
            self.final_learning_rate);
    visitor(Option{"warmup_ratio", "share of the steps in which the learning rate rises"},
            self.warmup_ratio);
    visitor(Option{"weight_decay", "AdamW; none on biases and LayerNorm"}, self.weight_decay);
    visitor(Option{"max_grad_norm", "clip the gradient's norm to this; 0: no clipping"},
            self.max_grad_norm);
    visitor(Option{"adam_beta1", "AdamW"}, self.adam_beta1);
    visitor(Option{"adam_beta2", "AdamW"}, self.adam_beta2);
    visitor(Option{"adam_epsilon", "AdamW"}, self.adam_epsilon);
    visitor(Option{"bias_correction", "AdamW's bias correction"}, self.bias_correction);
    visitor(Option{"dropout", "all dropout probabilities; default: those of config.json"},
            self.dropout);
    visitor(Option{"seed", "seed of shuffling, dropout, masking and a new head"}, self.seed);
    visitor(Option{.name = "skip_bad_steps",
                   .help = "skip a step whose loss or gradient is not finite, instead of stopping",
                   .on_resume = OnResume::kMayDiffer},
            self.skip_bad_steps);
  }
};

// The weights that training starts from, besides the model.
struct StartOptions {
  bool from_scratch = false;
  bool new_head = false;
  bool resume = false;
  std::string resume_from;
  bool resume_anyway = false;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{"from_scratch",
                   "start from random weights: needs only config.json and a vocabulary"},
            self.from_scratch);
    visitor(Option{.name = "new_head",
                   .help = "train a new head for the labels of the data, even if the model is "
                           "already fine-tuned for the task",
                   .tasks = {"question_answering", "text_classification", "token_classification"}},
            self.new_head);
    visitor(Option{.name = "resume",
                   .help = "resume from the last checkpoint of the output folder, if there is one",
                   .on_resume = OnResume::kNotKept},
            self.resume);
    visitor(Option{.name = "resume_from",
                   .help = "resume from this checkpoint",
                   .on_resume = OnResume::kNotKept},
            self.resume_from);
    visitor(Option{.name = "resume_anyway",
                   .help = "resume although options, data or precision differ from the run's",
                   .on_resume = OnResume::kNotKept},
            self.resume_anyway);
  }
};

// When checkpoints are written, and how many are kept.
struct CheckpointOptions {
  int64_t save_steps = 0;
  double save_minutes = 0.0;
  int64_t keep = 5;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{.name = "save_steps",
                   .help = "steps between checkpoints; 0: only at the end",
                   .on_resume = OnResume::kMayDiffer},
            self.save_steps);
    visitor(Option{.name = "save_minutes",
                   .help = "minutes between checkpoints; 0: off",
                   .on_resume = OnResume::kMayDiffer},
            self.save_minutes);
    visitor(Option{.name = "keep",
                   .help = "checkpoints kept; older ones are removed",
                   .on_resume = OnResume::kMayDiffer},
            self.keep);
  }
};

// Evaluation during training.
struct ValidationOptions {
  int64_t eval_steps = 0;
  int64_t eval_epochs = 0;
  std::string metric_for_best;
  int64_t early_stopping_patience = 0;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{.name = "eval_steps",
                   .help = "steps between evaluations; 0: none",
                   .on_resume = OnResume::kMayDiffer},
            self.eval_steps);
    visitor(Option{.name = "eval_epochs",
                   .help = "epochs between evaluations; 0: none",
                   .on_resume = OnResume::kMayDiffer},
            self.eval_epochs);
    visitor(Option{.name = "metric_for_best",
                   .help = "metric used to pick the best checkpoint; default: the task's",
                   .on_resume = OnResume::kMayDiffer},
            self.metric_for_best);
    visitor(Option{.name = "early_stopping_patience",
                   .help = "stop after this many evaluations without improvement; 0: never",
                   .on_resume = OnResume::kMayDiffer},
            self.early_stopping_patience);
  }
};

// How answers are decoded from logits.
struct AnswerOptions {
  int64_t n_best = 20;
  int64_t max_answer_length = 30;
  std::optional<double> null_threshold;
  std::optional<double> threshold;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{.name = "n_best",
                   .help = "candidates kept per question",
                   .tasks = {"question_answering"},
                   .on_resume = OnResume::kMayDiffer},
            self.n_best);
    visitor(Option{.name = "max_answer_length",
                   .help = "tokens of the longest answer",
                   .tasks = {"question_answering"},
                   .on_resume = OnResume::kMayDiffer},
            self.max_answer_length);
    visitor(Option{.name = "null_threshold",
                   .help = "SQuAD v2.0: answer with an empty text if null score - best score is "
                           "above this; default: 0 if the data has unanswerable questions or the "
                           "model was trained on some",
                   .tasks = {"question_answering"},
                   .on_resume = OnResume::kMayDiffer},
            self.null_threshold);
    visitor(
        Option{.name = "threshold",
               .help = "for models with several labels per text: predict the labels with a score "
                       "above this; default: 0.5",
               .tasks = {"text_classification"},
               .on_resume = OnResume::kMayDiffer},
        self.threshold);
  }
};

// What a run reports.
struct ReportOptions {
  int64_t log_steps = 1;
  bool profile = false;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{.name = "log_steps",
                   .help = "steps between two lines of the log",
                   .on_resume = OnResume::kMayDiffer},
            self.log_steps);
    visitor(Option{.name = "profile",
                   .help = "print at the end how the time of the steps was spent",
                   .on_resume = OnResume::kMayDiffer},
            self.profile);
  }
};

// How much memory training may take.
struct MemoryOptions {
  std::string memory_limit;
  bool recompute = false;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{.name = "memory_limit",
                   .help = "refuse to start above this, for example 8GiB; default: the available "
                           "memory",
                   .on_resume = OnResume::kMayDiffer},
            self.memory_limit);
    visitor(Option{.name = "recompute",
                   .help = "recompute the activations inside each layer in the backward pass: less "
                           "memory, longer steps, the same result",
                   .on_resume = OnResume::kMayDiffer},
            self.recompute);
  }
};

// How the engine computes; the same for training, evaluation and prediction.
struct ComputeOptions {
  std::string device = "auto";
  std::string precision = "auto";
  int64_t threads = 0;
  int64_t token_budget = 8192;
  std::string trace;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{.name = "device", .help = "auto or cpu", .on_resume = OnResume::kMayDiffer},
            self.device);
    visitor(Option{.name = "precision",
                   .help = "auto, fp32 or bf16",
                   .on_resume = OnResume::kMayDiffer},  // the chosen precision is compared instead
            self.precision);
    visitor(Option{.name = "threads",
                   .help = "computing threads; 0: one per available core",
                   .on_resume = OnResume::kMayDiffer},
            self.threads);
    visitor(Option{"token_budget", "tokens per pass; a larger batch is accumulated in parts"},
            self.token_budget);
    visitor(Option{.name = "trace",
                   .help = "write a timeline of the engine's ops to this file, for Perfetto or "
                           "Chrome",
                   .on_resume = OnResume::kMayDiffer},
            self.trace);
  }
};

// All options of a training run.
struct TrainOptions {
  std::string task = "question_answering";
  std::string model;
  Dataset train_dataset;
  Dataset eval_dataset;
  std::string output_dir = "output";
  int64_t max_train_examples = 0;
  TextOptions text;
  DataOptions data;
  MaskingOptions masking;
  OptimizerOptions optimizer;
  StartOptions start;
  CheckpointOptions checkpoints;
  ValidationOptions validation;
  AnswerOptions answer;
  ReportOptions report;
  MemoryOptions memory;
  ComputeOptions compute;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{"task", "task to train for"}, self.task);
    visitor(
        Option{.name = "model",
               .help = "pretrained model: a name, a hub id or a folder",
               .on_resume = OnResume::kMayDiffer},  // the weights' fingerprint is compared instead
        self.model);
    visitor(
        Option{.name = "train_dataset",
               .help = "a file, or a folder with a train file",
               .on_resume = OnResume::kMayDiffer},  // the windows' fingerprint is compared instead
        self.train_dataset.path);
    visitor(Option{.name = "eval_dataset",
                   .help = "a file, or a folder with a dev file; evaluated after training",
                   .on_resume = OnResume::kMayDiffer},
            self.eval_dataset.path);
    visitor(Option{.name = "output_dir",
                   .help = "folder for checkpoints and logs",
                   .on_resume = OnResume::kMayDiffer},
            self.output_dir);
    visitor(Option{.name = "max_train_examples",
                   .help = "use the first N examples; 0: all",
                   .on_resume = OnResume::kMayDiffer},  // as for train_dataset
            self.max_train_examples);
    visit_group("Text", self.text, visitor);
    visit_group("Data", self.data, visitor);
    visit_group("Masking", self.masking, visitor);
    visit_group("Optimizer", self.optimizer, visitor);
    visit_group("Starting point", self.start, visitor);
    visit_group("Checkpoints", self.checkpoints, visitor);
    visit_group("Evaluation during training", self.validation, visitor);
    visit_group("Answers", self.answer, visitor);
    visit_group("Reports", self.report, visitor);
    visit_group("Memory", self.memory, visitor);
    visit_group("Computation", self.compute, visitor);
  }
};

// Options of Predictor's constructor.
struct PredictorOptions {
  std::string task;
  ComputeOptions compute;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{"task", "default: the task that the model was tuned for"}, self.task);
    visit_group("Computation", self.compute, visitor);
  }
};

}  // namespace bertune
