// SPDX-License-Identifier: Apache-2.0
#include "cli/tokenize.h"

#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/io.h"
#include "base/json.h"
#include "bertune/error.h"
#include "bertune/fetch.h"
#include "cli/flags.h"
#include "cli/print_result.h"
#include "hub/resolve.h"
#include "text/encode.h"
#include "text/tokenizer.h"
#include "text/utf8.h"

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

Encoding encode_line(const Tokenizer& tokenizer, std::string_view line, const std::string& file,
                     size_t number) {
  const std::string where = fmt::format("'{}' line {}", file, number);
  const nlohmann::json value = parse_json(line, where);
  if (value.is_string()) return encode(tokenizer, value.get<std::string>());
  if (value.is_array() && value.size() == 2 && value[0].is_string() && value[1].is_string()) {
    return encode_pair(tokenizer, value[0].get<std::string>(), value[1].get<std::string>());
  }
  throw Error(ErrorKind::kInput, where + " is neither a text nor a list of two texts",
              R"(write a line as "text" or ["first", "second"]; a .txt file has plain lines)");
}

void print(const TokenizeOptions& options, const Encoding& encoding) {
  print_result(options.json ? to_json(encoding).dump() : as_text(encoding));
}

void tokenize_file(const Tokenizer& tokenizer, const TokenizeOptions& options) {
  const bool plain = options.file.ends_with(".txt");
  const std::string bytes = options.file == "-"
                                ? std::string(std::istreambuf_iterator<char>(std::cin), {})
                                : read_file(options.file);
  size_t number = 0;
  for (size_t begin = 0; begin < bytes.size();) {
    const size_t end = std::min(bytes.find('\n', begin), bytes.size());
    const std::string line =
        replace_invalid_utf8(std::string_view(bytes).substr(begin, end - begin));
    ++number;
    print(options,
          plain ? encode(tokenizer, line) : encode_line(tokenizer, line, options.file, number));
    begin = end + 1;
  }
}

void tokenize(const TokenizeOptions& options) {
  if (options.model.empty()) {
    throw Error(ErrorKind::kUsage, "--model is missing",
                "give a name, a hub id or a folder with vocab.txt or tokenizer.json");
  }
  if (options.text.has_value() == !options.file.empty()) {
    throw Error(ErrorKind::kUsage, "tokenize needs one input",
                "give --text TEXT or --file FILE; --file - reads standard input");
  }
  const Tokenizer tokenizer =
      Tokenizer::load(resolve_model(options.model, console_fetching()), options.do_lower_case);
  if (options.text) {
    print(options, encode(tokenizer, replace_invalid_utf8(*options.text)));
  } else {
    tokenize_file(tokenizer, options);
  }
}

}  // namespace

void add_tokenize(CLI::App& app) {
  CLI::App& subcommand = *app.add_subcommand("tokenize", "show how a text is cut into tokens");
  auto options = std::make_shared<TokenizeOptions>();
  subcommand.add_option("--model", options->model,
                        "a name (bertune models lists them), a hub id or a folder");
  subcommand.add_option("--text", options->text, "the text");
  subcommand.add_option(
      "--file,file", options->file,
      "JSON lines of texts or pairs, or a .txt file of plain lines; - reads standard input");
  FlagBinder{subcommand}("do_lower_case", options->do_lower_case,
                         "override the casing that the model folder says");
  subcommand.add_flag("--json", options->json,
                      "print an object a line: tokens, ids, type_ids, offsets");
  subcommand.callback([options] { tokenize(*options); });
}

}  // namespace bertune
