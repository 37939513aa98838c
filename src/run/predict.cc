// SPDX-License-Identifier: Apache-2.0
#include "run/predict.h"

#include <fmt/format.h>

#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/io.h"
#include "bertune/error.h"
#include "run/inference.h"
#include "run/setup.h"
#include "text/utf8.h"

namespace bertune {
namespace {

using nlohmann::json;

ContextQuestion from_json(const json& value) {
  if (value.is_string()) return split_context_question(value.get<std::string>());
  if (value.is_object() && value.contains("context") && value.contains("question") &&
      value["context"].is_string() && value["question"].is_string()) {
    return {value["context"], value["question"]};
  }
  throw Error(ErrorKind::kInput, "is neither a text nor an object with context and question",
              R"(write a line as "context - question" or {"context": "...", "question": "..."})");
}

ContextQuestion from_line(std::string_view line, const std::string& file, size_t number) {
  try {
    return from_json(json::parse(line));
  } catch (const json::parse_error& error) {
    throw Error(ErrorKind::kInput,
                fmt::format("'{}' line {} is not JSON: {}", file, number, error.what()),
                "write one JSON text or object on each line");
  } catch (const Error& error) {
    throw Error(error.kind(), fmt::format("'{}' line {}: {}", file, number, error.message()),
                error.hint());
  }
}

std::vector<ContextQuestion> read_lines(const std::string& file) {
  const std::string bytes =
      file == "-" ? std::string(std::istreambuf_iterator<char>(std::cin), {}) : read_file(file);
  const std::string text = replace_invalid_utf8(bytes);
  std::vector<ContextQuestion> inputs;
  size_t number = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line(text.data() + begin, end - begin);
    ++number;
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) {
      inputs.push_back(from_line(line, file, number));
    }
    begin = end + 1;
  }
  if (!inputs.empty()) return inputs;
  throw Error(ErrorKind::kInput, fmt::format("'{}' has no line with an input", file),
              "write one JSON text or object on each line");
}

std::vector<ContextQuestion> read_inputs(const PredictOptions& options) {
  if (!options.file.empty()) return read_lines(options.file);
  if (!options.input.empty()) {
    return {split_context_question(replace_invalid_utf8(options.input))};
  }
  return {{options.context, options.question}};
}

}  // namespace

std::vector<std::vector<QaAnswer>> predict(const PredictOptions& options) {
  check_options(options);
  SquadData data;
  for (const ContextQuestion& input : read_inputs(options)) {
    add_question(data, std::to_string(data.examples.size()), input.context, input.question);
  }
  const Checkpoint checkpoint =
      open_checkpoint(resolve_checkpoint(options.checkpoint, options.output_dir));
  std::vector<std::vector<QaAnswer>> answers;
  for (QaPrediction& prediction :
       answer_questions(checkpoint, options.compute, data, options.answer)) {
    auto& list = prediction.n_best;
    if (static_cast<int64_t>(list.size()) > options.top_k) list.resize(options.top_k);
    answers.push_back(std::move(list));
  }
  return answers;
}

}  // namespace bertune
