// SPDX-License-Identifier: Apache-2.0
#include "tasks/text_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/json.h"
#include "base/log.h"
#include "bertune/error.h"
#include "tasks/delimited.h"
#include "tasks/json_records.h"
#include "tasks/text_columns.h"
#include "tasks/text_file.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

constexpr std::array kEndings{".tsv", ".csv", ".jsonl", ".json"};
constexpr const char* kJsonLayout =
    "a record is {\"text\": \"...\", \"label\": ...}, or with \"sentence1\" and \"sentence2\" for "
    "a "
    "pair; --text-column, --text-pair-column and --label-column name other keys";

bool is_there(const fs::path& path) {
  std::error_code ignored;  // what cannot be looked at is not there
  return fs::exists(path, ignored);
}

std::vector<const char*> usual_names(TextPurpose purpose) {
  if (purpose == TextPurpose::kTrain) return {"train"};
  if (purpose == TextPurpose::kEvaluate) return {"dev", "validation", "valid", "test"};
  return {"test", "dev"};
}

// One file while it is read.
class TextReader {
 public:
  TextReader(const fs::path& path, TextPurpose purpose, const TextColumns& columns,
             const TextColumns& kept, TextData& data)
      : path_(path), purpose_(purpose), columns_(columns), kept_(kept), data_(data) {}

  void read();

 private:
  void read_json();
  void read_rows(std::string_view text, Delimited format);
  bool read_header(DelimitedReader& reader);
  void read_row(const DelimitedReader& reader);
  void read_record(const JsonRecord& record);
  void add(TextExample example, std::string place);
  std::string label_of(const std::string& written, const std::string& place) const;
  std::string at(const std::string& place) const {
    return fmt::format("'{}', {}", path_.string(), place);
  }
  void warn() const;

  const fs::path& path_;
  TextPurpose purpose_;
  TextColumns columns_;
  const TextColumns& kept_;
  TextData& data_;
  ColumnIndices indices_;
  size_t width_ = 0;  // fields of a row
  int64_t dropped_ = 0;
  int64_t empty_ = 0;
  std::string first_empty_;
};

Delimited format_of(const fs::path& path, std::string_view text) {
  if (path.extension() == ".tsv") return Delimited::kTsv;
  const std::string_view first = text.substr(0, text.find('\n'));
  const bool tabs = first.find('\t') != std::string_view::npos;
  return path.extension() == ".csv" || !tabs ? Delimited::kCsv : Delimited::kTsv;
}

bool is_json(const fs::path& path, std::string_view text) {
  if (path.extension() == ".tsv" || path.extension() == ".csv") return false;
  const size_t begin = text.find_first_not_of(" \t\r\n");
  return begin != std::string_view::npos && (text[begin] == '{' || text[begin] == '[');
}

void TextReader::read() {
  const std::string text = read_text_file(path_);
  if (is_json(path_, text)) {
    read_json();
  } else {
    read_rows(text, format_of(path_, text));
  }
  warn();
}

void TextReader::read_rows(std::string_view text, Delimited format) {
  DelimitedReader reader(path_, text, format);
  if (!reader.next()) return;
  if (read_header(reader) && !reader.next()) return;
  do read_row(reader);
  while (reader.next());
}

// Finds the columns; false: the row is no header, but the first example.
bool TextReader::read_header(DelimitedReader& reader) {
  const std::vector<std::string> names = reader.fields();
  width_ = names.size();
  columns_ = take_kept(names, columns_, kept_);
  if (!columns_.given()) {
    DelimitedReader ahead = reader;
    const bool more = ahead.next();
    const GlueTask* glue = recognize_glue(names, more ? ahead.fields() : names);
    if (glue != nullptr) {
      if (data_.glue == nullptr) {
        log_info("'{}' is read as a file of GLUE's {}; naming the columns turns this off",
                 path_.string(), glue->name);
      }
      data_.glue = glue;
      columns_ = {.text = glue->text, .text_pair = glue->text_pair, .label = glue->label};
    }
  }
  const bool header = !are_numbers(columns_);
  indices_ = header ? find_columns(names, columns_, purpose_, at("the header"))
                    : numbered_columns(columns_);
  if (indices_.last() >= static_cast<int64_t>(width_)) {
    throw Error(ErrorKind::kInput,
                fmt::format("{}: column {} is asked for, but the row has {}", at("line 1"),
                            indices_.last() + 1, width_),
                "columns count from 1");
  }
  data_.pairs |= indices_.text_pair >= 0;
  return header;
}

