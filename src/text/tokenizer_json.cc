// SPDX-License-Identifier: Apache-2.0
// Every setting that would change BERT's pieces is refused with the value found, because a wrong
// tokenizer shows only as a less accurate model.
#include "text/tokenizer_json.h"

#include <fmt/format.h>

#include "base/io.h"
#include "base/json.h"
#include "base/log.h"
#include "bertune/error.h"
#include "text/wordpiece.h"

namespace bertune {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr const char* kExpectedHint =
    "bertune reads only BERT's tokenizer.json: WordPiece with BertNormalizer and BertPreTokenizer; "
    "choose a BERT model, or a folder with a vocab.txt and no tokenizer.json";

[[noreturn]] void fail(const fs::path& path, const std::string& message, const std::string& hint) {
  throw Error(ErrorKind::kInput, path.string() + ": " + message, hint);
}

json parse_object(const fs::path& path) {
  json object = parse_json(MappedFile(path).text(), path.string());
  if (!object.is_object()) fail(path, "not a JSON object", kExpectedHint);
  return object;
}

// The member of an object, or JSON's null if it is missing.
const json& member(const json& object, const char* name) {
  static const json kNothing;
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found == object.end() ? kNothing : *found;
}

std::optional<bool> read_bool(const json& object, const char* name, const fs::path& path) {
  const json& value = member(object, name);
  if (value.is_null()) return {};
  if (value.is_boolean()) return value.get<bool>();
  fail(path, fmt::format("{} is {}, not true or false", name, excerpt(value.dump())),
       "correct the file, or give " + option("do_lower_case"));
}

// Refuses the file unless object[name] equals `expected`; with `may_miss` the name may be missing.
struct Expectation {
  const char* part;
  const char* name;
  json expected;
  bool may_miss = false;
};

void require(const json& file, const Expectation& wanted, const fs::path& path) {
  const json& value = member(member(file, wanted.part), wanted.name);
  if (value == wanted.expected || (value.is_null() && wanted.may_miss)) return;
  fail(path,
       fmt::format("its {} has {} {}, expected {}", wanted.part, wanted.name, excerpt(value.dump()),
                   wanted.expected.dump()),
       kExpectedHint);
}

void require_bert(const json& file, const fs::path& path) {
  const int max_code_points = WordPiece::kMaxCodePoints;
  const Expectation expectations[] = {
      {.part = "model", .name = "type", .expected = "WordPiece"},
      {.part = "model", .name = "unk_token", .expected = "[UNK]"},
      {.part = "model", .name = "continuing_subword_prefix", .expected = "##", .may_miss = true},
      {.part = "model",
       .name = "max_input_chars_per_word",
       .expected = max_code_points,
       .may_miss = true},
      {.part = "normalizer", .name = "type", .expected = "BertNormalizer"},
      {.part = "normalizer", .name = "clean_text", .expected = true, .may_miss = true},
      {.part = "pre_tokenizer", .name = "type", .expected = "BertPreTokenizer"},
  };
  for (const Expectation& expectation : expectations) require(file, expectation, path);
}

// Pieces by id. The table's memory grows with the largest id, which therefore must not be far above
// the number of pieces.
struct PieceTable {
  static constexpr size_t kMaxGap = 1 << 16;

  void place(const std::string& piece, const json& id) {
    const bool is_id = id.is_number_unsigned() && id.get<uint64_t>() < kNoPiece;
    if (!is_id) {
      fail(path, fmt::format("the id of '{}' is not valid: {}", excerpt(piece), excerpt(id.dump())),
           kExpectedHint);
    }
    const auto index = id.get<size_t>();
    if (index >= count + kMaxGap) {
      fail(path,
           fmt::format("the id of '{}' is {}, far above the number of pieces, {}", excerpt(piece),
                       index, count),
           kExpectedHint);
    }
    if (index >= by_id.size()) by_id.resize(index + 1);
    by_id[index] = piece;
  }

  const fs::path& path;
  size_t count;  // the number of pieces in the file's vocab
  std::vector<std::string> by_id;
};

bool is_special(std::string_view piece) {
  return piece == "[PAD]" || piece == "[UNK]" || piece == "[CLS]" || piece == "[SEP]" ||
         piece == "[MASK]";
}

// Special tokens may be listed in added_tokens only. The reference would match any other added
// token in the raw text; bertune treats it as ordinary text and logs a warning.
void place_added_tokens(const json& file, PieceTable& table) {
  std::vector<std::string> ignored;
  for (const json& token : member(file, "added_tokens")) {
    const json& content = member(token, "content");
    if (!content.is_string()) fail(table.path, "an added token has no content", kExpectedHint);
    const auto& piece = content.get_ref<const std::string&>();
    if (is_special(piece)) {
      table.place(piece, member(token, "id"));
    } else {
      ignored.push_back(piece);
    }
  }
  if (ignored.empty()) return;
  log_warning("{}: {} added tokens are treated as ordinary text: {}", table.path.string(),
              ignored.size(), excerpt_list(ignored));
}

std::vector<std::string> read_pieces(const json& file, const fs::path& path) {
  const json& pieces = member(member(file, "model"), "vocab");
  if (!pieces.is_object() || pieces.empty()) {
    fail(path, "its model has no vocab", kExpectedHint);
  }
  PieceTable table{path, pieces.size(), {}};
  for (const auto& [piece, id] : pieces.items()) table.place(piece, id);
  place_added_tokens(file, table);
  return std::move(table.by_id);
}

}  // namespace

TokenizerJson read_tokenizer_json(const fs::path& path) {
  const json file = parse_object(path);
  require_bert(file, path);
  const json& normalizer = member(file, "normalizer");
  return {.vocabulary = read_pieces(file, path),
          .casing = {.lower_case = read_bool(normalizer, "lowercase", path),
                     .space_chinese = read_bool(normalizer, "handle_chinese_chars", path),
                     .mentions_accents = normalizer.contains("strip_accents"),
                     .strip_accents = read_bool(normalizer, "strip_accents", path)}};
}

Casing read_tokenizer_config(const fs::path& path) {
  const json file = parse_object(path);
  return {.lower_case = read_bool(file, "do_lower_case", path),
          .space_chinese = read_bool(file, "tokenize_chinese_chars", path),
          .mentions_accents = file.contains("strip_accents"),
          .strip_accents = read_bool(file, "strip_accents", path)};
}

}  // namespace bertune
