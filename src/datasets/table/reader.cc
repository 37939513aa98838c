// SPDX-License-Identifier: Apache-2.0
#include "datasets/table/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/log.h"
#include "bertune/error.h"
#include "datasets/json/scanner.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

constexpr std::array kEndings{".tsv", ".csv", ".jsonl", ".json"};

std::string json_layout() {
  return fmt::format(
      "a record is {{\"text\": \"...\", \"label\": ...}}, or with \"sentence1\" and "
      "\"sentence2\" for a pair; {}, {} and {} name other keys",
      option("text_column"), option("text_pair_column"), option("label_column"));
}

Delimited format_of(const fs::path& path, std::string_view text) {
  if (path.extension() == ".tsv") return Delimited::kTsv;
  const std::string_view first = text.substr(0, text.find('\n'));
  const bool tabs = first.find('\t') != std::string_view::npos;
  return path.extension() == ".csv" || !tabs ? Delimited::kCsv : Delimited::kTsv;
}

bool is_json(const JsonText& file) {
  if (file.examples()) return true;
  const fs::path& path = file.path();
  if (path.extension() == ".tsv" || path.extension() == ".csv") return false;
  const char first = JsonScanner(file.text()).peek();
  return first == '{' || first == '[';
}

}  // namespace

const KnownFiles& TextReader::known_files() {
  static const KnownFiles kFiles = [] {
    KnownFiles files{.train = usual_names(Split::kTrain, kEndings),
                     .evaluate = usual_names(Split::kEvaluate, kEndings)};
    files.evaluate.insert(files.evaluate.begin(),
                          FileGroup{"dev_matched.tsv", "dev_mismatched.tsv"});
    return files;
  }();
  return kFiles;
}

TextReader::TextReader(const Dataset& dataset, Split, TextColumns columns, TextColumns kept)
    : file_(dataset),
      columns_(std::move(columns)),
      kept_(std::move(kept)),
      passed_(file_.passed()),
      names_(columns_.names) {
  if (is_json(file_)) {
    records_.emplace(file_, json_layout());
  } else {
    rows_.emplace(path(), file_.text(), format_of(path(), file_.text()));
    if (rows_->next()) has_header_ = read_header(*rows_);
  }
  rewind();
}

void TextReader::rewind() {
  dropped_ = 0;
  empty_ = 0;
  passed_.rewind();
  if (records_) {
    records_.emplace(file_, json_layout());
    return;
  }
  rows_.emplace(path(), file_.text(), format_of(path(), file_.text()));
  if (has_header_) rows_->next();
}

bool TextReader::next(TextData& data) {
  if (data.examples.empty()) data.path = path();
  return records_ ? next_record(data) : next_row(data);
}

void TextReader::complete(TextInfo& info) const {
  info.pairs |= pairs_;
  if (glue_ != nullptr) info.glue = glue_;
}

// Finds the columns. Returns whether the row is a header and not the first example.
bool TextReader::read_header(const DelimitedReader& first) {
  const std::vector<std::string>& names = first.fields();
  width_ = names.size();
  columns_ = take_kept(names, columns_, kept_);
  if (!columns_.given()) recognize_columns(first);
  const bool header = !are_numbers(columns_);
  indices_ = header ? find_columns(names, columns_, at("the header")) : numbered_columns(columns_);
  if (indices_.last() >= static_cast<int64_t>(width_)) {
    throw Error(ErrorKind::kInput,
                fmt::format("{}: column {} is needed, but the row has {}", at("line 1"),
                            indices_.last() + 1, width_),
                "columns count from 1");
  }
  pairs_ = indices_.text_pair >= 0;
  return header;
}

// Takes GLUE's columns if the first two rows are those of its files.
void TextReader::recognize_columns(const DelimitedReader& first) {
  DelimitedReader second = first;
  const bool more = second.next();
  glue_ = recognize_glue(first.fields(), more ? second.fields() : first.fields());
  if (glue_ == nullptr) return;
  columns_ = {.text = glue_->text, .text_pair = glue_->text_pair, .label = glue_->label};
}

