// SPDX-License-Identifier: Apache-2.0
#include "datasets/tagged/sentences.h"

#include <fmt/format.h>

#include <array>
#include <set>
#include <system_error>
#include <utility>

#include "bertune/error.h"
#include "datasets/input_file.h"
#include "datasets/tagged/reader.h"
#include "text/python_text.h"
#include "text/utf8.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

constexpr std::array kEndings{".conll", ".txt", ".tsv", ".jsonl", ".json"};

std::vector<std::string> usual_names(TaggedPurpose purpose) {
  std::vector<std::string> names;
  const bool train = purpose == TaggedPurpose::kTrain;
  const std::vector<const char*> stems =
      train ? std::vector{"train"} : std::vector{"dev", "validation", "valid", "test"};
  for (const char* stem : stems) {
    for (const char* ending : kEndings) names.push_back(std::string(stem) + ending);
  }
  names.push_back(train ? "eng.train" : "eng.testa");
  return names;
}

fs::path find_file(const fs::path& folder, TaggedPurpose purpose) {
  for (const std::string& name : usual_names(purpose)) {
    std::error_code ignored;  // what cannot be looked at is not there
    if (fs::exists(folder / name, ignored)) return folder / name;
  }
  throw Error(ErrorKind::kInput,
              fmt::format("'{}' has none of {}: {}", folder.string(),
                          fmt::join(usual_names(purpose), ", "), describe_folder(folder)),
              "name the file, or give a folder with such a file");
}

fs::path resolve_path(const fs::path& path, TaggedPurpose purpose) {
  std::error_code ignored;  // opening the file says what is wrong with it
  return fs::is_directory(path, ignored) ? find_file(path, purpose) : path;
}

[[noreturn]] void fail_empty(const fs::path& file) {
  throw Error(ErrorKind::kInput, fmt::format("'{}' holds no text", file.string()),
              "give a file with at least one");
}

}  // namespace

TaggedData read_tagged_data(const fs::path& path, TaggedPurpose purpose,
                            const TaggedColumns& columns) {
  const fs::path file = resolve_path(path, purpose);
  TaggedReader reader(file, columns);
  TaggedData data;
  for (TaggedText text; reader.next(text);) data.texts.push_back(std::move(text));
  reader.finish(data);
  if (data.texts.empty()) fail_empty(file);
  return data;
}

struct TaggedStream::State {
  State(const fs::path& file, const TaggedColumns& columns) : reader(file, columns) {}

  TaggedReader reader;
  TaggedData whole;  // without the texts
};

TaggedStream::TaggedStream(const fs::path& path, TaggedPurpose purpose,
                           const TaggedColumns& columns) {
  const fs::path file = resolve_path(path, purpose);
  state_ = std::make_unique<State>(file, columns);
  bool any = false;
  for (TaggedText text; state_->reader.next(text);) any = true;
  state_->reader.finish(state_->whole);
  if (!any) fail_empty(file);
  state_->reader.rewind();
}

TaggedStream::TaggedStream(TaggedStream&&) noexcept = default;
TaggedStream::~TaggedStream() = default;

bool TaggedStream::labelled() const { return state_->whole.labelled; }

bool TaggedStream::next(size_t count, TaggedData& data) {
  data = state_->whole;
  for (TaggedText text; data.texts.size() < count && state_->reader.next(text);) {
    data.texts.push_back(std::move(text));
  }
  return !data.texts.empty();
}

TaggedText join_words(const std::vector<std::string>& words) {
  TaggedText joined;
  for (const std::string& word : words) {
    if (!joined.text.empty()) joined.text += ' ';
    const auto begin = static_cast<uint32_t>(joined.text.size());
    joined.text += word;
    joined.words.push_back({begin, static_cast<uint32_t>(joined.text.size())});
  }
  return joined;
}

TaggedText split_characters(std::string_view text) {
  TaggedText split{.text = std::string(text), .words = {}, .entities = {}};
  for (size_t at = 0; at < text.size();) {
    const DecodedCodePoint character = decode_code_point(text, at);
    const auto begin = static_cast<uint32_t>(at);
    at += character.bytes;
    if (!is_python_space(character.value))
      split.words.push_back({begin, static_cast<uint32_t>(at)});
  }
  return split;
}

std::vector<std::string> find_types(const TaggedData& data) {
  std::set<std::string> types;
  for (const TaggedText& text : data.texts) {
    for (const Entity& entity : text.entities) types.insert(entity.type);
  }
  if (!types.empty()) return {types.begin(), types.end()};
  throw Error(ErrorKind::kInput,
              fmt::format("none of the {} texts has an entity: every word is O", data.texts.size()),
              "is --tag-column right? Training needs at least one entity");
}

}  // namespace bertune
