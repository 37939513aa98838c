// SPDX-License-Identifier: Apache-2.0
#include "formats/model_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include "base/check.h"
#include "base/io.h"
#include "bertune/error.h"
#include "formats/huggingface/folder.h"
#include "formats/huggingface/format.h"
#include "formats/mindspore/format.h"
#include "formats/onnx/format.h"
#include "formats/pytorch/format.h"
#include "model/family.h"
#include "model/heads/heads.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_adapter(const fs::path& folder) {
  throw Error(
      ErrorKind::kInput,
      fmt::format("'{}' holds only an adapter (LoRA) for another model, not a whole model",
                  folder.string()),
      fmt::format("merge it into its model once, where peft is installed: python3 -c \"from "
                  "peft import AutoPeftModel; AutoPeftModel.from_pretrained('{}')"
                  ".merge_and_unload().save_pretrained('merged')\", and use 'merged' with "
                  "the vocabulary of that model",
                  folder.string()));
}

[[noreturn]] void fail_no_weights(const fs::path& model) {
  for (const char* name : {kAdapterConfigName, "adapter_model.safetensors", "adapter_model.bin"}) {
    if (is_file(model / name)) fail_adapter(model);
  }
  if (is_file(model)) {
    throw Error(
        ErrorKind::kInput, fmt::format("'{}' is a file, not a model folder", model.string()),
        "use the path of its folder; only a MindSpore checkpoint (*.ckpt) can be given as a "
        "file");
  }
  if (!is_folder(model)) {
    throw Error(ErrorKind::kSystem, fmt::format("there is no folder '{}'", model.string()),
                "check the spelling of the path");
  }
  throw Error(ErrorKind::kSystem, fmt::format("'{}' has no {}", model.string(), kWeightsName),
              "a model folder holds config.json, model.safetensors (or its shards and their index, "
              "or pytorch_model.bin, or a MindSpore checkpoint *.ckpt) and vocab.txt or "
              "tokenizer.json");
}

[[noreturn]] void fail_missing(const fs::path& folder, const char* part) {
  throw Error(ErrorKind::kSystem, fmt::format("'{}' has no {}", folder.string(), part),
              "copy it from the model that these weights belong to; a model folder holds "
              "config.json, model.safetensors and vocab.txt or tokenizer.json");
}

fs::path folder_of(const fs::path& model) {
  if (!is_file(model)) return model;
  return model.has_parent_path() ? model.parent_path() : fs::path(".");
}

// Determines the format from the weights. A folder without weights counts as Hugging Face, because
// the caller may not need any.
void find_weights(ModelFiles& files) {
  for (const ModelFormat* format : model_formats()) {
    if (format->reader == nullptr) continue;
    files.weights = format->reader->find_weights(files.path);
    files.format = format;
    if (!files.weights.empty()) return;
  }
  files.format = &huggingface_format();
}

std::vector<fs::path> find_vocabulary(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const char* name : {kVocabularyName, kTokenizerName}) {
    if (is_file(folder / name)) found.push_back(folder / name);
  }
  return found;
}

bool has_masked_words(const BertConfig& config) {
  const std::optional<HeadKind> head = head_of_architecture(config.architecture);
  return head && head_of(*head).logits_of == LogitsOf::kMaskedTokens;
}

bool are_equal(const WeightSource& source, const std::string& a, const std::string& b,
               size_t size) {
  constexpr size_t kPart = 1 << 18;
  std::vector<float> part_of_a(kPart), part_of_b(kPart);
  for (size_t begin = 0; begin < size; begin += kPart) {
    const size_t count = std::min(kPart, size - begin);
    source.read(a, begin, std::span(part_of_a).first(count));
    source.read(b, begin, std::span(part_of_b).first(count));
    if (!std::equal(part_of_a.begin(), part_of_a.begin() + count, part_of_b.begin())) return false;
  }
  return true;
}

// Whether the weights have a decoder that differs from the word table. Like transformers, we then
// believe the weights and not a config that ties the two.
bool has_own_decoder(const WeightSource& source, const BertConfig& config) {
  const Family& family = family_of(config);
  if (family.heads.decoder == nullptr) return false;
  const std::string decoder = std::string(family.heads.decoder) + ".weight";
  const StoredShape* stored = source.find(decoder);
  const TensorNames& names = family.tensors;
  const std::vector<int64_t> shape{config.vocab_size, config.hidden_size};
  if (stored == nullptr || stored->shape != shape) return false;
  for (const std::string table : {names.word_table, names.word_table + std::strlen(names.prefix)}) {
    const StoredShape* other = source.find(table);
    if (other == nullptr || other->shape != shape) continue;
    return !are_equal(source, decoder, table, static_cast<size_t>(shape[0] * shape[1]));
  }
  return false;
}

}  // namespace

// The formats, in the order in which they are tried for a path: safetensors take precedence over
// other weights in the same folder.
std::span<const ModelFormat* const> model_formats() {
  static const ModelFormat* const kFormats[] = {
      &huggingface_format(),
      &pytorch_format(),
      &mindspore_format(),
      &onnx_format(),
  };
  return kFormats;
}

ModelFiles find_model_files(const fs::path& model, NeededParts needed) {
  ModelFiles files{.path = model, .folder = folder_of(model)};
  // Weights come first because that error gives the best description of a folder that is missing or
  // holds other files.
  find_weights(files);
  const bool none = files.weights.empty();
  if (none && (needed.weights || !is_folder(model))) fail_no_weights(model);
  if (needed.config) {
    files.config = files.format->reader->find_config(files);
    if (files.config.empty()) fail_missing(files.folder, kConfigName);
  }
  files.vocabulary = find_vocabulary(files.folder);
  if (needed.vocabulary && files.vocabulary.empty())
    fail_missing(files.folder, "vocabulary (vocab.txt or tokenizer.json)");
  return files;
}

BertConfig read_config(const ModelFiles& files) {
  CHECK(!files.config.empty());
  BertConfig config = files.format->reader->read_config(files.config);
  if (config.tie_word_embeddings && has_masked_words(config) && !files.weights.empty())
    config.tie_word_embeddings = !has_own_decoder(*open_weights(files), config);
  return config;
}

std::unique_ptr<WeightSource> open_weights(const ModelFiles& files) {
  CHECK(!files.weights.empty());
  return files.format->reader->open_weights(files.weights);
}

}  // namespace bertune