bool TextReader::next_row(TextData& data) {
  while (rows_->next()) {
    passed_.pass_to(rows_->position());
    if (!is_whole(*rows_)) continue;
    const auto field = [&](int64_t i) { return i < 0 ? std::string() : rows_->fields()[i]; };
    add({.text = field(indices_.text),
         .text_pair = field(indices_.text_pair),
         .label = field(indices_.label)},
        fmt::format("line {}", rows_->line()), data);
    return true;
  }
  return false;
}

// Returns whether a row has all fields, and throws if it must have them.
bool TextReader::is_whole(const DelimitedReader& row) {
  const size_t count = row.fields().size();
  if (glue_ != nullptr) {
    const bool missing = indices_.last() >= static_cast<int64_t>(count);
    dropped_ += missing;
    return !missing;
  }
  if (count == width_) return true;
  throw Error(ErrorKind::kInput,
              fmt::format("{}: {} fields, but the first row has {}",
                          at(fmt::format("line {}", row.line())), count, width_),
              "every row has the same number of fields; a text with commas, quotes or line ends "
              "needs double quotes in CSV, and TSV has no quoting");
}

bool TextReader::next_record(TextData& data) {
  const std::optional<JsonRecord> record = records_->next();
  if (!record) return false;
  const std::vector<std::string> keys = record->keys();
  const ColumnIndices found =
      find_columns(keys, take_kept(keys, columns_, kept_), at(record->place()));
  const auto text = [&](int64_t i) {
    return i < 0 ? std::string() : std::string(record->string(keys[i]));
  };
  const bool labelled = found.label >= 0 && record->has(keys[found.label]);
  pairs_ |= found.text_pair >= 0;
  add({.text = text(found.text),
       .text_pair = text(found.text_pair),
       .label = labelled ? record->scalar(record->at(keys[found.label]), keys[found.label]) : ""},
      record->place(), data);
  return true;
}

void TextReader::add(TextExample example, const std::string& place, TextData& data) {
  example.label = label_of(example.label, place);
  if (is_blank(example.text) && empty_++ == 0) first_empty_ = place;
  data.examples.push_back(std::move(example));
  data.places.push_back(place);
}

// The name of a label that may be written as its index.
std::string TextReader::named(const std::string& label) {
  size_t index = 0;
  const char* end = label.data() + label.size();
  const auto parsed = std::from_chars(label.data(), end, index);
  if (parsed.ec != std::errc() || parsed.ptr != end || index >= names_.size()) return label;
  numbered_ = true;
  return names_[index];
}

// The name of a label, which GLUE's files may give as a number.
std::string TextReader::label_of(const std::string& written, const std::string& place) {
  if (written.empty()) {
    throw Error(ErrorKind::kInput, fmt::format("{}: the row has no label", at(place)),
                "every row of training and evaluation data needs a label");
  }
  if (glue_ == nullptr || glue_->written.empty()) return named(written);
  const auto& known = glue_->written;
  const auto found = std::find(known.begin(), known.end(), written);
  if (found != known.end()) return glue_->labels[found - known.begin()];
  throw Error(ErrorKind::kInput,
              fmt::format("{}: '{}' is no label of GLUE's {} ({})", at(place), excerpt(written),
                          glue_->name, fmt::join(known, ", ")),
              fmt::format("if the file is not GLUE's, name its columns with {} and {}",
                          option("text_column"), option("label_column")));
}

std::string TextReader::at(const std::string& place) const {
  return fmt::format("'{}', {}", path().string(), place);
}

void TextReader::report() const {
  if (glue_ != nullptr) {
    log_info("'{}' is read as a file of GLUE's {}; naming the columns turns this off",
             path().string(), glue_->name);
  }
  if (numbered_) {
    log_info("'{}': labels that are numbers are read as indices into {}", path().string(),
             excerpt_list(names_));
  }
  if (dropped_ > 0) {
    log_warning("'{}': {} rows with missing fields were left out", path().string(), dropped_);
  }
  if (empty_ > 0) {
    log_warning("'{}': {} texts are empty, the first at {}", path().string(), empty_, first_empty_);
  }
}

}  // namespace bertune
