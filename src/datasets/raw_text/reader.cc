// SPDX-License-Identifier: Apache-2.0
#include "datasets/raw_text/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <utility>

#include "datasets/json/scanner.h"

namespace bertune {
namespace {

constexpr size_t kLinesInBlock = 4096;
constexpr std::array kEndings{".txt", ".jsonl", ".json"};

// A number that fits no int32_t becomes one that is no token of any vocabulary.
std::vector<int32_t> numbers(const JsonRecord& record, const char* key) {
  constexpr int64_t kLowest = std::numeric_limits<int32_t>::min();
  constexpr int64_t kHighest = std::numeric_limits<int32_t>::max();
  std::vector<int32_t> values;
  for (const JsonRecord::Element element : record.array(key)) {
    const auto value = record.as<int64_t>(element, key, "a list of whole numbers");
    values.push_back(static_cast<int32_t>(std::clamp(value, kLowest, kHighest)));
  }
  return values;
}

bool is_json(const std::filesystem::path& path, std::string_view text) {
  const char first = JsonScanner(text).peek();
  return path.extension() != ".txt" && (first == '{' || first == '[');
}

}  // namespace

const char* const RawTextReader::kLayout =
    "a record is {\"text\": \"...\"}, or a masked window {\"input_ids\": [101, ..., 102], "
    "\"labels\": [-100, ...]}";

void RawTextInfo::add(const RawTextData& part) {
  examples += static_cast<int64_t>(part.masked.size());
  examples += std::count_if(part.texts.begin(), part.texts.end(),
                            [](const RawText& text) { return !is_blank(text.text); });
}

const KnownFiles& RawTextReader::known_files() {
  static const KnownFiles kFiles{.train = usual_names(Split::kTrain, kEndings),
                                 .evaluate = usual_names(Split::kEvaluate, kEndings)};
  return kFiles;
}

RawTextReader::RawTextReader(const Dataset& dataset, Split) : path_(dataset.path) {
  if (!dataset.examples) {
    lines_.emplace(path_);
    if (!is_json(path_, lines_->text())) return;
    lines_.reset();
  }
  json_.emplace(dataset);
  records_.emplace(*json_, kLayout);
}

bool RawTextReader::next(RawTextData& data) {
  return records_ ? next_record(data) : next_block(data);
}

void RawTextReader::rewind() {
  if (records_) records_.emplace(*json_, kLayout);
  if (lines_) lines_->rewind();
}

void RawTextReader::report() const {
  if (lines_) lines_->report();
}

bool RawTextReader::next_block(RawTextData& data) {
  size_t lines = 0;
  for (std::string line; lines < kLinesInBlock && lines_->next(line); ++lines) {
    const bool blank = is_blank(line);
    data.texts.push_back({std::move(line), blank});
  }
  return lines > 0;
}

bool RawTextReader::next_record(RawTextData& data) {
  const std::optional<JsonRecord> record = records_->next();
  if (!record) return false;
  const bool masked = record->has("input_ids");
  (masked ? has_masked_ : has_texts_) = true;
  if (has_masked_ && has_texts_) record->fail("some records have input_ids and others do not");
  if (!masked) {
    data.texts.push_back({std::string(record->string("text")), true});
    return true;
  }
  data.masked.push_back({.ids = numbers(*record, "input_ids"),
                         .labels = numbers(*record, "labels"),
                         .place = fmt::format("'{}', {}", path_.string(), record->place())});
  const MaskedRecord& window = data.masked.back();
  if (window.ids.size() == window.labels.size()) return true;
  record->fail(fmt::format("{} input_ids, but {} labels", window.ids.size(), window.labels.size()));
}

}  // namespace bertune
