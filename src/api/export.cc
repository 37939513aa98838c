// SPDX-License-Identifier: Apache-2.0
// Exports a model for other programs. The file contents are written by formats/.
#include <fmt/format.h>
#include <unistd.h>

#include <string>
#include <system_error>
#include <vector>

#include "base/io.h"
#include "base/log.h"
#include "base/require_option.h"
#include "bertune/bertune.h"
#include "bertune/error.h"
#include "bertune/tokenizer.h"
#include "formats/export_folder.h"
#include "formats/huggingface/folder.h"
#include "formats/model_files.h"
#include "formats/weights.h"
#include "hub/resolve.h"
#include "model/family.h"
#include "model/heads/heads.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

fs::path extension_of(const ModelFormat& format) {
  return fs::path(format.writer->weight_files.front()).extension();
}

// Whether the output is a single weights file: its name has the extension of the format.
bool names_a_file(const fs::path& output, const ModelFormat& format) {
  for (const ModelFormat* other : export_formats()) {
    if (output.extension() != extension_of(*other)) continue;
    if (other == &format) return true;
    throw Error(ErrorKind::kUsage,
                fmt::format("{} '{}' has the extension of the format {}", option("output"),
                            output.string(), other->name),
                fmt::format("set {}, or choose another {}", option("format", other->name),
                            option("output")));
  }
  return false;
}

// Nothing at the output path may be lost, except the files of an earlier export.
void require_free(const fs::path& output, const ModelFiles& model, bool file) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(output, error))) return;
  if (fs::equivalent(output, model.folder, error)) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("{} '{}' is the folder of the model itself", option("output"), output.string()),
        "name another folder");
  }
  if (!file && fs::is_directory(output, error) && is_export_folder(output)) return;
  throw Error(ErrorKind::kUsage,
              fmt::format("'{}' already exists; only a folder written by an export is replaced",
                          output.string()),
              "name another " + option("output") + ", or remove it first");
}

struct Source {
  BertConfig config;
  std::string architecture;
  ParameterList list;
  std::vector<float> values;
  Tokenizer tokenizer;
};

Source read_source(const ModelFiles& model) {
  BertConfig config = read_config(model);
  const HeadKind head = head_of_architecture(config.architecture).value_or(HeadKind::kNone);
  ParameterList list = list_parameters(config, head);
  HostWeights weights = read_weights(model, list);
  if (!weights.missing_head.empty()) {
    throw Error(ErrorKind::kInput,
                fmt::format("'{}' is a {} according to its config, but {} is missing",
                            model.path.string(), config.architecture, weights.missing_head.front()),
                "fine-tune it first: set it as the " + option("model") + " of training");
  }
  if (head == HeadKind::kNone)
    log_info("{} has no task head: only the encoder is exported", model.path.string());
  Tokenizer tokenizer = Tokenizer::load(model.folder);
  require_vocabulary_size(config, tokenizer.vocabulary().size(), model.folder);
  std::string architecture = architecture_of(head, family_of(config));
  return {std::move(config), std::move(architecture), std::move(list), std::move(weights.values),
          std::move(tokenizer)};
}

void export_file(const fs::path& output, const ModelContents& contents, const ModelFormat& format) {
  write_file_atomic(output,
                    [&](const fs::path& file) { write_export_file(file, contents, format); });
  log_info(
      "only the weights are written; an output folder would also contain config and tokenizer");
}

// Moves an earlier export aside until the new one is in place.
void export_folder(const fs::path& output, const ModelContents& contents,
                   const ModelFormat& format) {
  const fs::path earlier =
      output.parent_path() /
      fmt::format(".{}.old.partial-{}", output.filename().string(), ::getpid());
  bool moved = false;
  try {
    write_folder_atomic(output, [&](const fs::path& folder) {
      write_export_folder(folder, contents, format);
      std::error_code error;
      fs::rename(output, earlier, error);
      moved = !error;  // otherwise there is none, or the final rename fails and reports why
    });
  } catch (...) {
    std::error_code ignored;
    if (moved) fs::rename(earlier, output, ignored);
    throw;
  }
  std::error_code error;
  if (moved) fs::remove_all(earlier, error);
  if (error) log_warning("cannot remove '{}': {}", earlier.string(), error.message());
}

void warn_of_differences(const ModelFormat& format, const BertConfig& config) {
  if (format.writer->caveat == nullptr) return;
  const std::string caveat = format.writer->caveat(config);
  if (!caveat.empty()) log_warning("{}", caveat);
}

// "out/" has an empty file name; this returns "out".
fs::path without_slash(const fs::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

void check_options(const ExportRequest& request) {
  names_a_file(request.output, find_export_format(request.format));
  require_given(request.model, "model", "./output/checkpoint-100");
  require_given(request.output, "output", "./exported");
}

}  // namespace

fs::path export_model(const ExportRequest& request, const FetchSink& fetching) {
  check_options(request);
  const ModelFormat& format = find_export_format(request.format);
  const fs::path output = without_slash(request.output);
  const bool file = names_a_file(output, format);
  const ModelFiles model = find_model_files(resolve_model(request.model, fetching));
  require_free(output, model, file);
  const Source source = read_source(model);
  if (format.writer->require_model != nullptr) format.writer->require_model(source.config);
  warn_of_differences(format, source.config);
  if (output.has_parent_path()) require_writable_folder(output.parent_path());
  const ModelContents contents{.config = source.config,
                               .architecture = source.architecture,
                               .list = source.list,
                               .values = source.values,
                               .vocabulary = source.tokenizer.vocabulary(),
                               .normalization = source.tokenizer.normalization()};
  if (file) {
    export_file(output, contents, format);
  } else {
    export_folder(output, contents, format);
  }
  return output;
}

}  // namespace bertune
