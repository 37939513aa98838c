// SPDX-License-Identifier: Apache-2.0
#include "model/family.h"

#include "base/check.h"

namespace bertune {
namespace {

constexpr RenamedEnding kBertRenamed[] = {
    {"LayerNorm.weight", "LayerNorm.gamma"},
    {"LayerNorm.bias", "LayerNorm.beta"},
};

// Upper bounds far above any BERT. Within them, neither the size of a tensor nor the sum of all
// sizes overflows.
constexpr int64_t kMostWords = int64_t{1} << 24, kMostWidth = int64_t{1} << 16;
constexpr int64_t kMostLayers = 1024, kMostIntermediate = int64_t{1} << 18;
constexpr int64_t kMostPositions = int64_t{1} << 20, kMostTypes = int64_t{1} << 10;

constexpr SizeKey kBertSizes[] = {
    {"vocab_size", &BertConfig::vocab_size, kMostWords},
    {"hidden_size", &BertConfig::hidden_size, kMostWidth},
    {"num_hidden_layers", &BertConfig::num_hidden_layers, kMostLayers},
    {"num_attention_heads", &BertConfig::num_attention_heads, kMostWidth},
    {"intermediate_size", &BertConfig::intermediate_size, kMostIntermediate},
    {"max_position_embeddings", &BertConfig::max_position_embeddings, kMostPositions},
    {"type_vocab_size", &BertConfig::type_vocab_size, kMostTypes},
};

constexpr NumberKey kBertNumbers[] = {
    {"layer_norm_eps", &BertConfig::layer_norm_eps, 1e-30, 1.0},
    {"hidden_dropout_prob", &BertConfig::hidden_dropout_prob, 0.0, 1.0},
    {"attention_probs_dropout_prob", &BertConfig::attention_probs_dropout_prob, 0.0, 1.0},
    {"initializer_range", &BertConfig::initializer_range, 0.0, 1e3},
};

constexpr OptionalKey kBertDropouts[] = {{"classifier_dropout", &BertConfig::classifier_dropout}};

constexpr LayerNames kBertLayer = {.query = "attention.self.query",
                                   .key = "attention.self.key",
                                   .value = "attention.self.value",
                                   .attention_output = "attention.output.dense",
                                   .attention_norm = "attention.output.LayerNorm",
                                   .up = "intermediate.dense",
                                   .down = "output.dense",
                                   .output_norm = "output.LayerNorm"};

BertConfig bert_defaults() { return {}; }

constexpr Family kBert = {
    .model_type = "bert",
    .class_prefix = "Bert",
    .tokenizer_class = "BertTokenizer",
    .attention_output_dropout = true,
    .tensors = {.prefix = "bert.",
                .word_table = "bert.embeddings.word_embeddings.weight",
                .position_table = "bert.embeddings.position_embeddings.weight",
                .type_table = "bert.embeddings.token_type_embeddings.weight",
                .embedding_norm = "bert.embeddings.LayerNorm",
                .projection = nullptr,
                .layers = "bert.encoder.layer.",
                .layer = kBertLayer,
                .renamed = kBertRenamed},
    .heads = {.dense = "bert.pooler.dense",
              .activation = Activation::kTanh,
              .dropout_before_dense = false,
              .sequence_output = "classifier",
              .transform = "cls.predictions.transform.dense",
              .transform_norm = "cls.predictions.transform.LayerNorm",
              .decoder = "cls.predictions.decoder",
              .decoder_bias = "cls.predictions.bias",
              .next_sentence = "cls.seq_relationship"},
    .keys = {.sizes = kBertSizes,
             .numbers = kBertNumbers,
             .dropouts = kBertDropouts,
             .activation = "hidden_act"},
    .defaults = bert_defaults,
};

// DistilBERT has neither token types nor a pooler, and its LayerNorm epsilon is fixed.
constexpr SizeKey kDistilBertSizes[] = {
    {"vocab_size", &BertConfig::vocab_size, kMostWords},
    {"dim", &BertConfig::hidden_size, kMostWidth},
    {"n_layers", &BertConfig::num_hidden_layers, kMostLayers},
    {"n_heads", &BertConfig::num_attention_heads, kMostWidth},
    {"hidden_dim", &BertConfig::intermediate_size, kMostIntermediate},
    {"max_position_embeddings", &BertConfig::max_position_embeddings, kMostPositions},
};

constexpr NumberKey kDistilBertNumbers[] = {
    {"dropout", &BertConfig::hidden_dropout_prob, 0.0, 1.0},
    {"attention_dropout", &BertConfig::attention_probs_dropout_prob, 0.0, 1.0},
    {"qa_dropout", &BertConfig::qa_dropout, 0.0, 1.0},
    {"initializer_range", &BertConfig::initializer_range, 0.0, 1e3},
};

constexpr OptionalKey kDistilBertDropouts[] = {
    {"seq_classif_dropout", &BertConfig::sequence_dropout}};

BertConfig distilbert_defaults() {
  return {.model_type = "distilbert",
          .num_hidden_layers = 6,
          .sequence_dropout = 0.2,
          .qa_dropout = 0.1,
          .id2label = {}};
}

constexpr Family kDistilBert = {
    .model_type = "distilbert",
    .class_prefix = "DistilBert",
    .tokenizer_class = "DistilBertTokenizer",
    .attention_output_dropout = false,
    .tensors = {.prefix = "distilbert.",
                .word_table = "distilbert.embeddings.word_embeddings.weight",
                .position_table = "distilbert.embeddings.position_embeddings.weight",
                .type_table = nullptr,
                .embedding_norm = "distilbert.embeddings.LayerNorm",
                .projection = nullptr,
                .layers = "distilbert.transformer.layer.",
                .layer = {.query = "attention.q_lin",
                          .key = "attention.k_lin",
                          .value = "attention.v_lin",
                          .attention_output = "attention.out_lin",
                          .attention_norm = "sa_layer_norm",
                          .up = "ffn.lin1",
                          .down = "ffn.lin2",
                          .output_norm = "output_layer_norm"},
                .renamed = kBertRenamed},
    .heads = {.dense = "pre_classifier",
              .activation = Activation::kRelu,
              .dropout_before_dense = false,
              .sequence_output = "classifier",
              .transform = "vocab_transform",
              .transform_norm = "vocab_layer_norm",
              .decoder = "vocab_projector",
              .decoder_bias = "vocab_projector.bias",
              .next_sentence = nullptr},
    .keys = {.sizes = kDistilBertSizes,
             .numbers = kDistilBertNumbers,
             .dropouts = kDistilBertDropouts,
             .activation = "activation"},
    .defaults = distilbert_defaults,
};

// ELECTRA's discriminator, whose embedding tables may be narrower than the layers.
constexpr SizeKey kElectraSizes[] = {
    {"vocab_size", &BertConfig::vocab_size, kMostWords},
    {"embedding_size", &BertConfig::embedding_size, kMostWidth},
    {"hidden_size", &BertConfig::hidden_size, kMostWidth},
    {"num_hidden_layers", &BertConfig::num_hidden_layers, kMostLayers},
    {"num_attention_heads", &BertConfig::num_attention_heads, kMostWidth},
    {"intermediate_size", &BertConfig::intermediate_size, kMostIntermediate},
    {"max_position_embeddings", &BertConfig::max_position_embeddings, kMostPositions},
    {"type_vocab_size", &BertConfig::type_vocab_size, kMostTypes},
};

BertConfig electra_defaults() {
  return {.model_type = "electra",
          .hidden_size = 256,
          .num_attention_heads = 4,
          .intermediate_size = 1024,
          .embedding_size = 128,
          .id2label = {}};
}

constexpr Family kElectra = {
    .model_type = "electra",
    .class_prefix = "Electra",
    .tokenizer_class = "BertTokenizer",
    .attention_output_dropout = true,
    .tensors = {.prefix = "electra.",
                .word_table = "electra.embeddings.word_embeddings.weight",
                .position_table = "electra.embeddings.position_embeddings.weight",
                .type_table = "electra.embeddings.token_type_embeddings.weight",
                .embedding_norm = "electra.embeddings.LayerNorm",
                .projection = "electra.embeddings_project",
                .layers = "electra.encoder.layer.",
                .layer = kBertLayer,
                .renamed = kBertRenamed},
    .heads = {.dense = "classifier.dense",
              .activation = Activation::kGelu,
              .dropout_before_dense = true,
              .sequence_output = "classifier.out_proj",
              .transform = nullptr,
              .transform_norm = nullptr,
              .decoder = nullptr,
              .decoder_bias = nullptr,
              .next_sentence = nullptr},
    .keys = {.sizes = kElectraSizes,
             .numbers = kBertNumbers,
             .dropouts = kBertDropouts,
             .activation = "hidden_act"},
    .defaults = electra_defaults,
};

constexpr const Family* kFamilies[] = {&kBert, &kDistilBert, &kElectra};

}  // namespace

const Family& bert_family() { return kBert; }

std::span<const Family* const> families() { return kFamilies; }

const Family* find_family(std::string_view model_type) {
  for (const Family* family : kFamilies) {
    if (model_type == family->model_type) return family;
  }
  return nullptr;
}

const Family& family_of(const BertConfig& config) {
  const Family* family = find_family(config.model_type);
  CHECK(family != nullptr);
  return *family;
}

const char* key_of(const Family& family, int64_t BertConfig::*size) {
  for (const SizeKey& key : family.keys.sizes) {
    if (key.value == size) return key.name;
  }
  CHECK(!"a size of the family");
  return nullptr;
}

std::vector<std::string> other_names(const Family& family, const std::string& parameter) {
  const std::string_view prefix = family.tensors.prefix;
  std::vector<std::string> names = {parameter};
  if (parameter.starts_with(prefix)) names.push_back(parameter.substr(prefix.size()));
  for (size_t i = 0, count = names.size(); i < count; ++i) {
    for (const auto& [now, before] : family.tensors.renamed) {
      if (!names[i].ends_with(now)) continue;
      const size_t stem = names[i].size() - std::string_view(now).size();
      names.push_back(names[i].substr(0, stem) + before);
    }
  }
  names.erase(names.begin());
  return names;
}

}  // namespace bertune
