// SPDX-License-Identifier: Apache-2.0
#include "bench/tokenize.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <vector>

#include "base/log.h"
#include "base/parallel.h"
#include "base/random.h"
#include "base/statistics.h"
#include "base/stopwatch.h"
#include "bench/report.h"
#include "bertune/tokenizer.h"
#include "datasets/squad/reader.h"
#include "engine/devices.h"
#include "text/encode.h"

namespace bertune {
namespace {

constexpr double kSeconds = 1.0;  // at least
constexpr size_t kPasses = 5;     // at least
constexpr int64_t kBlock = 64;    // texts that a thread takes at a time

constexpr int kTexts = 4000;
constexpr int kWords = 120;  // per text, as in SQuAD's contexts

// A random word with a realistic frequency: the logarithm of its rank is uniform, and vocabularies
// list frequent words first. Some words are not in the vocabulary, capitalised or followed by a
// mark.
std::string made_up_word(const std::vector<std::string>& pieces, uint64_t key) {
  const auto rank = std::pow(static_cast<double>(pieces.size()), uniform(key, 0));
  std::string word = pieces[std::min(static_cast<size_t>(rank), pieces.size() - 1)];
  if (fold(key, 1) % 16 == 0) word += pieces[fold(key, 2) % pieces.size()];
  if (fold(key, 3) % 8 == 0) word[0] = static_cast<char>(std::toupper(word[0]));
  if (fold(key, 4) % 12 == 0) word += fold(key, 5) % 2 == 0 ? "," : ".";
  return word;
}

std::vector<std::string> made_up_texts(const Tokenizer& tokenizer) {
  std::vector<std::string> pieces;
  for (const std::string& piece : tokenizer.vocabulary()) {
    const auto is_letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)); };
    if (piece.size() > 1 && std::all_of(piece.begin(), piece.end(), is_letter)) {
      pieces.push_back(piece);
    }
  }
  if (pieces.empty()) pieces = {"word"};
  std::vector<std::string> texts(kTexts);
  for (size_t i = 0; i < texts.size(); ++i) {
    for (uint64_t word = 0; word < kWords; ++word) {
      texts[i] += made_up_word(pieces, fold(fold(kBenchSeed, i), word)) + " ";
    }
  }
  return texts;
}

// Median megabytes per second of `pass`, which processes all texts.
template <typename Pass>
double measure(int64_t bytes, const Pass& pass) {
  pass();
  std::vector<double> seconds;
  const Stopwatch total;
  while (seconds.size() < kPasses || total.seconds() < kSeconds) {
    const Stopwatch watch;
    pass();
    seconds.push_back(watch.seconds());
  }
  return 1e-6 * static_cast<double>(bytes) / median(seconds);
}

}  // namespace

TokenizeBench bench_tokenize(const BenchTokenizeOptions& options) {
  check_options(options);
  const WithThreads threads(options.threads);
  const Tokenizer tokenizer = Tokenizer::load(options.model);
  const std::vector<std::string> texts =
      options.data.empty() ? made_up_texts(tokenizer)
                           : SquadStream(options.data, Split::kEvaluate).read_all().data.contexts;
  TokenizeBench result{
      .machine = describe_processor(),
      .model = options.model,
      .data = options.data.empty() ? "synthetic texts of the vocabulary's words" : options.data,
      .texts = static_cast<int64_t>(texts.size())};
  for (const std::string& text : texts) result.bytes += static_cast<int64_t>(text.size());
  log_info("tokenizing {} texts of {} bytes", result.texts, result.bytes);

  std::vector<Token> tokens;
  result.megabytes_per_second = measure(result.bytes, [&] {
    result.tokens = 0;
    for (const std::string& text : texts) {
      tokens.clear();
      tokenizer.tokenize(text, tokens);
      result.tokens += static_cast<int64_t>(tokens.size());
    }
  });
  result.code_points_megabytes_per_second = measure(result.bytes, [&] {
    for (const std::string& text : texts) {
      tokens.clear();
      tokenizer.tokenize(text, tokens);
      code_point_ranges(text, tokens);
    }
  });
  result.all_threads_megabytes_per_second = measure(result.bytes, [&] {
    parallel_for(result.texts, kBlock, [&](int64_t begin, int64_t end) {
      std::vector<Token> mine;
      for (int64_t i = begin; i < end; ++i) {
        mine.clear();
        tokenizer.tokenize(texts[static_cast<size_t>(i)], mine);
      }
    });
  });
  return result;
}

}  // namespace bertune
