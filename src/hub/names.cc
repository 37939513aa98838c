// SPDX-License-Identifier: Apache-2.0
#include "hub/names.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace bertune {
namespace {

constexpr std::string_view kBase = "google-bert/bert-base-uncased";
constexpr std::string_view kChinese = "google-bert/bert-base-chinese";
constexpr std::string_view kNone;

constexpr std::array kModels = {
    NamedModel{"bert_base_uncased", kBase, "BERT-base, pretrained, English"},
    NamedModel{"bert_tiny_uncased", "google/bert_uncased_L-2_H-128_A-2",
               "2 layers, width 128, pretrained, English"},
    NamedModel{"qa_bert_base_uncased", kBase, "BERT-base, pretrained; for question answering"},
    NamedModel{"qa_bert_base_uncased_squad", "csarron/bert-base-uncased-squad-v1",
               "BERT-base, fine-tuned on SQuAD v1.1"},
    NamedModel{"txtcls_bert_base_uncased", kBase, "BERT-base, pretrained; for text classification"},
    NamedModel{"txtcls_bert_base_uncased_mnli", kNone, "BERT-base, fine-tuned on MNLI"},
    NamedModel{"tokcls_bert_base_chinese", kChinese,
               "BERT-base, pretrained, Chinese; for token classification"},
    NamedModel{"tokcls_bert_base_chinese_cluener", kNone,
               "BERT-base, Chinese, fine-tuned on CLUENER"},
};

bool is_part(std::string_view part) {
  const auto allowed = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  };
  return !part.empty() && part.size() <= 96 && std::all_of(part.begin(), part.end(), allowed) &&
         part.front() != '.' && part.front() != '-' && part.back() != '.' && part.back() != '-' &&
         part.find("..") == part.npos && part.find("--") == part.npos;
}

}  // namespace

std::span<const NamedModel> named_models() { return kModels; }

const NamedModel* find_named_model(std::string_view name) {
  const auto found = std::find_if(kModels.begin(), kModels.end(),
                                  [&](const NamedModel& model) { return model.name == name; });
  return found == kModels.end() ? nullptr : &*found;
}

std::string without_family(const std::string& name) {
  constexpr std::string_view kFamily = "mindspore/";
  return name.starts_with(kFamily) ? name.substr(kFamily.size()) : name;
}

bool is_hub_id(std::string_view name) {
  const size_t slash = name.find('/');
  return slash != name.npos && is_part(name.substr(0, slash)) && is_part(name.substr(slash + 1));
}

}  // namespace bertune
