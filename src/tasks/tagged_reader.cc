// SPDX-License-Identifier: Apache-2.0
#include "tasks/tagged_reader.h"

#include <string_view>

namespace bertune {
namespace {

bool is_json(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return false;
  return text[begin] == '{' || (text[begin] == '[' && text.find('{', begin) == begin + 1);
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