void TextReader::read_row(const DelimitedReader& reader) {
  const std::vector<std::string>& fields = reader.fields();
  const std::string place = fmt::format("line {}", reader.line());
  const auto count = static_cast<int64_t>(fields.size());
  if (data_.glue != nullptr && indices_.last() >= count) {
    ++dropped_;
    return;
  }
  if (data_.glue == nullptr && fields.size() != width_) {
    throw Error(ErrorKind::kInput,
                fmt::format("{}: {} fields, but the first row has {}", at(place), count, width_),
                "every row has the same number of fields; a text with commas, quotes or line ends "
                "stands in double quotes (CSV), and TSV has no quoting");
  }
  const auto field = [&](int64_t i) { return i < 0 ? std::string() : fields[i]; };
  add({.text = field(indices_.text),
       .text_pair = field(indices_.text_pair),
       .label = field(indices_.label)},
      place);
}

void TextReader::read_json() {
  const JsonText json(path_);
  for_each_record(json, kJsonLayout, [&](const JsonRecord& record) { read_record(record); });
}

void TextReader::read_record(const JsonRecord& record) {
  const std::vector<std::string> keys = record.keys();
  const ColumnIndices found =
      find_columns(keys, take_kept(keys, columns_, kept_), purpose_, at(record.place()));
  const auto text = [&](int64_t i) {
    return i < 0 ? std::string() : std::string(record.string(keys[i]));
  };
  const bool labelled = found.label >= 0 && record.has(keys[found.label]);
  data_.pairs |= found.text_pair >= 0;
  add({.text = text(found.text),
       .text_pair = text(found.text_pair),
       .label = labelled ? record.scalar(record.at(keys[found.label]), keys[found.label]) : ""},
      record.place());
}

void TextReader::add(TextExample example, std::string place) {
  example.label = label_of(example.label, place);
  if (is_blank(example.text) && empty_++ == 0) first_empty_ = place;
  data_.examples.push_back(std::move(example));
  data_.places.push_back(std::move(place));
}

// The name of a label; GLUE's files write some as numbers.
std::string TextReader::label_of(const std::string& written, const std::string& place) const {
  if (written.empty() && purpose_ != TextPurpose::kPredict) {
    throw Error(ErrorKind::kInput, fmt::format("{}: the row has no label", at(place)),
                "every row of training and evaluation data needs one");
  }
  if (written.empty() || data_.glue == nullptr || data_.glue->written.empty()) return written;
  const auto& known = data_.glue->written;
  const auto found = std::find(known.begin(), known.end(), written);
  if (found != known.end()) return data_.glue->labels[found - known.begin()];
  throw Error(ErrorKind::kInput,
              fmt::format("{}: '{}' is no label of GLUE's {} ({})", at(place), excerpt(written),
                          data_.glue->name, fmt::join(known, ", ")),
              "if the file is your own, name its columns: --text-column ... --label-column ...");
}

void TextReader::warn() const {
  if (dropped_ > 0) {
    log_warning("'{}': {} rows with missing fields were left out", path_.string(), dropped_);
  }
  if (empty_ > 0) {
    log_warning("'{}': {} texts are empty, the first at {}", path_.string(), empty_, first_empty_);
  }
}

}  // namespace

std::string TextData::place_of(size_t example) const {
  const auto behind = std::find_if(sources.begin(), sources.end(),
                                   [&](const TextSource& s) { return s.begin > example; });
  return fmt::format("'{}', {}", std::prev(behind)->path.string(), places[example]);
}

std::vector<fs::path> find_text_files(const fs::path& path, TextPurpose purpose) {
  std::error_code ignored;  // opening the file says what is wrong with it
  if (!fs::is_directory(path, ignored)) return {path};
  const bool matched = is_there(path / "dev_matched.tsv") && is_there(path / "dev_mismatched.tsv");
  if (matched && purpose == TextPurpose::kEvaluate) {
    return {path / "dev_matched.tsv", path / "dev_mismatched.tsv"};
  }
  const std::vector<const char*> names = usual_names(purpose);
  for (const char* name : names) {
    for (const char* ending : kEndings) {
      if (const fs::path file = path / (std::string(name) + ending); is_there(file)) return {file};
    }
  }
  throw Error(
      ErrorKind::kInput,
      fmt::format("'{}' has no file named {} with the ending {}: {}", path.string(),
                  fmt::join(names, " or "), fmt::join(kEndings, " or "), describe_folder(path)),
      "name the file, or give a folder with such a file");
}

TextData read_text_data(const fs::path& path, TextPurpose purpose, const TextColumns& columns,
                        const TextColumns& kept) {
  TextData data;
  for (const fs::path& file : find_text_files(path, purpose)) {
    data.sources.push_back({file, data.examples.size()});
    TextReader(file, purpose, columns, kept, data).read();
  }
  if (!data.examples.empty()) return data;
  throw Error(ErrorKind::kInput, fmt::format("'{}' holds no example", path.string()),
              "give a file with at least one row below its header");
}

}  // namespace bertune
