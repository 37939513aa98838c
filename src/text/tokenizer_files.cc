// SPDX-License-Identifier: Apache-2.0
// Decides between the files of a folder; the content of each file is checked where it is read.
#include "text/tokenizer_files.h"

#include <fmt/format.h>

#include "base/log.h"
#include "bertune/error.h"
#include "text/tokenizer_json.h"
#include "text/vocabulary.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

struct CasingSources {
  Casing config;  // from tokenizer_config.json
  Casing json;    // from tokenizer.json
};

bool strips_accents(const Casing& casing, bool lower_case) {
  return casing.strip_accents.value_or(lower_case);
}

// The casing is `override_` (the user's setting), or else that of the first source that has one, or
// else lower case.
Normalization resolve(const CasingSources& sources, std::optional<bool> override_,
                      const fs::path& folder) {
  const auto& [config, json] = sources;
  const auto said = override_ ? override_ : config.lower_case ? config.lower_case : json.lower_case;
  if (!said) {
    log_info(
        "{} does not say whether the model is cased: text is lower-cased "
        "(do_lower_case=false keeps the case)",
        folder.string());
  }
  const bool lower_case = said.value_or(true);
  const Casing& accents = config.mentions_accents ? config : json;
  const auto chinese = config.space_chinese ? config.space_chinese : json.space_chinese;
  return {.lower_case = lower_case,
          .strip_accents = strips_accents(accents, lower_case),
          .space_chinese = chinese.value_or(true)};
}

void warn_if_differ(std::optional<bool> config, std::optional<bool> json, const char* name,
                    const fs::path& folder) {
  if (!config || !json || *config == *json) return;
  log_warning(
      "{}: tokenizer_config.json sets {} to {}, tokenizer.json to {}; tokenizer_config.json is "
      "used",
      folder.string(), name, *config, *json);
}

void warn_of_differences(const CasingSources& sources, const fs::path& folder) {
  const auto& [config, json] = sources;
  warn_if_differ(config.lower_case, json.lower_case, "do_lower_case", folder);
  warn_if_differ(config.space_chinese, json.space_chinese, "tokenize_chinese_chars", folder);
  if (!config.mentions_accents || !json.mentions_accents) return;
  const bool config_strips = strips_accents(config, config.lower_case.value_or(true));
  const bool json_strips = strips_accents(json, json.lower_case.value_or(true));
  const bool casing_agrees = config.lower_case == json.lower_case;
  if (casing_agrees) warn_if_differ(config_strips, json_strips, "strip_accents", folder);
}

// The two may differ in length and in repeated pieces, but not in the piece of an id.
void warn_if_vocabularies_differ(const std::vector<std::string>& lines,
                                 const std::vector<std::string>& json, const fs::path& folder) {
  for (size_t id = 0; id < json.size(); ++id) {
    if (json[id].empty() || (id < lines.size() && lines[id] == json[id])) continue;
    log_warning("{}: id {} is '{}' in vocab.txt and '{}' in tokenizer.json; vocab.txt is used",
                folder.string(), id, id < lines.size() ? lines[id] : "", json[id]);
    return;
  }
}

void require_files(const fs::path& folder, bool has_lines, bool has_json) {
  if (has_lines || has_json) return;
  if (!fs::is_directory(folder)) {
    throw Error(ErrorKind::kSystem, folder.string() + ": no such folder",
                "give a model folder that contains vocab.txt or tokenizer.json");
  }
  throw Error(ErrorKind::kSystem,
              folder.string() + ": contains neither vocab.txt nor tokenizer.json",
              "copy the vocab.txt of the pretrained model into the folder");
}

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

}  // namespace

TokenizerFiles read_tokenizer_files(const fs::path& model, std::optional<bool> lower_case) {
  const fs::path folder = fs::is_regular_file(model) ? folder_of(model) : model;
  const fs::path lines_path = folder / "vocab.txt";
  const fs::path json_path = folder / "tokenizer.json";
  const fs::path config_path = folder / "tokenizer_config.json";
  const bool has_lines = fs::exists(lines_path);
  const bool has_json = fs::exists(json_path);
  require_files(folder, has_lines, has_json);

  TokenizerFiles files;
  CasingSources casing;
  if (fs::exists(config_path)) casing.config = read_tokenizer_config(config_path);
  TokenizerJson json;
  if (has_json) json = read_tokenizer_json(json_path);
  casing.json = json.casing;
  if (has_lines) {
    files.vocabulary = read_vocabulary(lines_path);
    warn_if_vocabularies_differ(files.vocabulary, json.vocabulary, folder);
  } else {
    files.vocabulary = std::move(json.vocabulary);
  }
  files.vocabulary_path = has_lines ? lines_path : json_path;
  files.normalization = resolve(casing, lower_case, folder);

  warn_of_differences(casing, folder);
  warn_of_repeated_pieces(files.vocabulary, files.vocabulary_path.string());
  warn_of_odd_casing(files.vocabulary, files.normalization.lower_case,
                     files.vocabulary_path.string());
  return files;
}

}  // namespace bertune
