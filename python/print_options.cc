// SPDX-License-Identifier: Apache-2.0
// Writes options.py: the option and report structs as TypedDicts, so that type checkers and help()
// know every name without a second list to maintain.
#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "bertune/models.h"
#include "bertune/options.h"
#include "bertune/requests.h"
#include "bertune/training.h"

namespace bertune {
namespace {

const char* type_of(const std::string&) { return "Text"; }
const char* type_of(int64_t) { return "int"; }
const char* type_of(double) { return "float"; }
const char* type_of(bool) { return "bool"; }
const char* type_of(const std::filesystem::path&) { return "str"; }
template <typename T>
std::string type_of(const std::optional<T>&) {
  return fmt::format("Optional[{}]", type_of(T{}));
}

std::string text_of(const std::string& value) { return "'" + value + "'"; }
std::string text_of(int64_t value) { return fmt::format("{}", value); }
std::string text_of(double value) { return fmt::format("{}", value); }
std::string text_of(bool value) { return value ? "True" : "False"; }
template <typename T>
std::string text_of(const std::optional<T>& value) {
  return value ? text_of(*value) : "None";
}

struct Docs {
  std::string& out;

  template <typename T>
  void operator()(const Option& option, const T& value) const {
    out += fmt::format("    {}: {} (default {})\n", option.name, option.help, text_of(value));
  }
};

struct Fields {
  std::string& out;
  bool optional;
  bool examples = false;  // whether datasets may be collections of dicts

  template <typename T>
  void operator()(const Option& option, const T& value) const {
    (*this)(option.name, value);
  }
  void operator()(const Option& option, const std::string& value) const {
    const bool dataset = examples && std::string_view(option.name).ends_with("_dataset");
    if (!dataset) return (*this)(option.name, value);
    out += fmt::format("    {}: Optional[Data]\n", option.name);
  }
  template <typename T>
  void operator()(const char* name, const T& value) const {
    std::string type = type_of(value);
    if (!optional && type == "Text") type = "str";  // results are str, never path objects
    const bool twice = optional && !type.starts_with("Optional");
    out += fmt::format("    {}: {}\n", name, twice ? fmt::format("Optional[{}]", type) : type);
  }
};

template <typename Options>
std::string options_class(const char* name, const char* doc) {
  std::string out =
      fmt::format("\n\nclass {}(TypedDict, total=False):\n    r\"\"\"{}\n\n", name, doc);
  const Options defaults;
  Options::visit(defaults, Docs{out});
  out += "    \"\"\"\n\n";
  constexpr bool kExamples = !std::is_same_v<Options, ScoreRequest>;
  Options::visit(defaults, Fields{.out = out, .optional = true, .examples = kExamples});
  return out;
}

template <typename Report>
std::string report_class(const char* name, const char* doc) {
  std::string out = fmt::format("\n\nclass {}(TypedDict):\n    \"\"\"{}\"\"\"\n\n", name, doc);
  const Report report{};
  Report::visit(report, Fields{.out = out, .optional = false});
  return out;
}

std::string module_text() {
  return "# SPDX-License-Identifier: Apache-2.0\n"
         "\"\"\"Names and types of options and reports; written by "
         "python/print_options.cc.\"\"\"\n\n"
         "from __future__ import annotations\n\n"
         "import os\n"
         "from typing import Any, Iterable, Mapping, Optional, TypedDict, Union\n\n"
         "Text = Union[str, \"os.PathLike[str]\"]\n"
         "Data = Union[Text, Iterable[Mapping[str, Any]]]\n" +
         options_class<TrainOptions>("TrainOptions", "Options of Trainer; None is the default.") +
         options_class<PredictorOptions>("PredictorOptions",
                                         "Options of Predictor; None is the default.") +
         options_class<EvaluateRequest>("EvaluateRequest",
                                        "Options of Predictor.evaluate; None is the default.") +
         options_class<PredictRequest>("PredictRequest",
                                       "Options of predict; None is the default.") +
         options_class<ScoreRequest>("ScoreRequest", "Options of score; None is the default.") +
         options_class<ExportRequest>("ExportRequest",
                                      "Options of export_model; None is the default.") +
         report_class<StepReport>("StepReport",
                                  "Argument of on_step. Epochs and steps count from 1.") +
         report_class<EpochReport>("EpochReport", "Argument of on_epoch.") +
         report_class<FetchProgress>("FetchProgress", "Argument of on_fetch, in bytes.") +
         report_class<EvaluateProgress>("EvaluateProgress", "Argument of on_evaluating.") +
         report_class<ListedModel>("ListedModel", "A model in the list of models().") +
         report_class<TrainResult>("TrainResult", "Result of train.");
}

}  // namespace
}  // namespace bertune

int main(int, char** argv) {
  std::ofstream file(argv[1]);
  file << bertune::module_text();
  return file.flush() ? 0 : 1;
}
