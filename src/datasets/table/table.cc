// SPDX-License-Identifier: Apache-2.0
#include "datasets/table/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <list>
#include <system_error>

#include "bertune/error.h"
#include "datasets/input_file.h"
#include "datasets/table/reader.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

constexpr std::array kEndings{".tsv", ".csv", ".jsonl", ".json"};
bool is_there(const fs::path& path) {
  std::error_code ignored;  // what cannot be looked at is not there
  return fs::exists(path, ignored);
}

std::vector<const char*> usual_names(TextPurpose purpose) {
  if (purpose == TextPurpose::kTrain) return {"train"};
  if (purpose == TextPurpose::kEvaluate) return {"dev", "validation", "valid", "test"};
  return {"test", "dev"};
}

[[noreturn]] void fail_empty(const fs::path& path) {
  throw Error(ErrorKind::kInput, fmt::format("'{}' holds no example", path.string()),
              "give a file with at least one row below its header");
}

}  // namespace

std::string TextData::place_of(size_t example) const {
  const auto behind = std::find_if(sources.begin(), sources.end(),
                                   [&](const TextSource& s) { return s.begin > example; });
  return fmt::format("'{}', {}", std::prev(behind)->path.string(), places[example]);
}

std::vector<fs::path> find_text_files(const fs::path& path, TextPurpose purpose) {
  std::error_code ignored;  // opening the file says what is wrong with it
  if (!fs::is_directory(path, ignored)) return {path};
  const bool matched = is_there(path / "dev_matched.tsv") && is_there(path / "dev_mismatched.tsv");
  if (matched && purpose == TextPurpose::kEvaluate) {
    return {path / "dev_matched.tsv", path / "dev_mismatched.tsv"};
  }
  const std::vector<const char*> names = usual_names(purpose);
  for (const char* name : names) {
    for (const char* ending : kEndings) {
      if (const fs::path file = path / (std::string(name) + ending); is_there(file)) return {file};
    }
  }
  throw Error(
      ErrorKind::kInput,
      fmt::format("'{}' has no file named {} with the ending {}: {}", path.string(),
                  fmt::join(names, " or "), fmt::join(kEndings, " or "), describe_folder(path)),
      "name the file, or give a folder with such a file");
}

TextData read_text_data(const fs::path& path, TextPurpose purpose, const TextColumns& columns,
                        const TextColumns& kept) {
  TextData data;
  for (const fs::path& file : find_text_files(path, purpose)) {
    data.sources.push_back({file, data.examples.size()});
    TextReader reader(file, purpose, columns, kept);
    while (reader.next(data)) continue;
    reader.report();
    data.pairs |= reader.pairs();
    if (reader.glue() != nullptr) data.glue = reader.glue();
  }
  if (data.examples.empty()) fail_empty(path);
  return data;
}

struct TextStream::State {
  std::list<TextReader> readers;  // of each file
  std::list<TextReader>::iterator reader;
  bool pairs = false;
  const GlueTask* glue = nullptr;
};

TextStream::TextStream(const fs::path& path, TextPurpose purpose, const TextColumns& columns,
                       const TextColumns& kept)
    : state_(std::make_unique<State>()) {
  bool any = false;
  for (const fs::path& file : find_text_files(path, purpose)) {
    TextReader& reader = state_->readers.emplace_back(file, purpose, columns, kept);
    for (TextData example; reader.next(example); example = {}) any = true;
    reader.report();
    state_->pairs |= reader.pairs();
    if (reader.glue() != nullptr) state_->glue = reader.glue();
  }
  if (!any) fail_empty(path);
  rewind();
}

TextStream::TextStream(TextStream&&) noexcept = default;
TextStream::~TextStream() = default;

const GlueTask* TextStream::glue() const { return state_->glue; }

void TextStream::rewind() {
  for (TextReader& reader : state_->readers) reader.rewind();
  state_->reader = state_->readers.begin();
}

bool TextStream::next(size_t count, TextData& data) {
  data = {.examples = {}, .places = {}, .sources = {}, .pairs = state_->pairs, .glue = glue()};
  for (; state_->reader != state_->readers.end(); ++state_->reader) {
    TextReader& reader = *state_->reader;
    while (data.examples.size() < count && reader.next(data)) continue;
    if (data.examples.empty()) continue;
    data.sources.push_back({reader.path(), 0});
    return true;
  }
  return false;
}

}  // namespace bertune
