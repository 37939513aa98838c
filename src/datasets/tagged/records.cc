// SPDX-License-Identifier: Apache-2.0
#include "datasets/tagged/records.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/log.h"

namespace bertune {
namespace {

constexpr const char* kLayout =
    "a record is {\"words\": [\"Anna\", ...], \"tags\": [\"B-PER\", ...]}, or CLUENER's {\"text\": "
    "\"...\", \"label\": {\"name\": {\"Anna\": [[0, 3]]}}}";
constexpr std::array kWordKeys{"words", "tokens"};
constexpr std::array kTagKeys{"tags", "ner_tags", "labels"};

// The first of `keys` that the record has, or nullptr.
template <typename Keys>
const char* find_key(const JsonRecord& record, const Keys& keys) {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const char* key) { return record.has(key); });
  return found == keys.end() ? nullptr : *found;
}

std::vector<std::string> strings(const JsonRecord& record, const char* key) {
  std::vector<std::string> values;
  for (const JsonRecord::Element element : record.array(key)) {
    values.emplace_back(record.as<std::string_view>(element, key, "a list of strings"));
  }
  return values;
}

// Names, or numbers that stand for them.
std::vector<std::string> read_tag_list(const JsonRecord& record, const char* key) {
  std::vector<std::string> tags;
  for (const JsonRecord::Element element : record.array(key)) {
    uint64_t number = 0;
    const bool numbered = element.get(number) == simdjson::SUCCESS;
    tags.push_back(numbered ? fmt::format("{}", number)
                            : std::string(record.as<std::string_view>(
                                  element, key, "a list of strings or of whole numbers")));
  }
  return tags;
}

WrittenTags read_words(const JsonRecord& record) {
  WrittenTags text{.words = strings(record, find_key(record, kWordKeys)),
                   .tags = {},
                   .places = {record.place()}};
  if (const char* key = find_key(record, kTagKeys)) text.tags = read_tag_list(record, key);
  if (!text.tags.empty() && text.tags.size() != text.words.size()) {
    record.fail(fmt::format("{} words, but {} tags", text.words.size(), text.tags.size()));
  }
  return text;
}

}  // namespace

TaggedText SpanReader::read(const JsonRecord& record) {
  text_ = split_characters(record.string("text"));
  code_points_ = CodePointIndex(text_.text);
  if (record.has("label")) {
    for (const auto& [type, spans] : record.object("label")) {
      read_type(record, type, record.as<JsonRecord::Object>(spans, "label's values", "objects"));
    }
  }
  drop_overlaps();
  text_.place = record.place();
  return std::move(text_);
}

void SpanReader::read_type(const JsonRecord& record, std::string_view type,
                           JsonRecord::Object spans) {
  if (type.empty()) record.fail("a type in label has no name");  // its tags would be none
  for (const auto& [written, places] : spans) {
    for (const JsonRecord::Element span :
         record.as<JsonRecord::Array>(places, excerpt(type), "lists of spans")) {
      add_span(record, type, written, span);
    }
  }
}

void SpanReader::add_span(const JsonRecord& record, std::string_view type, std::string_view written,
                          JsonRecord::Element span) {
  const auto ends = record.as<JsonRecord::Array>(span, "a span", "a list of two numbers");
  if (ends.size() != 2)
    record.fail(fmt::format("a span of '{}' does not have two ends", excerpt(written)));
  const auto first = record.as<int64_t>(ends.at(0), "a span's end", "a whole number");
  const auto last = record.as<int64_t>(ends.at(1), "a span's end", "a whole number");
  if (std::optional<Entity> entity = entity_at(type, written, first, last)) {
    text_.entities.push_back(std::move(*entity));
  } else if (misplaced_++ == 0) {
    first_misplaced_ = fmt::format("{} ('{}')", record.place(), excerpt(written));
  }
}

// Nothing if the text at the span differs from `written`.
std::optional<Entity> SpanReader::entity_at(std::string_view type, std::string_view written,
                                            int64_t first, int64_t last) const {
  if (first < 0 || last < first || last >= code_points_.size()) return {};
  const size_t begin = code_points_.byte_of(first), end = code_points_.byte_of(last + 1);
  if (std::string_view(text_.text).substr(begin, end - begin) != written) return {};
  const auto& words = text_.words;
  const auto from = std::partition_point(words.begin(), words.end(),
                                         [&](const WordRange& w) { return w.begin < begin; });
  const auto to =
      std::partition_point(from, words.end(), [&](const WordRange& w) { return w.end <= end; });
  if (from == to) return {};
  return Entity{std::string(type), static_cast<int32_t>(from - words.begin()),
                static_cast<int32_t>(to - words.begin()) - 1};
}

// Of entities that share characters, keeps the one that begins first, and of those the longest.
void SpanReader::drop_overlaps() {
  auto& entities = text_.entities;
  std::sort(entities.begin(), entities.end(), [](const Entity& a, const Entity& b) {
    return a.first != b.first ? a.first < b.first : a.last > b.last;
  });
  int32_t free = 0;
  const auto overlaps = [&](const Entity& entity) {
    if (entity.first < free) return true;
    free = entity.last + 1;
    return false;
  };
  std::vector<Entity> kept;
  for (Entity& entity : entities) {
    if (!overlaps(entity)) kept.push_back(std::move(entity));
  }
  overlapping_ += static_cast<int64_t>(entities.size() - kept.size());
  entities = std::move(kept);
}

void SpanReader::report(const std::filesystem::path& path) const {
  if (misplaced_ > 0) {
    log_warning("'{}': {} spans do not hold their text and were left out, the first at {}",
                path.string(), misplaced_, first_misplaced_);
  }
  if (overlapping_ > 0) {
    log_warning("'{}': {} entities overlap another one and were left out", path.string(),
                overlapping_);
  }
}

TaggedJsonReader::TaggedJsonReader(const JsonText& json, TagCensus& census)
    : json_(json), census_(census), records_(json, kLayout) {}

bool TaggedJsonReader::next(TaggedText& text) {
  const std::optional<JsonRecord> record = records_.next();
  if (!record) return false;
  const bool words = find_key(*record, kWordKeys) != nullptr;
  (words ? has_words_ : has_spans_) = true;
  if (has_words_ && has_spans_) record->fail("some records have words and others do not");
  if (words) {
    text = read_tags(json_.path(), read_words(*record), census_);
  } else {
    text = spans_.read(*record);
    if (!record->has("label") && !text.words.empty()) census_.add_unlabelled(record->place());
  }
  return true;
}

}  // namespace bertune
