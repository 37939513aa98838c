// SPDX-License-Identifier: Apache-2.0
#include "formats/huggingface/folder.h"

#include <fmt/format.h>

#include <set>
#include <string>

#include "base/check.h"
#include "base/io.h"
#include "base/json.h"
#include "base/json_file.h"
#include "base/log.h"
#include "bertune/error.h"
#include "formats/huggingface/config.h"
#include "formats/huggingface/write_tokenizer.h"
#include "formats/safetensors/weights.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> shards_of(const fs::path& index) {
  const JsonFile file(index);
  const auto map = file.root().find("weight_map");
  if (map == file.root().end() || !map->is_object() || map->empty())
    file.fail("\"weight_map\", which maps tensors to files, is missing");
  std::set<std::string> shards;  // names, because paths are slow to compare
  for (const auto& [name, shard] : map->items()) {
    const std::string file_name = shard.is_string() ? shard.get<std::string>() : "";
    if (!shards.insert(file_name).second) continue;
    // Shards must be in the folder of their index, so that a foreign folder cannot make us read
    // files elsewhere.
    const fs::path path = file_name;
    if (path.empty() || path != path.filename())
      file.fail(fmt::format("\"weight_map\" has no plain file name for '{}'", excerpt(name)));
  }
  std::vector<fs::path> paths;
  for (const std::string& shard : shards) paths.push_back(index.parent_path() / shard);
  return paths;
}

std::string vocabulary_text(const std::vector<std::string>& vocabulary) {
  std::string text;
  for (const std::string& piece : vocabulary) {
    if (piece.find('\n') != piece.npos) {
      throw Error(ErrorKind::kInput,
                  "a vocabulary entry contains a line feed, which vocab.txt cannot store",
                  "remove the entry from the vocabulary");
    }
    text += piece;
    text += '\n';
  }
  return text;
}

}  // namespace

std::vector<fs::path> find_safetensors(const fs::path& folder) {
  return find_weight_files(folder, kWeightsName, kShardIndexName);
}

std::vector<fs::path> find_weight_files(const fs::path& folder, const char* name,
                                        const char* index) {
  if (is_file(folder / name)) return {folder / name};
  if (is_file(folder / index)) return shards_of(folder / index);
  return {};
}

void require_vocabulary_size(const BertConfig& config, size_t pieces, const fs::path& folder) {
  const int64_t padding = config.vocab_size - static_cast<int64_t>(pieces);
  if (padding == 0) return;
  if (padding > 0 && padding < kMostPaddedRows && padding <= config.vocab_size / 10) {
    log_info("{}: the last {} of {} rows of the word table have no vocabulary entry",
             folder.string(), padding, config.vocab_size);
    return;
  }
  throw Error(ErrorKind::kInput,
              fmt::format("the vocabulary of '{}' has {} entries, but its config.json specifies {}",
                          folder.string(), pieces, config.vocab_size),
              "use the vocabulary that the weights were trained with");
}

void write_model_folder(const fs::path& folder, const ModelContents& contents) {
  write_file(folder / kConfigName, config_json(contents.config, contents.architecture));
  write_tokenizer_files(folder, contents);
  write_safetensors_weights(folder / kWeightsName, contents.list, contents.values);
}

void write_tokenizer_files(const fs::path& folder, const ModelContents& contents) {
  CHECK(static_cast<int64_t>(contents.vocabulary.size()) <= contents.config.vocab_size);
  write_file(folder / kVocabularyName, vocabulary_text(contents.vocabulary));
  write_file(folder / kTokenizerName, tokenizer_json(contents.vocabulary, contents.normalization));
  write_file(folder / kTokenizerConfigName,
             tokenizer_config_json(contents.config, contents.normalization));
}

}  // namespace bertune
