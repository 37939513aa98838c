// SPDX-License-Identifier: Apache-2.0
// A dataset that the tiny golden model can memorise: eight questions, one window each.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace bertune {

inline std::filesystem::path tiny_model() {
  return std::filesystem::path(BERTUNE_TEST_DATA) / "golden" / "tiny_gelu";
}

// JSON lines. The answer is the word that follows the question's word in the context.
inline std::string tiny_squad_lines() {
  const std::vector<std::string> contexts = {"a b c d e f", "g h i j k l", "m n o p q r",
                                             "s t u v w x"};
  std::string lines;
  for (size_t i = 0; i < 8; ++i) {
    const std::string& context = contexts[i / 2];
    const size_t asked = i % 2 == 0 ? 2 : 6;
    const nlohmann::json line = {
        {"id", "q" + std::to_string(i)},
        {"context", context},
        {"question", context.substr(asked, 1)},
        {"answers", {{"text", {context.substr(asked + 2, 1)}}, {"answer_start", {asked + 2}}}}};
    lines += line.dump() + "\n";
  }
  return lines;
}

// Arguments that train the tiny model on such data without logging steps, with one window per
// question. Further options can be appended.
inline std::vector<std::string> tiny_training(const std::filesystem::path& data,
                                              const std::filesystem::path& output) {
  return {"train",
          "--model",
          tiny_model().string(),
          "--train-dataset",
          data.string(),
          "--output-dir",
          output,
          "--threads",
          "1",
          "--doc-stride",
          "4",
          "--max-seq-length",
          "26",
          "--log-steps",
          "1000000"};
}

inline std::vector<std::string> operator+(std::vector<std::string> arguments,
                                          const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

}  // namespace bertune
