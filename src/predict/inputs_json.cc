// SPDX-License-Identifier: Apache-2.0
#include "predict/inputs_json.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bertune/error.h"
#include "text/utf8.h"

namespace bertune {
namespace {

using nlohmann::json;

bool has_texts(const json& value, const char* first, const char* second) {
  return value.is_object() && value.contains(first) && value.contains(second) &&
         value[first].is_string() && value[second].is_string();
}

Input from_json(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (has_texts(value, "context", "question")) {
    return ContextQuestion{value["context"], value["question"]};
  }
  if (has_texts(value, "text", "text_pair")) return TextPair{value["text"], value["text_pair"]};
  if (has_texts(value, "text", "text")) return value["text"].get<std::string>();
  throw Error(
      ErrorKind::kInput, "is neither a string nor an object with the parts of an input",
      R"(write a line as "text", {"context": "...", "question": "..."}, {"text": "..."} or )"
      R"({"text": "...", "text_pair": "..."})");
}

}  // namespace

InputLines::InputLines(const std::string& file, const Task& task)
    : file_(file), task_(task), in_(file == "-" ? std::cin : stream_) {
  if (file == "-") return;
  std::error_code ignored;
  errno = std::filesystem::is_directory(file, ignored) ? EISDIR : 0;
  if (errno == 0) stream_.open(file);
  if (stream_.is_open()) return;
  throw Error(ErrorKind::kSystem, fmt::format("cannot read '{}': {}", file, std::strerror(errno)),
              "name a file of JSON lines, or - for standard input");
}

Input InputLines::read(const std::string& line) const {
  try {
    Input input = from_json(parse_json(line, "as a JSON text or object"));
    task_.check_input(input);
    return input;
  } catch (const Error& error) {
    throw error.at(fmt::format("'{}' line {}", file_, line_));
  }
}

std::vector<Input> InputLines::next(size_t count) {
  std::vector<Input> inputs;
  std::string line;
  while (inputs.size() < count && std::getline(in_, line)) {
    ++line_;
    line = replace_invalid_utf8(line);
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    inputs.push_back(read(line));
  }
  return inputs;
}

}  // namespace bertune
