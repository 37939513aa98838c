// SPDX-License-Identifier: Apache-2.0
#include "datasets/table/text_rows.h"

#include <fmt/format.h>

#include "bertune/error.h"
#include "datasets/table/glue.h"

namespace bertune {
namespace {

Delimited format_by_name(const std::filesystem::path& path) {
  return path.extension() == ".tsv" ? Delimited::kTsv : Delimited::kCsv;
}

// GLUE's columns if the first two rows are those of its files, else the kept ones.
TextColumns choose_columns(const DelimitedReader& first, const TextColumns& kept) {
  const TextColumns columns = take_kept(first.fields(), {}, kept);
  if (columns.given()) return columns;
  DelimitedReader second = first;
  const bool more = second.next();
  const GlueTask* glue = recognize_glue(first.fields(), more ? second.fields() : first.fields());
  if (glue == nullptr) return columns;
  return {.text = glue->text, .text_pair = glue->text_pair};
}

}  // namespace

bool TextRows::is_table(const std::filesystem::path& path) {
  return path.extension() == ".tsv" || path.extension() == ".csv";
}

TextRows::TextRows(const std::filesystem::path& path, const TextColumns& kept)
    : file_(path), rows_(path, file_.text(), format_by_name(path)), passed_(file_) {
  if (!rows_.next()) return;
  width_ = rows_.fields().size();
  const TextColumns columns = choose_columns(rows_, kept);
  is_first_ = are_numbers(columns);
  indices_ =
      is_first_ ? numbered_columns(columns) : find_text_columns(rows_.fields(), columns, place());
  if (indices_.last() < static_cast<int64_t>(width_)) return;
  throw Error(ErrorKind::kInput,
              fmt::format("{}: column {} is needed, but the row has {}", place(),
                          indices_.last() + 1, width_),
              "the file needs the columns of the training data");
}

std::optional<TextExample> TextRows::next() {
  if (!is_first_ && !rows_.next()) return {};
  is_first_ = false;
  passed_.pass_to(rows_.position());
  const std::vector<std::string>& fields = rows_.fields();
  if (fields.size() != width_) {
    throw Error(
        ErrorKind::kInput,
        fmt::format("{}: {} fields, but the first row has {}", place(), fields.size(), width_),
        "every row has the same number of fields; a text with commas, quotes or line ends "
        "needs double quotes in CSV, and TSV has no quoting");
  }
  const auto field = [&](int64_t i) { return i < 0 ? std::string() : fields[i]; };
  return TextExample{.text = field(indices_.text),
                     .text_pair = field(indices_.text_pair),
                     .label = {},
                     .labels = {}};
}

std::string TextRows::place() const {
  return fmt::format("'{}', line {}", file_.path().string(), rows_.line());
}

}  // namespace bertune
