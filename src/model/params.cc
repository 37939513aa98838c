// SPDX-License-Identifier: Apache-2.0
#include "model/params.h"

#include <fmt/format.h>

#include <utility>

#include "base/check.h"
#include "bertune/error.h"

namespace bertune {
namespace {

// 64 bytes of fp32: every view begins on a cache line of the flat buffer.
constexpr int64_t kAlignment = 16;

int64_t align(int64_t offset) { return (offset + kAlignment - 1) / kAlignment * kAlignment; }

enum class Role { kTable, kWeight, kBias, kNorm };

// Puts one parameter behind the other, into the list and into the view that it belongs to. Without
// memory, only the list is made.
class Layout {
 public:
  Layout(ParameterList& list, const Tensor& flat) : list_(list), flat_(flat) {}

  void begin_head() { head_ = true; }
  void begin_untrained() { trained_ = false; }
  void finish() { list_.size = align(list_.size); }

  // Parameters of the same view in a row stand there without a gap: query, key and value.
  void add(std::string name, std::vector<int64_t> shape, Role role, Tensor& view) {
    Parameter parameter{std::move(name), std::move(shape)};
    parameter.offset = &view == last_view_ ? list_.size : align(list_.size);
    parameter.decay = role != Role::kBias && role != Role::kNorm;
    parameter.head = head_;
    parameter.trained = trained_;
    if (role == Role::kWeight) add_matrix(parameter, &view == last_view_);
    list_.size = parameter.offset + parameter.size();
    last_view_ = &view;
    if (flat_) extend(view, parameter);
    list_.parameters.push_back(std::move(parameter));
  }

  void add_linear(const std::string& name, int64_t out, int64_t in, LinearParams& view) {
    add(name + ".weight", {out, in}, Role::kWeight, view.weight);
    add(name + ".bias", {out}, Role::kBias, view.bias);
  }

  // A weight that is a table of before, whose shape and place it shares.
  void tie(const std::string& name, const Tensor& table, Tensor& view) {
    for (const Parameter& parameter : list_.parameters) {
      if (parameter.name != name) continue;
      list_.matrices.push_back({parameter.offset, parameter.shape[0], parameter.shape[1]});
    }
    view = table;
  }

  void add_norm(const std::string& name, int64_t width, NormParams& view) {
    add(name + ".weight", {width}, Role::kNorm, view.gamma);
    add(name + ".bias", {width}, Role::kNorm, view.beta);
  }

 private:
  void add_matrix(const Parameter& parameter, bool goes_on) {
    if (goes_on) {
      list_.matrices.back().out += parameter.shape[0];
    } else {
      list_.matrices.push_back({parameter.offset, parameter.shape[0], parameter.shape[1]});
    }
  }

  void extend(Tensor& view, const Parameter& parameter) const {
    const bool matrix = parameter.shape.size() == 2;
    if (!view) {
      view.data = flat_.slice_cols(parameter.offset, parameter.size()).data;
      view.dtype = flat_.dtype;
      view.rows = matrix ? 0 : 1;
    }
    (matrix ? view.rows : view.cols) += parameter.shape[0];
    if (matrix) view.cols = parameter.shape[1];
    view.stride = view.cols;
  }

