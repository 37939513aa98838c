// SPDX-License-Identifier: Apache-2.0
#include "formats/huggingface/folder.h"

#include <fmt/format.h>

#include <system_error>

#include "base/check.h"
#include "base/io.h"
#include "bertune/error.h"
#include "formats/huggingface/write_tokenizer.h"
#include "formats/mindspore/config.h"
#include "formats/model_paths.h"
#include "formats/safetensors/file.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

void write_file(const fs::path& path, std::string_view bytes) {
  OutputFile file(path);
  file.write(bytes);
  file.close();
}

std::string vocabulary_text(const std::vector<std::string>& vocabulary) {
  std::string text;
  for (const std::string& piece : vocabulary) {
    if (piece.find('\n') != piece.npos) {
      throw Error(ErrorKind::kInput,
                  "a piece of the vocabulary has a line feed, which vocab.txt cannot hold",
                  "remove it from the vocabulary");
    }
    text += piece;
    text += '\n';
  }
  return text;
}

}  // namespace

void require_model_folder(const fs::path& model) {
  const fs::path folder = folder_of_model(model);
  const auto has = [&](const char* name) {
    std::error_code ignored;
    return fs::is_regular_file(folder / name, ignored);
  };
  // Weights first: that error knows best what else lies in the folder, or that there is none.
  find_weight_files(model);
  const char* missing = nullptr;
  if (const auto checkpoint = mindspore_checkpoint(model)) {
    find_mindspore_config(*checkpoint);
  } else if (!has("config.json")) {
    missing = "config.json";
  }
  if (missing == nullptr && !has("vocab.txt") && !has("tokenizer.json"))
    missing = "vocabulary (vocab.txt or tokenizer.json)";
  if (missing == nullptr) return;
  throw Error(ErrorKind::kSystem, fmt::format("'{}' has no {}", folder.string(), missing),
              "copy it from the model that these weights were made with; a model folder holds "
              "config.json, model.safetensors and vocab.txt or tokenizer.json");
}

void require_vocabulary_size(const BertConfig& config, size_t pieces, const fs::path& folder) {
  if (static_cast<int64_t>(pieces) == config.vocab_size) return;
  throw Error(ErrorKind::kInput,
              fmt::format("the vocabulary of '{}' has {} pieces, and its config.json says {}",
                          folder.string(), pieces, config.vocab_size),
              "both must be equal: take the vocabulary that the weights were trained with");
}

std::string architecture_of(HeadKind head) {
  switch (head) {
    case HeadKind::kNone:
      return "BertModel";
    case HeadKind::kQuestionAnswering:
      return "BertForQuestionAnswering";
    case HeadKind::kSequenceClassification:
      return "BertForSequenceClassification";
    case HeadKind::kTokenClassification:
      return "BertForTokenClassification";
    case HeadKind::kMaskedLanguageModel:
      return "BertForMaskedLM";
    case HeadKind::kPreTraining:
      return "BertForPreTraining";
  }
  CHECK(false);
}

std::optional<HeadKind> head_of_architecture(const std::string& architecture) {
  for (const HeadKind head :
       {HeadKind::kNone, HeadKind::kQuestionAnswering, HeadKind::kSequenceClassification,
        HeadKind::kTokenClassification, HeadKind::kMaskedLanguageModel, HeadKind::kPreTraining}) {
    if (architecture == architecture_of(head)) return head;
  }
  return {};
}

void write_model_folder(const fs::path& folder, const ModelContents& contents) {
  write_file(folder / "config.json", config_json(contents.config, contents.architecture));
  write_tokenizer_files(folder, contents);
  write_safetensors_weights(folder / "model.safetensors", contents.list, contents.values);
}

void write_tokenizer_files(const fs::path& folder, const ModelContents& contents) {
  require_vocabulary_size(contents.config, contents.vocabulary.size(), folder);
  write_file(folder / "vocab.txt", vocabulary_text(contents.vocabulary));
  write_file(folder / "tokenizer.json",
             tokenizer_json(contents.vocabulary, contents.normalization));
  write_file(folder / "tokenizer_config.json",
             tokenizer_config_json(contents.config, contents.normalization));
}

void write_safetensors_weights(const fs::path& path, const ParameterList& list,
                               std::span<const float> values) {
  CHECK(values.size() == static_cast<size_t>(list.size));
  std::vector<TensorToWrite> tensors;
  for (const Parameter& parameter : list.parameters) {
    const auto offset = static_cast<size_t>(parameter.offset);
    const auto size = static_cast<size_t>(parameter.size());
    tensors.push_back({parameter.name, parameter.shape, values.subspan(offset, size)});
  }
  write_safetensors(path, tensors);
}

}  // namespace bertune
