// SPDX-License-Identifier: Apache-2.0
#include "formats/export_folder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>
#include <string_view>
#include <system_error>

#include "base/io.h"
#include "base/spelling.h"
#include "bertune/error.h"
#include "formats/huggingface/folder.h"
#include "formats/model_files.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

constexpr const char* kReadmeName = "README.md";
constexpr std::string_view kReadmeMark = "<!-- written by bertune export -->\n";

// The names of all files an export may consist of.
std::set<std::string> all_names() {
  std::set<std::string> names = {kReadmeName, kConfigName, kVocabularyName, kTokenizerName,
                                 kTokenizerConfigName};
  for (const ModelFormat* format : export_formats())
    names.insert(format->writer->weight_files.begin(), format->writer->weight_files.end());
  return names;
}

std::string readme(const ModelContents& contents, const ModelFormat& format) {
  return fmt::format("{}# {}\n\n{}", kReadmeMark, contents.architecture,
                     format.writer->readme(contents));
}

bool has_mark(const fs::path& readme) {
  return is_file(readme) && read_file(readme).starts_with(kReadmeMark);
}

}  // namespace

std::vector<const ModelFormat*> export_formats() {
  std::vector<const ModelFormat*> formats;
  for (const ModelFormat* format : model_formats()) {
    if (format->writer != nullptr) formats.push_back(format);
  }
  return formats;
}

const ModelFormat& find_export_format(const std::string& name) {
  std::vector<std::string> names;
  for (const ModelFormat* format : export_formats()) {
    if (name == format->name) return *format;
    names.emplace_back(format->name);
  }
  throw Error(ErrorKind::kUsage, fmt::format("there is no export format '{}'", name),
              fmt::format("did you mean {}? Available formats: {}", nearest_name(name, names),
                          fmt::join(names, ", ")));
}

void write_export_folder(const fs::path& folder, const ModelContents& contents,
                         const ModelFormat& format) {
  write_file(folder / kConfigName, format.writer->config(contents));
  write_tokenizer_files(folder, contents);
  write_file(folder / kReadmeName, readme(contents, format));
  format.writer->write_weights(folder / format.writer->weight_files.front(), contents);
}

void write_export_file(const fs::path& file, const ModelContents& contents,
                       const ModelFormat& format) {
  if (format.writer->require_one_file != nullptr) format.writer->require_one_file(contents);
  format.writer->write_weights(file, contents);
}

bool is_export_folder(const fs::path& folder) {
  std::error_code error;
  if (fs::is_empty(folder, error)) return true;
  if (error || !has_mark(folder / kReadmeName)) return false;
  const std::set<std::string> names = all_names();
  for (fs::directory_iterator i(folder, error), end; !error && i != end; i.increment(error)) {
    if (!names.contains(i->path().filename().string())) return false;
  }
  return !error;
}

}  // namespace bertune
