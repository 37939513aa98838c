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
#include "base/spelling.h"
#include "bertune/bertune.h"
#include "bertune/error.h"
#include "bertune/tokenizer.h"
#include "formats/export_folder.h"
#include "formats/mindspore/config.h"
#include "formats/model_files.h"
#include "formats/model_paths.h"
#include "formats/weights.h"
#include "hub/resolve.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

struct FormatName {
  const char* name;
  ExportFormat format;
};
constexpr FormatName kFormats[] = {{"safetensors", ExportFormat::kSafetensors},
                                   {"mindspore", ExportFormat::kMindSpore},
                                   {"onnx", ExportFormat::kOnnx}};

ExportFormat parse_format(const std::string& name) {
  std::vector<std::string> names;
  for (const FormatName& known : kFormats) {
    if (name == known.name) return known.format;
    names.emplace_back(known.name);
  }
  throw Error(ErrorKind::kUsage, fmt::format("{} is '{}'", option("format"), name),
              fmt::format("{} must be safetensors, mindspore or onnx; did you mean {}?",
                          option("format"), nearest_name(name, names)));
}

fs::path extension_of(ExportFormat format) { return fs::path(weights_name(format)).extension(); }

// Whether the output is a single weights file: its name has the extension of the format.
bool names_a_file(const fs::path& output, ExportFormat format) {
  for (const FormatName& other : kFormats) {
    if (output.extension() != extension_of(other.format)) continue;
    if (other.format == format) return true;
    throw Error(ErrorKind::kUsage,
                fmt::format("{} '{}' has the extension of the format {}", option("output"),
                            output.string(), other.name),
                fmt::format("set {}, or choose another {}", option("format", other.name),
                            option("output")));
  }
  return false;
}

// Nothing at the output path may be lost, except the files of an earlier export.
void require_free(const fs::path& output, const fs::path& model, bool file) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(output, error))) return;
  if (fs::equivalent(output, folder_of_model(model), error)) {
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

Source read_source(const fs::path& model) {
  require_model_folder(model);
  BertConfig config = read_config(model);
  const HeadKind head = head_of_architecture(config.architecture).value_or(HeadKind::kNone);
  ParameterList list = list_parameters(config, head);
  HostWeights weights = read_weights(model, list);
  if (!weights.missing_head.empty()) {
    throw Error(ErrorKind::kInput,
                fmt::format("'{}' is a {} according to its config, but {} is missing",
                            model.string(), config.architecture, weights.missing_head.front()),
                "fine-tune it first: set it as the " + option("model") + " of training");
  }
  if (head == HeadKind::kNone)
    log_info("{} has no task head: only the encoder is exported", model.string());
  Tokenizer tokenizer = Tokenizer::load(model);
  require_vocabulary_size(config, tokenizer.vocabulary().size(), model);
  return {std::move(config), architecture_of(head), std::move(list), std::move(weights.values),
          std::move(tokenizer)};
}

void write_file(const fs::path& output, const ModelContents& contents, ExportFormat format) {
  write_file_atomic(output,
                    [&](const fs::path& file) { write_export_file(file, contents, format); });
  log_info(
      "only the weights are written; an output folder would also contain config and tokenizer");
}

// Moves an earlier export aside until the new one is in place.
void write_folder(const fs::path& output, const ModelContents& contents, ExportFormat format) {
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

// "out/" has an empty file name; this returns "out".
fs::path without_slash(const fs::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

void check_options(const ExportRequest& request) {
  names_a_file(request.output, parse_format(request.format));
  require_given(request.model, "model", "./output/checkpoint-100");
  require_given(request.output, "output", "./exported");
}

}  // namespace

fs::path export_model(const ExportRequest& request, const FetchSink& fetching) {
  check_options(request);
  const ExportFormat format = parse_format(request.format);
  const fs::path output = without_slash(request.output);
  const bool file = names_a_file(output, format);
  const fs::path model = resolve_model(request.model, fetching);
  require_free(output, model, file);
  const Source source = read_source(model);
  if (format == ExportFormat::kMindSpore && !is_mindspore_bert(source.config)) {
    log_warning(
        "MindSpore's BERT uses a LayerNorm epsilon of 1e-5 and the tanh approximation of GELU; "
        "this model was trained with other settings, so its logits in MindSpore will differ "
        "slightly");
  }
  if (output.has_parent_path()) require_writable_folder(output.parent_path());
  const ModelContents contents{.config = source.config,
                               .architecture = source.architecture,
                               .list = source.list,
                               .values = source.values,
                               .vocabulary = source.tokenizer.vocabulary(),
                               .normalization = source.tokenizer.normalization()};
  if (file) {
    write_file(output, contents, format);
  } else {
    write_folder(output, contents, format);
  }
  return output;
}

}  // namespace bertune
