// SPDX-License-Identifier: Apache-2.0
// Reads tagged texts from JSON records: {"words": [...], "tags": [...]} (or tokens; ner_tags,
// labels), and CLUENER's {"text": ..., "label": {TYPE: {TEXT: [[first, last], ...]}}}.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "datasets/json/records.h"
#include "datasets/tagged/census.h"
#include "datasets/tagged/sentences.h"
#include "text/code_point_index.h"

namespace bertune {

// Reads texts with spans, whose two ends count code points and are inclusive.
class SpanReader {
 public:
  TaggedText read(const JsonRecord& record);
  void report(const std::filesystem::path& path) const;

 private:
  void read_type(const JsonRecord& record, std::string_view type, JsonRecord::Object spans);
  void add_span(const JsonRecord& record, std::string_view type, std::string_view written,
                JsonRecord::Element span);
  std::optional<Entity> entity_at(std::string_view type, std::string_view written, int64_t first,
                                  int64_t last) const;
  void drop_overlaps();

  TaggedText text_;
  CodePointIndex code_points_;
  int64_t misplaced_ = 0;
  int64_t overlapping_ = 0;
  std::string first_misplaced_;
};

class TaggedJsonReader {
 public:
  // `json` and `census` must outlive the reader.
  TaggedJsonReader(const JsonText& json, TagCensus& census);

  // Replaces `text` by the next one; false at the end. Throws Error{kInput}.
  bool next(TaggedText& text);

  bool has_spans() const { return has_spans_; }  // in what was read so far
  void report() const { spans_.report(json_.path()); }

 private:
  const JsonText& json_;
  TagCensus& census_;
  JsonRecords records_;
  SpanReader spans_;
  bool has_words_ = false, has_spans_ = false;
};

}  // namespace bertune
