// SPDX-License-Identifier: Apache-2.0
#include "bench/work.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <utility>

#include "base/random.h"
#include "base/spelling.h"
#include "bertune/error.h"
#include "datasets/squad/reader.h"
#include "formats/huggingface/folder.h"
#include "formats/model_files.h"
#include "formats/weights.h"
#include "model/initialize.h"
#include "tasks/question_answering/windows.h"

namespace bertune {
namespace {

struct Shape {
  const char* name;
  int64_t layers, width, heads, intermediate;
};

constexpr std::array kShapes = {
    Shape{"bert-tiny", 2, 128, 2, 512},    Shape{"bert-mini", 4, 256, 4, 1024},
    Shape{"bert-small", 4, 512, 8, 2048},  Shape{"bert-medium", 8, 512, 8, 2048},
    Shape{"minilm-l6", 6, 384, 12, 1536},  Shape{"minilm-l12", 12, 384, 12, 1536},
    Shape{"bert-base", 12, 768, 12, 3072}, Shape{"bert-large", 24, 1024, 16, 4096},
};

// Lengths of the windows of SQuAD v1.1's training questions (uncased vocabulary, 384 tokens, stride
// 128): the sorted lengths are cut into 64 equal parts, and each entry is the mean of one. The last
// entries are rounded so that the mean is 170.75 and the maximum 384, as in SQuAD, and the mean
// square is 33,055 (SQuAD: 33,045).
constexpr std::array kSquadLengths = {
    53,  67,  77,  86,  95,  102, 107, 111, 114, 117, 119, 121, 123, 125, 127, 129,
    131, 132, 134, 136, 138, 139, 141, 143, 145, 147, 149, 150, 152, 154, 156, 158,
    160, 162, 164, 166, 169, 171, 173, 176, 178, 181, 184, 186, 189, 192, 196, 199,
    203, 207, 211, 216, 221, 226, 232, 238, 246, 254, 263, 274, 289, 307, 333, 384};
constexpr size_t kWindows = 1536;  // 128 steps of 12 windows; 24 windows of each of 64 lengths

constexpr uint64_t kTokenStream = 1, kQuestionStream = 2, kTargetStream = 3;

BertConfig config_of(const Shape& shape) {
  BertConfig config;
  config.num_hidden_layers = shape.layers;
  config.hidden_size = shape.width;
  config.num_attention_heads = shape.heads;
  config.intermediate_size = shape.intermediate;
  return config;
}

BenchModel find_shape(const std::string& name) {
  std::vector<std::string> names;
  for (const Shape& shape : kShapes) {
    if (name == shape.name) return {name, config_of(shape)};
    names.emplace_back(shape.name);
  }
  throw Error(ErrorKind::kUsage, fmt::format("there is no shape '{}'", name),
              fmt::format("did you mean {}? The shapes are {}; --model DIR takes any other size",
                          nearest_name(name, names), fmt::join(names, ", ")));
}

// Token ids with realistic frequencies: the logarithm of the rank is uniform. For large
// vocabularies the first thousand ids, which BERT's vocabularies leave unused, are skipped.
std::vector<Token> made_up_tokens(int64_t count, const BertConfig& config, uint64_t key) {
  const int64_t first = config.vocab_size > 2000 ? 1000 : config.vocab_size / 2;
  const double ranks = std::log(static_cast<double>(config.vocab_size - first));
  std::vector<Token> tokens;
  for (int64_t i = 0; i < count; ++i) {
    const auto rank = static_cast<int64_t>(std::exp(ranks * uniform(key, i)));
    const auto at = static_cast<uint32_t>(i);
    tokens.push_back(
        {static_cast<int32_t>(std::min(first + rank - 1, config.vocab_size - 1)), at, at + 1});
  }
  return tokens;
}

BenchWindows squad_windows(const BenchWorkOptions& options, const BertConfig& config) {
  const Tokenizer tokenizer = bench_tokenizer(options, config);
  const WindowLimits limits;
  const SquadData data = SquadStream(options.data, Split::kEvaluate).read_all().data;
  return {options.data,
          make_windows(tokenizer, data,
                       fitting_limits(limits.max_seq_length, limits.doc_stride, config),
                       QaTargets::kNone)};
}

WindowSet without_windows(const BertConfig& config) {
  const auto last = static_cast<int32_t>(config.vocab_size - 1);
  return {.special = {0, std::min(100, last), std::min(101, last), std::min(102, last),
                      std::min(103, last)}};
}

// A benchmark with synthetic windows needs no vocabulary.
ModelFiles find_files(const BenchWorkOptions& options) {
  return find_model_files(options.model, {.vocabulary = false});
}

constexpr int64_t kText = 1 << 16;  // tokens of the text that all windows are cut from

int32_t place_in_text(uint64_t window, int32_t length) {
  return static_cast<int32_t>(mix64(window) % static_cast<uint64_t>(kText - length));
}

}  // namespace

BenchModel find_bench_model(const BenchWorkOptions& options) {
  if (options.model.empty()) return find_shape(options.shape.empty() ? "bert-base" : options.shape);
  if (options.shape.empty()) return {options.model, read_config(find_files(options))};
  throw Error(ErrorKind::kUsage, "--shape and --model are both given",
              "give --shape NAME for random weights or --model DIR for a folder's");
}

std::vector<float> bench_weights(const BenchWorkOptions& options, const BertConfig& config,
                                 const ParameterList& list, uint64_t seed) {
  HostWeights weights;
  std::vector<std::string> fresh;
  if (options.model.empty()) {
    weights.values.resize(list.size);
    for (const Parameter& parameter : list.parameters) fresh.push_back(parameter.name);
  } else {
    weights = read_weights(find_files(options), list);
    fresh = weights.missing_head;
  }
  initialize_parameters(list, fresh, config, seed, weights.values);
  return std::move(weights.values);
}

BenchWindows bench_windows(const BenchWorkOptions& options, const BertConfig& config) {
  check_lengths(options, config);
  if (!options.data.empty()) return squad_windows(options, config);
  if (options.length == 0) {
    return {"synthetic windows with SQuAD's lengths",
            make_windows_of_lengths(repeat_lengths(kSquadLengths, config), config)};
  }
  const auto length = static_cast<int>(options.length);
  return {fmt::format("synthetic windows of {} tokens", length),
          make_windows_of_lengths(repeat_lengths({&length, 1}, config), config)};
}

void check_lengths(const BenchWorkOptions& options, const BertConfig& config) {
  const int64_t most = config.max_position_embeddings;
  if (options.length == 0) return;
  if (!options.data.empty()) {
    throw Error(ErrorKind::kUsage, "--data and --length are both given",
                "give --data FILE for real windows or --length N for synthetic ones");
  }
  if (options.length >= 5 && options.length <= most) return;
  throw Error(ErrorKind::kUsage, fmt::format("--length is {}", options.length),
              fmt::format("the model takes windows of 5 to {} tokens", most));
}

std::vector<int32_t> repeat_lengths(std::span<const int> lengths, const BertConfig& config) {
  std::vector<int32_t> repeated;
  const size_t repeats = kWindows / lengths.size();
  for (const int length : lengths) {
    repeated.insert(repeated.end(), repeats,
                    std::min(length, static_cast<int>(config.max_position_embeddings)));
  }
  return repeated;
}

Tokenizer bench_tokenizer(const BenchWorkOptions& options, const BertConfig& config) {
  const std::string& folder = options.vocab.empty() ? options.model : options.vocab;
  if (folder.empty()) {
    throw Error(ErrorKind::kUsage, "--data needs a tokenizer, and a shape has none",
                "give --vocab DIR, a folder with vocab.txt or tokenizer.json, or --model DIR");
  }
  Tokenizer tokenizer = Tokenizer::load(folder);
  require_vocabulary_size(config, tokenizer.vocabulary().size(), folder);
  return tokenizer;
}

WindowLimits fitting_limits(int64_t max_seq_length, int64_t doc_stride, const BertConfig& config) {
  const int64_t length = std::min(max_seq_length, config.max_position_embeddings);
  return {.max_seq_length = static_cast<int32_t>(length),
          .doc_stride = static_cast<int32_t>(std::min(doc_stride, length / 3))};
}

WindowSet make_windows_of_lengths(const std::vector<int32_t>& lengths, const BertConfig& config) {
  constexpr int32_t kQuestion = 12;  // tokens per question, as in SQuAD
  constexpr int kQuestions = 64;
  WindowSet set = without_windows(config);
  set.targets_per_window = 2;
  for (uint64_t i = 0; i < kQuestions; ++i) {
    set.texts.push_back(made_up_tokens(kQuestion, config, fold(kQuestionStream, i)));
  }
  set.texts.push_back(made_up_tokens(kText, config, kTokenStream));
  for (size_t i = 0; i < lengths.size(); ++i) {
    const int32_t question = std::min(kQuestion, (lengths[i] - 3) / 2);
    const int32_t context = lengths[i] - 3 - question;
    const int32_t begin = place_in_text(i, context);
    set.windows.push_back({.example = static_cast<int32_t>(i),
                           .first = static_cast<int32_t>(i % kQuestions),
                           .first_length = question,
                           .second = kQuestions,
                           .second_begin = begin,
                           .second_end = begin + context});
    const auto target =
        static_cast<int32_t>(fold(kTargetStream, i) % static_cast<uint64_t>(context));
    set.targets.insert(set.targets.end(), 2, set.windows.back().second_offset() + target);
  }
  return set;
}

WindowSet make_text_windows(const std::vector<int32_t>& lengths, const BertConfig& config) {
  WindowSet set = without_windows(config);
  set.texts.push_back(made_up_tokens(kText, config, kTokenStream));
  for (size_t i = 0; i < lengths.size(); ++i) {
    set.windows.push_back({.example = static_cast<int32_t>(i),
                           .first = 0,
                           .first_length = lengths[i] - 2,
                           .first_begin = place_in_text(i, lengths[i])});
  }
  return set;
}

}  // namespace bertune