  ParameterList& list_;
  const Tensor flat_;
  const Tensor* last_view_ = nullptr;
  bool head_ = false, trained_ = true;
};

constexpr const char* kWordTable = "bert.embeddings.word_embeddings.weight";

void visit_embeddings(const BertConfig& config, Layout& layout, BertParams& params) {
  const int64_t width = config.hidden_size;
  const std::string name = "bert.embeddings.";
  layout.add(kWordTable, {config.vocab_size, width}, Role::kTable, params.word);
  layout.add(name + "position_embeddings.weight", {config.max_position_embeddings, width},
             Role::kTable, params.position);
  layout.add(name + "token_type_embeddings.weight", {config.type_vocab_size, width}, Role::kTable,
             params.type);
  layout.add_norm(name + "LayerNorm", width, params.embedding_norm);
}

void visit_layer(const BertConfig& config, const std::string& name, Layout& layout,
                 LayerParams& layer) {
  const int64_t width = config.hidden_size;
  const char* const kParts[] = {"query", "key", "value"};
  for (const char* part : kParts) {
    layout.add(name + "attention.self." + part + ".weight", {width, width}, Role::kWeight,
               layer.qkv.weight);
  }
  for (const char* part : kParts)
    layout.add(name + "attention.self." + part + ".bias", {width}, Role::kBias, layer.qkv.bias);
  layout.add_linear(name + "attention.output.dense", width, width, layer.output);
  layout.add_norm(name + "attention.output.LayerNorm", width, layer.attention_norm);
  layout.add_linear(name + "intermediate.dense", config.intermediate_size, width, layer.up);
  layout.add_linear(name + "output.dense", width, config.intermediate_size, layer.down);
  layout.add_norm(name + "output.LayerNorm", width, layer.output_norm);
}

void visit_word_predictions(const BertConfig& config, Layout& layout, BertParams& params) {
  const int64_t width = config.hidden_size;
  layout.add_linear("cls.predictions.transform.dense", width, width, params.transform);
  layout.add_norm("cls.predictions.transform.LayerNorm", width, params.transform_norm);
  layout.add("cls.predictions.bias", {config.vocab_size}, Role::kBias, params.head.bias);
  layout.tie(kWordTable, params.word, params.head.weight);
}

// Tables, because no product reads them.
void visit_next_sentence(const BertConfig& config, Layout& layout) {
  const int64_t width = config.hidden_size;
  Tensor unused[4];
  layout.begin_untrained();
  layout.add("bert.pooler.dense.weight", {width, width}, Role::kTable, unused[0]);
  layout.add("bert.pooler.dense.bias", {width}, Role::kBias, unused[1]);
  layout.add("cls.seq_relationship.weight", {2, width}, Role::kTable, unused[2]);
  layout.add("cls.seq_relationship.bias", {2}, Role::kBias, unused[3]);
}

void visit_head(const BertConfig& config, HeadKind head, Layout& layout, BertParams& params) {
  const int64_t width = config.hidden_size, labels = config.label_count();
  switch (head) {
    case HeadKind::kNone:
      return;
    case HeadKind::kQuestionAnswering:
      return layout.add_linear("qa_outputs", 2, width, params.head);
    case HeadKind::kSequenceClassification:
      layout.add_linear("bert.pooler.dense", width, width, params.pooler);
      return layout.add_linear("classifier", labels, width, params.head);
    case HeadKind::kTokenClassification:
      return layout.add_linear("classifier", labels, width, params.head);
    case HeadKind::kMaskedLanguageModel:
      return visit_word_predictions(config, layout, params);
    case HeadKind::kPreTraining:
      visit_word_predictions(config, layout, params);
      return visit_next_sentence(config, layout);
  }
}

[[noreturn]] void refuse(const std::string& what, const std::string& hint) {
  throw Error(ErrorKind::kInput, "config.json " + what, hint);
}

// Labels are numbered from 0, and there is a loss for them.
void require_labels(const BertConfig& config, HeadKind head) {
  if (config.id2label.empty()) {
    refuse("names no labels (\"id2label\"), and a classifier needs them",
           "take a model that was fine-tuned for classification, or fine-tune one");
  }
  const int64_t last = config.id2label.rbegin()->first;
  if (last + 1 != config.label_count()) {
    refuse(fmt::format("numbers {} labels up to {}", config.label_count(), last),
           "the keys of \"id2label\" must be 0, 1, 2, ...");
  }
  if (head != HeadKind::kSequenceClassification) return;
  if (config.problem_type == "multi_label_classification") {
    refuse("says \"multi_label_classification\", which is not supported",
           "a text can have one label, or one number");
  }
  if (config.problem_type == "regression" && config.label_count() != 1) {
    refuse(fmt::format("asks for regression of {} numbers, and one is supported",
                       config.label_count()),
           "give \"id2label\" one entry");
  }
}

void require_what_it_needs(const BertConfig& config, HeadKind head) {
  switch (head) {
    case HeadKind::kNone:
    case HeadKind::kQuestionAnswering:
      return;
    case HeadKind::kSequenceClassification:
    case HeadKind::kTokenClassification:
      return require_labels(config, head);
    case HeadKind::kMaskedLanguageModel:
    case HeadKind::kPreTraining:
      if (config.tie_word_embeddings) return;
      refuse("says that word embeddings are not tied to the decoder, which is not supported",
             "BERT's own models tie them: \"tie_word_embeddings\" is true or missing");
  }
}

// The one place where every parameter stands.
void visit_parameters(const BertConfig& config, HeadKind head, Layout& layout, BertParams& params) {
  visit_embeddings(config, layout, params);
  params.layers.resize(static_cast<size_t>(config.num_hidden_layers));
  for (size_t i = 0; i < params.layers.size(); ++i)
    visit_layer(config, fmt::format("bert.encoder.layer.{}.", i), layout, params.layers[i]);
  layout.begin_head();
  require_what_it_needs(config, head);
  visit_head(config, head, layout, params);
  layout.finish();
}

}  // namespace

ParameterList list_parameters(const BertConfig& config, HeadKind head) {
  ParameterList list;
  BertParams unused;
  Layout layout(list, {});
  visit_parameters(config, head, layout, unused);
  return list;
}

BertParams view_parameters(const BertConfig& config, HeadKind head, Tensor flat) {
  ParameterList list;
  BertParams views;
  Layout layout(list, flat);
  visit_parameters(config, head, layout, views);
  CHECK(flat && flat.rows == 1 && flat.cols == list.size);
  return views;
}

}  // namespace bertune
