// SPDX-License-Identifier: Apache-2.0
// Prints the windows that the library makes from a SQuAD file, one JSON object per line, for
// tools/compare_features.py: ids, types, offsets in code points, labels.
// Usage: dump_windows MODEL_FOLDER SQUAD_FILE train|evaluate [MAX_SEQ_LENGTH DOC_STRIDE]
// With "time" instead of "train" it only prints the time taken for reading and for making windows.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "batch/batch.h"
#include "batch/loader.h"
#include "bertune/error.h"
#include "bertune/tokenizer.h"
#include "datasets/squad/reader.h"
#include "tasks/question_answering/windows.h"
#include "text/code_point_index.h"
#include "text/python_text.h"

namespace bertune {
namespace {

std::string list(std::span<const int64_t> numbers) {
  std::string out = "[";
  for (const int64_t number : numbers) {
    if (out.size() > 1) out += ",";
    out += std::to_string(number);
  }
  return out + "]";
}

void append_offsets(std::string_view text, std::span<const Token> tokens,
                    std::vector<int64_t>& offsets) {
  const CodePointIndex index(text);
  for (const Token& token : tokens) {
    offsets.push_back(index.code_point_of(token.begin));
    offsets.push_back(index.code_point_of(token.end));
  }
  offsets.insert(offsets.end(), 2, 0);  // [SEP]
}

// Begin and end of every token; 0 and 0 for special tokens.
std::vector<int64_t> offsets_of(const SquadData& data, const WindowSet& set, const Window& window) {
  const SquadExample& example = data.examples[window.example];
  std::vector<int64_t> offsets(2, 0);  // [CLS]
  append_offsets(python_lstrip(example.question),
                 std::span(set.texts[window.first]).first(window.first_length), offsets);
  const auto kept = std::span(set.texts[window.second])
                        .subspan(window.second_begin, window.second_end - window.second_begin);
  append_offsets(data.contexts[example.context], kept, offsets);
  return offsets;
}

std::vector<int64_t> widen(std::span<const int32_t> numbers) {
  return {numbers.begin(), numbers.end()};
}

void print_windows(const SquadData& data, const WindowSet& set) {
  Batch batch;
  for (int32_t w = 0; w < static_cast<int32_t>(set.windows.size()); ++w) {
    pack(set, std::span(&w, 1), batch);
    fmt::print(R"({{"example":{},"ids":{},"types":{},"offsets":{},"targets":{}}})"
               "\n",
               set.windows[w].example, list(widen(batch.ids)), list(widen(batch.types)),
               list(offsets_of(data, set, set.windows[w])), list(widen(batch.targets)));
  }
}

void print_time(const Tokenizer& tokenizer, const char* file, const WindowLimits& limits) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  const SquadData data = SquadStream(file, Split::kTrain).read_all().data;
  const auto read = Clock::now();
  const WindowSet set = make_windows(tokenizer, data, limits, QaTargets::kSpans);
  const auto made = Clock::now();
  const auto seconds = [](auto duration) {
    return std::chrono::duration<double>(duration).count();
  };
  fmt::print("{} questions, {} windows: read {:.3f} s, windows {:.3f} s\n", data.examples.size(),
             set.windows.size(), seconds(read - begin), seconds(made - read));
}

int run(int argc, char** argv) {
  if (argc != 4 && argc != 6) {
    fmt::print(stderr,
               "usage: dump_windows MODEL_FOLDER SQUAD_FILE train|evaluate|time "
               "[MAX_SEQ_LENGTH DOC_STRIDE]\n");
    return 2;
  }
  const Tokenizer tokenizer = Tokenizer::load(argv[1]);
  WindowLimits limits;
  if (argc == 6) limits = {.max_seq_length = std::stoi(argv[4]), .doc_stride = std::stoi(argv[5])};
  const std::string_view purpose = argv[3];
  if (purpose == "time") {
    print_time(tokenizer, argv[2], limits);
    return 0;
  }
  const bool train = purpose == "train";
  const SquadData data =
      SquadStream(argv[2], train ? Split::kTrain : Split::kEvaluate).read_all().data;
  print_windows(
      data, make_windows(tokenizer, data, limits, train ? QaTargets::kSpans : QaTargets::kNone));
  return 0;
}

}  // namespace
}  // namespace bertune

int main(int argc, char** argv) {
  try {
    return bertune::run(argc, argv);
  } catch (const bertune::Error& error) {
    fmt::print(stderr, "error: {}\nhint: {}\n", error.message(), error.hint());
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
  }
  return 1;
}
