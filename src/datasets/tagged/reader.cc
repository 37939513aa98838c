// SPDX-License-Identifier: Apache-2.0
#include "datasets/tagged/reader.h"

#include <array>
#include <string_view>
#include <utility>

#include "datasets/json/scanner.h"

namespace bertune {
namespace {

constexpr std::array kEndings{".conll", ".txt", ".tsv", ".jsonl", ".json"};

bool is_json(std::string_view text) {
  JsonScanner scanner(text);
  return scanner.peek() == '{' || text.substr(scanner.position()).starts_with("[{");
}

}  // namespace

const KnownFiles& TaggedReader::known_files() {
  static const KnownFiles kFiles = [] {
    KnownFiles files{.train = usual_names(Split::kTrain, kEndings),
                     .evaluate = usual_names(Split::kEvaluate, kEndings)};
    files.train.push_back({"eng.train"});  // CoNLL-2003
    files.evaluate.push_back({"eng.testa"});
    return files;
  }();
  return kFiles;
}

TaggedReader::TaggedReader(const std::filesystem::path& path, Split, const TaggedColumns& columns)
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

bool TaggedReader::next(TaggedData& data) {
  TaggedText text;
  if (!(json_ ? json_->next(text) : conll_->next(text))) return false;
  if (data.texts.empty()) data.path = file_.path();
  data.texts.push_back(std::move(text));
  return true;
}

void TaggedReader::complete(TaggedInfo& info) const {
  info.labelled &= census_.labelled();
  info.characters |= has_spans();
  info.scheme = scheme() == TagScheme::kIob1 ? TagScheme::kIob2 : scheme();
  if (has_spans()) info.scheme = TagScheme::kBios;
}

void TaggedReader::report() const {
  has_spans() ? json_->report() : census_.report(file_.path(), scheme());
}

}  // namespace bertune
