// SPDX-License-Identifier: Apache-2.0
#include "cli/tokenize.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "bertune/bertune.h"
#include "cli/flags.h"
#include "cli/print_result.h"

namespace bertune {
namespace {

using Json = nlohmann::ordered_json;

struct TokenizeOptions {
  std::string model;
  std::optional<std::string> text;
  std::string file;
  std::optional<bool> do_lower_case;
  bool json = false;
};

Json to_json(const Encoding& encoding) {
  Json offsets = Json::array();
  for (const CodePointRange& range : encoding.offsets) offsets.push_back({range.begin, range.end});
  return {{"tokens", encoding.tokens},
          {"ids", encoding.ids},
          {"type_ids", encoding.type_ids},
          {"offsets", std::move(offsets)}};
}

std::string as_text(const Encoding& encoding) {
  return fmt::format("{}", fmt::join(encoding.tokens, " "));
}

[[noreturn]] void fail_line(const std::string& where, const std::string& what) {
  throw Error(ErrorKind::kInput, where + " " + what,
              R"(write a line as "text" or ["first", "second"]; a .txt file has plain lines)");
}

Encoding encode_line(const Tokenizer& tokenizer, const std::string& line,
                     const std::string& where) {
  const nlohmann::json value = nlohmann::json::parse(replace_invalid_utf8(line), nullptr, false);
  if (value.is_discarded()) fail_line(where, "is not JSON");
  if (value.is_string()) return encode(tokenizer, value.get<std::string>());
  if (value.is_array() && value.size() == 2 && value[0].is_string() && value[1].is_string()) {
    return encode_pair(tokenizer, value[0].get<std::string>(), value[1].get<std::string>());
  }
  fail_line(where, "is neither a string nor a list of two strings");
}

void print(const TokenizeOptions& options, const Encoding& encoding) {
  print_result(options.json ? to_json(encoding).dump() : as_text(encoding));
}

std::istream& open_file(const std::string& file, std::ifstream& stream) {
  if (file == "-") return std::cin;
  std::error_code ignored;
  if (!std::filesystem::is_directory(file, ignored)) stream.open(file);
  if (stream.is_open()) return stream;
  throw Error(ErrorKind::kSystem, "cannot read '" + file + "'",
              "name a file of JSON lines or of plain lines, or - for standard input");
}

void tokenize_file(const Tokenizer& tokenizer, const TokenizeOptions& options) {
  const bool plain = options.file.ends_with(".txt");
  std::ifstream stream;
  std::istream& in = open_file(options.file, stream);
  size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    const std::string where = fmt::format("'{}' line {}", options.file, ++number);
    print(options, plain ? encode(tokenizer, line) : encode_line(tokenizer, line, where));
  }
}

void tokenize(const TokenizeOptions& options) {
  if (options.model.empty()) {
    throw Error(ErrorKind::kUsage, option("model") + " is missing",
                "give a name, a hub id or a folder with vocab.txt or tokenizer.json");
  }
  if (options.text.has_value() == !options.file.empty()) {
    throw Error(ErrorKind::kUsage, "tokenize needs one input",
                fmt::format("give {} or {}; {} reads standard input", option("text", "TEXT"),
                            option("file", "FILE"), option("file", "-")));
  }
  const Tokenizer tokenizer =
      load_tokenizer(options.model, options.do_lower_case, console_fetching());
  if (options.text) {
    print(options, encode(tokenizer, *options.text));
  } else {
    tokenize_file(tokenizer, options);
  }
}

}  // namespace

void add_tokenize(CLI::App& app) {
  CLI::App& subcommand = *app.add_subcommand("tokenize", "split a text into tokens");
  auto options = std::make_shared<TokenizeOptions>();
  subcommand.add_option("--model", options->model,
                        "a name (bertune models lists them), a hub id or a folder");
  subcommand.add_option("--text", options->text, "the text");
  subcommand.add_option(
      "--file,file", options->file,
      "JSON lines of texts or pairs, or a .txt file of plain lines; - reads standard input");
  FlagBinder{subcommand}(Option{"do_lower_case", "override the casing of the model folder"},
                         options->do_lower_case);
  subcommand.add_flag("--json", options->json,
                      "print one JSON object per line: tokens, ids, type_ids, offsets");
  subcommand.callback([options] { tokenize(*options); });
}

}  // namespace bertune
