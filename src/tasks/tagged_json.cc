// Tagged texts in JSON: words with tags, and CLUENER's texts with spans.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/log.h"
#include "tasks/code_point_index.h"
#include "tasks/json_records.h"
#include "tasks/tagged_reader.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLayout =
    "a record is {\"words\": [\"Anna\", ...], \"tags\": [\"B-PER\", ...]}, or CLUENER's {\"text\": "
    "\"...\", \"label\": {\"name\": {\"Anna\": [[0, 3]]}}}";
constexpr std::array kWordKeys{"words", "tokens"};
constexpr std::array kTagKeys{"tags", "ner_tags", "labels"};

// The first of some keys that a record has; null: none.
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

void read_words(const JsonRecord& record, TagCollector& collector) {
  WrittenTags text{.words = strings(record, find_key(record, kWordKeys)),
                   .tags = {},
                   .places = {record.place()}};
  if (const char* key = find_key(record, kTagKeys)) text.tags = strings(record, key);
  if (!text.tags.empty() && text.tags.size() != text.words.size()) {
    record.fail(fmt::format("{} words, but {} tags", text.words.size(), text.tags.size()));
  }
  collector.add(std::move(text));
}

// Texts with spans, whose two ends count in code points and are inclusive.
class SpanReader {
 public:
  void read(const JsonRecord& record);
  TaggedData take(const fs::path& path);

 private:
  void read_type(const JsonRecord& record, std::string_view type, JsonRecord::Object spans);
  void add_span(const JsonRecord& record, std::string_view type, std::string_view written,
                JsonRecord::Element span);
  std::optional<Entity> entity_at(std::string_view type, std::string_view written, int64_t first,
                                  int64_t last) const;
  void drop_overlaps();

  TaggedData data_{.labelled = true, .characters = true, .scheme = TagScheme::kBios};
  TaggedText text_;
  CodePointIndex code_points_;
  int64_t misplaced_ = 0;
  int64_t overlapping_ = 0;
  std::string first_misplaced_;
};

void SpanReader::read(const JsonRecord& record) {
  text_ = split_characters(record.string("text"));
  code_points_ = CodePointIndex(text_.text);
  data_.labelled &= record.has("label");
  if (record.has("label")) {
    for (const auto& [type, spans] : record.object("label")) {
      read_type(record, type, record.as<JsonRecord::Object>(spans, "label's values", "objects"));
    }
  }
  drop_overlaps();
  data_.texts.push_back(std::move(text_));
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
    record.fail(fmt::format("a span of '{}' has not two ends", excerpt(written)));
  const auto first = record.as<int64_t>(ends.at(0), "a span's end", "a whole number");
  const auto last = record.as<int64_t>(ends.at(1), "a span's end", "a whole number");
  if (std::optional<Entity> entity = entity_at(type, written, first, last)) {
    text_.entities.push_back(std::move(*entity));
  } else if (misplaced_++ == 0) {
    first_misplaced_ = fmt::format("{} ('{}')", record.place(), excerpt(written));
  }
}

// Nothing where the span does not hold what is written.
std::optional<Entity> SpanReader::entity_at(std::string_view type, std::string_view written,
                                            int64_t first, int64_t last) const {
  if (first < 0 || last < first || last >= code_points_.size()) return {};
  const size_t begin = code_points_.byte_of(first), end = code_points_.byte_of(last + 1);
  if (std::string_view(text_.text).substr(begin, end - begin) != written) return {};
  const auto& words = text_.words;
  const auto from = std::find_if(words.begin(), words.end(),
                                 [&](const WordRange& w) { return w.begin >= begin; });
  const auto to = std::find_if(from, words.end(), [&](const WordRange& w) { return w.end > end; });
  if (from == to) return {};
  return Entity{std::string(type), static_cast<int32_t>(from - words.begin()),
                static_cast<int32_t>(to - words.begin()) - 1};
}

// Of entities that share characters the one that begins first counts, of those the longer one.
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

TaggedData SpanReader::take(const fs::path& path) {
  if (misplaced_ > 0) {
    log_warning("'{}': {} spans do not hold their text and were left out, the first at {}",
                path.string(), misplaced_, first_misplaced_);
  }
  if (overlapping_ > 0) {
    log_warning("'{}': {} entities overlap another one and were left out", path.string(),
                overlapping_);
  }
  return std::move(data_);
}

}  // namespace

TaggedData read_tagged_json(const fs::path& path, const TaggedColumns& columns) {
  const JsonText json(path);
  TagCollector collector(path);
  SpanReader spans;
  bool has_words = false, has_spans = false;
  for_each_record(json, kLayout, [&](const JsonRecord& record) {
    const bool words = find_key(record, kWordKeys) != nullptr;
    (words ? has_words : has_spans) = true;
    if (has_words && has_spans) record.fail("some records have words and others do not");
    words ? read_words(record, collector) : spans.read(record);
  });
  return has_words ? collector.finish(columns.scheme) : spans.take(path);
}

}  // namespace bertune
