// SPDX-License-Identifier: Apache-2.0
#include "datasets/tagged/reader.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "datasets/json/scanner.h"

namespace bertune {
namespace {

constexpr std::array kEndings{".conll", ".txt", ".tsv", ".jsonl", ".json"};

bool is_json(const JsonText& file) {
  JsonScanner scanner(file.text());
  return file.examples() || scanner.peek() == '{' ||
         file.text().substr(scanner.position()).starts_with("[{");
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

TaggedReader::TaggedReader(const Dataset& dataset, Split, const TaggedColumns& columns)
    : file_(dataset), columns_(columns) {
  rewind();
}

void TaggedReader::rewind() {
  empty_ = 0;
  census_ = TagCensus(columns_);
  if (is_json(file_)) {
    json_.emplace(file_, census_);
  } else {
    conll_.emplace(file_.file(), columns_, census_);
  }
}

bool TaggedReader::next(TaggedData& data) {
  TaggedText text;
  do {
    if (!(json_ ? json_->next(text) : conll_->next(text))) return false;
  } while (is_empty(text));
  if (data.texts.empty()) data.path = file_.path();
  data.texts.push_back(std::move(text));
  return true;
}

bool TaggedReader::is_empty(const TaggedText& text) {
  if (!text.words.empty()) return false;
  if (empty_++ == 0) first_empty_ = text.place;
  return true;
}

void TaggedReader::complete(TaggedInfo& info) const {
  if (info.unlabelled.empty() && !census_.unlabelled().empty()) {
    info.unlabelled = fmt::format("'{}', {}", file_.path().string(), census_.unlabelled());
  }
  info.numbered |= census_.numbered();
  info.scheme = scheme() == TagScheme::kIob1 ? TagScheme::kIob2 : scheme();
  if (has_spans()) info.scheme = TagScheme::kBios;
}

void TaggedReader::report() const {
  if (empty_ > 0) {
    log_warning("'{}': {} records have no words and were left out, the first at {}",
                file_.path().string(), empty_, first_empty_);
  }
  has_spans() ? json_->report() : census_.report(file_.path(), scheme());
}

}  // namespace bertune
