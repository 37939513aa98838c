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
#include "text/python_text.h"

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
  if (columns_.separator.empty()) columns_.separator = kept_.separator;
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
  info.multi_label |= multi_label_;
  if (!label_columns_.empty()) info.label_columns = label_columns_;
}

// Finds the columns. Returns whether the row is a header and not the first example.
bool TextReader::read_header(const DelimitedReader& first) {
  const std::vector<std::string>& names = first.fields();
  width_ = names.size();
  columns_ = take_kept(names, columns_, kept_);
  if (!columns_.given() && columns_.separator.empty()) recognize_columns(first);
  const bool header = !are_numbers(columns_);
  indices_ = header ? find_columns(names, columns_, at("the header")) : numbered_columns(columns_);
  if (indices_.last() >= static_cast<int64_t>(width_)) {
    throw Error(ErrorKind::kInput,
                fmt::format("{}: column {} is needed, but the row has {}", at("line 1"),
                            indices_.last() + 1, width_),
                "columns count from 1");
  }
  pairs_ = indices_.text_pair >= 0;
  header_ = names;
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
    const std::string place = fmt::format("line {}", rows_->line());
    TextExample example{.text = field(indices_.text), .text_pair = field(indices_.text_pair)};
    set_labels(indices_, header_, field, place, example);
    add(std::move(example), place, data);
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
  pairs_ |= found.text_pair >= 0;
  TextExample example{.text = text(found.text), .text_pair = text(found.text_pair)};
  const std::string key = found.label < 0 ? std::string() : keys[found.label];
  if (found.label >= 0 && record->has(key) && record->at(key).is_array()) {
    set_labels(*record, key, example);
  } else {
    const auto value = [&](int64_t i) {
      return record->has(keys[i]) ? record->scalar(record->at(keys[i]), keys[i]) : std::string();
    };
    set_labels(found, keys, value, record->place(), example);
  }
  add(std::move(example), record->place(), data);
  return true;
}

void TextReader::set_labels(const JsonRecord& record, const std::string& key,
                            TextExample& example) {
  multi_label_ = true;
  for (const JsonRecord::Element label : record.array(key)) {
    example.labels.push_back(record.scalar(label, key));
    if (example.labels.back().empty()) record.fail("a label is empty");
  }
}

template <typename Value>
void TextReader::set_labels(const ColumnIndices& found, std::span<const std::string> names,
                            const Value& value_of, const std::string& place, TextExample& example) {
  multi_label_ |= !found.labels.empty() || !columns_.separator.empty();
  if (found.labels.empty()) {
    const std::string written = value_of(found.label);
    if (columns_.separator.empty()) {
      example.label = label_of(written, place);
    } else {
      example.labels = split_labels(written);
    }
    return;
  }
  label_columns_.clear();
  for (const int64_t i : found.labels) {
    label_columns_.push_back(names[i]);
    if (is_set(names[i], value_of(i), place)) example.labels.push_back(names[i]);
  }
}

// The parts of a cell without white space around them; empty ones are left out.
std::vector<std::string> TextReader::split_labels(std::string_view cell) const {
  std::vector<std::string> labels;
  const std::string& separator = columns_.separator;
  for (size_t begin = 0; begin <= cell.size();) {
    const size_t end = std::min(cell.find(separator, begin), cell.size());
    const std::string_view label = python_strip(cell.substr(begin, end - begin));
    if (!label.empty()) labels.emplace_back(label);
    begin = end + separator.size();
  }
  return labels;
}

// Whether a column that is a label of its own has the value 1.
bool TextReader::is_set(const std::string& name, const std::string& value,
                        const std::string& place) const {
  constexpr std::array kSet{"1", "1.0", "true", "True"}, kUnset{"0", "0.0", "false", "False"};
  if (std::find(kSet.begin(), kSet.end(), value) != kSet.end()) return true;
  if (std::find(kUnset.begin(), kUnset.end(), value) != kUnset.end()) return false;
  throw Error(ErrorKind::kInput,
              fmt::format("{}: '{}' in column '{}' is neither 0 nor 1", at(place), excerpt(value),
                          excerpt(name)),
              "a column that is a label of its own says 1 where a text has the label, otherwise 0");
}

void TextReader::add(TextExample example, const std::string& place, TextData& data) {
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
