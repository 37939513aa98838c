// SPDX-License-Identifier: Apache-2.0
// The description of a BERT: its sizes, hyperparameters and labels. Encoders of any size are
// supported. The config files are read and written in formats/.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "engine/engine.h"

namespace bertune {

// transformers' names for what the logits of a sequence classifier are: a number, or for each label
// whether the text has it.
inline constexpr const char* kRegression = "regression";
inline constexpr const char* kMultiLabel = "multi_label_classification";

struct BertConfig {
  std::string model_type = "bert";  // of its family, see model/family.h
  int64_t vocab_size = 30522;
  int64_t hidden_size = 768;  // the width
  int64_t num_hidden_layers = 12;
  int64_t num_attention_heads = 12;
  int64_t intermediate_size = 3072;
  int64_t max_position_embeddings = 512;
  int64_t type_vocab_size = 2;
  int64_t embedding_size = 0;  // columns of the embedding tables; 0: hidden_size
  Activation hidden_act = Activation::kGelu;
  std::string hidden_act_name;  // in the config file it came from; empty: the usual name
  double layer_norm_eps = 1e-12;
  double hidden_dropout_prob = 0.1;
  double attention_probs_dropout_prob = 0.1;
  std::optional<double> classifier_dropout;  // before a classifier; default: hidden_dropout_prob
  std::optional<double> sequence_dropout;    // before a sequence's; default: as above
  double qa_dropout = 0.0;                   // before the start and end logits
  double initializer_range = 0.02;
  int64_t pad_token_id = 0;
  bool tie_word_embeddings = true;
  std::map<int64_t, std::string> id2label;  // empty when the task has no labels
  std::string problem_type;                 // one of those below; empty: follows from the labels
  std::string architecture;                 // the first one in config.json; may be empty
  // Written only by bertune: how inputs of a fine-tuned model are to be read.
  bool text_pairs = false;
  bool word_per_character = false;
  bool empty_answers = false;
  std::map<std::string, std::string> data_columns;  // text_column, ... of the training data

  int64_t label_count() const { return static_cast<int64_t>(id2label.size()); }
  bool multi_label() const { return problem_type == kMultiLabel; }
  // The numbers that are targets of a window, if any are.
  int64_t values_per_window() const { return multi_label() ? label_count() : 1; }
  double classifier_dropout_prob() const {
    return classifier_dropout.value_or(hidden_dropout_prob);
  }
  double sequence_dropout_prob() const {
    return sequence_dropout.value_or(classifier_dropout_prob());
  }
  int64_t embedding_width() const { return embedding_size > 0 ? embedding_size : hidden_size; }
  int64_t head_size() const { return hidden_size / num_attention_heads; }
};

// Returns a message if the sizes are inconsistent.
std::optional<std::string> find_misfit(const BertConfig& config);

// Sets the labels that transformers gives a classifier whose config.json lists none: LABEL_0,
// LABEL_1, ... It does not write its default of two labels.
inline constexpr int64_t kDefaultLabels = 2;
void set_default_labels(int64_t count, BertConfig& config);
// Sets the labels of a classifier, numbered in order.
void set_labels(std::span<const std::string> labels, BertConfig& config);
// Sets the labels of a classifier that may give a text several of them.
void set_multi_labels(std::span<const std::string> labels, BertConfig& config);
// Sets up regression: a single output without labels.
void set_regression(BertConfig& config);

}  // namespace bertune
