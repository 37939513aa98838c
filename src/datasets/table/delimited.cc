// SPDX-License-Identifier: Apache-2.0
#include "datasets/table/delimited.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "bertune/error.h"

namespace bertune {

DelimitedReader::DelimitedReader(std::filesystem::path path, std::string_view text,
                                 Delimited format)
    : path_(std::move(path)), lines_(text), format_(format) {}

bool DelimitedReader::next() {
  fields_.clear();
  for (std::string_view line; lines_.next(line);) {
    if (is_blank(line)) continue;
    line_ = lines_.number();
    format_ == Delimited::kTsv ? split_tabs(line) : read_csv_row(line);
    return true;
  }
  return false;
}

void DelimitedReader::split_tabs(std::string_view line) {
  for (size_t begin = 0; begin <= line.size();) {
    const size_t end = std::min(line.find('\t', begin), line.size());
    fields_.emplace_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
}

void DelimitedReader::read_csv_row(std::string_view rest) {
  for (;;) {
    fields_.emplace_back();
    if (rest.starts_with('"')) {
      read_quoted(rest);
    } else {
      const size_t end = std::min(rest.find(','), rest.size());
      fields_.back() = rest.substr(0, end);
      rest.remove_prefix(end);
    }
    if (rest.empty()) return;
    if (rest.front() != ',') {
      fail(fmt::format("'{}' follows the closing quote of field {}", excerpt(rest), fields_.size()),
           "a field that begins with a double quote ends with one; a quote inside is doubled: "
           "\"a \"\"word\"\"\"");
    }
    rest.remove_prefix(1);
  }
}

// `rest` begins with a quote; on return it begins after the closing one, possibly lines later.
void DelimitedReader::read_quoted(std::string_view& rest) {
  rest.remove_prefix(1);
  std::string& field = fields_.back();
  for (;;) {
    const size_t quote = rest.find('"');
    if (quote == std::string_view::npos) {
      field.append(rest);
      if (!lines_.next(rest)) {
        fail(fmt::format("the quote that opens field {} is never closed", fields_.size()),
             "close it, or double it where a text begins with a quote; a file without quoting is "
             "read as tab-separated when its name ends in .tsv");
      }
      field += '\n';
      continue;
    }
    field.append(rest.substr(0, quote));
    rest.remove_prefix(quote + 1);
    if (!rest.starts_with('"')) return;
    field += '"';
    rest.remove_prefix(1);
  }
}

void DelimitedReader::fail(const std::string& what, const char* hint) const {
  throw Error(ErrorKind::kInput, fmt::format("'{}', line {}: {}", path_.string(), line_, what),
              hint);
}

}  // namespace bertune
