// SPDX-License-Identifier: Apache-2.0
#include "datasets/tagged/reader.h"

#include <string_view>

#include "datasets/json/scanner.h"

namespace bertune {
namespace {

bool is_json(std::string_view text) {
  JsonScanner scanner(text);
  return scanner.peek() == '{' || text.substr(scanner.position()).starts_with("[{");
}

}  // namespace

TaggedReader::TaggedReader(const std::filesystem::path& path, const TaggedColumns& columns)
    : file_(path), columns_(columns) {
  rewind();
}

void TaggedReader::rewind() {
  census_ = {};
  if (is_json(file_.text())) {
    json_.emplace(file_, census_);
  } else {
    conll_.emplace(file_.file(), columns_, census_);
  }
}

void TaggedReader::finish(TaggedData& data) const {
  data.labelled = census_.labelled();
  if (json_ && json_->has_spans()) {
    json_->report();
    data.characters = true;
    data.scheme = TagScheme::kBios;
    return;
  }
  const TagScheme scheme = columns_.scheme.value_or(census_.scheme());
  census_.report(file_.path(), scheme);
  data.scheme = scheme == TagScheme::kIob1 ? TagScheme::kIob2 : scheme;
}

}  // namespace bertune
