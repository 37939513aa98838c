// SPDX-License-Identifier: Apache-2.0
#include "formats/huggingface/write_tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "bertune/error.h"
#include "model/family.h"

namespace bertune {
namespace {

using nlohmann::ordered_json;  // keeps the order of keys that `tokenizers` writes

constexpr const char* kSpecialTokens[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};

// If an entry occurs twice, the last occurrence counts, as everywhere in the program.
int64_t id_of(const std::vector<std::string>& vocabulary, const char* piece) {
  const auto found = std::find(vocabulary.rbegin(), vocabulary.rend(), piece);
  if (found == vocabulary.rend()) {
    throw Error(ErrorKind::kInput, fmt::format("the vocabulary has no entry {}", piece),
                "a BERT's vocabulary has [PAD], [UNK], [CLS], [SEP] and [MASK]");
  }
  return vocabulary.rend() - found - 1;
}

// null means that accents are stripped if and only if lower-casing is on.
ordered_json strip_accents(const Normalization& normalization) {
  if (normalization.strip_accents == normalization.lower_case) return nullptr;
  return normalization.strip_accents;
}

ordered_json added_tokens(const std::vector<std::string>& vocabulary) {
  std::vector<std::pair<int64_t, const char*>> tokens;
  for (const char* piece : kSpecialTokens) tokens.emplace_back(id_of(vocabulary, piece), piece);
  std::sort(tokens.begin(), tokens.end());
  ordered_json list = ordered_json::array();
  for (const auto& [id, piece] : tokens) {
    list.push_back({{"id", id},
                    {"content", piece},
                    {"single_word", false},
                    {"lstrip", false},
                    {"rstrip", false},
                    {"normalized", false},
                    {"special", true}});
  }
  return list;
}

ordered_json special(const char* piece, int type) {
  return {{"SpecialToken", {{"id", piece}, {"type_id", type}}}};
}

ordered_json sequence(const char* name, int type) {
  return {{"Sequence", {{"id", name}, {"type_id", type}}}};
}

// The templates [CLS] A [SEP] and [CLS] A [SEP] B [SEP].
ordered_json post_processor(const std::vector<std::string>& vocabulary) {
  ordered_json tokens;
  for (const char* piece : {"[CLS]", "[SEP]"}) {
    tokens[piece] = {{"id", piece},
                     {"ids", ordered_json::array({id_of(vocabulary, piece)})},
                     {"tokens", ordered_json::array({piece})}};
  }
  const ordered_json cls = special("[CLS]", 0);
  const ordered_json sep = special("[SEP]", 0);
  const ordered_json first = sequence("A", 0);
  return {{"type", "TemplateProcessing"},
          {"single", ordered_json::array({cls, first, sep})},
          {"pair", ordered_json::array({cls, first, sep, sequence("B", 1), special("[SEP]", 1)})},
          {"special_tokens", tokens}};
}

ordered_json word_piece(const std::vector<std::string>& vocabulary) {
  ordered_json pieces = ordered_json::object();
  // Appended directly, because inserting by name would compare with all entries before it.
  auto& entries = pieces.get_ref<ordered_json::object_t&>();
  entries.reserve(vocabulary.size());
  for (size_t id = 0; id < vocabulary.size(); ++id) entries.push_back({vocabulary[id], id});
  return {{"type", "WordPiece"},
          {"unk_token", "[UNK]"},
          {"continuing_subword_prefix", "##"},
          {"max_input_chars_per_word", 100},
          {"vocab", std::move(pieces)}};
}

}  // namespace

std::string tokenizer_json(const std::vector<std::string>& vocabulary,
                           const Normalization& normalization) {
  const ordered_json normalizer = {{"type", "BertNormalizer"},
                                   {"clean_text", true},
                                   {"handle_chinese_chars", normalization.space_chinese},
                                   {"strip_accents", strip_accents(normalization)},
                                   {"lowercase", normalization.lower_case}};
  const ordered_json root = {
      {"version", "1.0"},
      {"truncation", nullptr},
      {"padding", nullptr},
      {"added_tokens", added_tokens(vocabulary)},
      {"normalizer", normalizer},
      {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
      {"post_processor", post_processor(vocabulary)},
      {"decoder", {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}}},
      {"model", word_piece(vocabulary)}};
  try {
    return root.dump(2) + "\n";
  } catch (const ordered_json::type_error&) {
    throw Error(ErrorKind::kInput, "a vocabulary entry is not valid UTF-8",
                "save vocab.txt as UTF-8");
  }
}

std::string tokenizer_config_json(const BertConfig& config, const Normalization& normalization) {
  const ordered_json root = {{"cls_token", "[CLS]"},
                             {"do_lower_case", normalization.lower_case},
                             {"mask_token", "[MASK]"},
                             {"model_max_length", config.max_position_embeddings},
                             {"pad_token", "[PAD]"},
                             {"sep_token", "[SEP]"},
                             {"strip_accents", strip_accents(normalization)},
                             {"tokenize_chinese_chars", normalization.space_chinese},
                             {"tokenizer_class", family_of(config).tokenizer_class},
                             {"unk_token", "[UNK]"}};
  return root.dump(2) + "\n";
}

}  // namespace bertune
