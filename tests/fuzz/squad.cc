// SPDX-License-Identifier: Apache-2.0
// Question answering data of both layouts, for each split. What is read passes through windows,
// answers and metrics, with made-up logits.
#include "datasets/squad/reader.h"
#include "fuzz/fuzz.h"
#include "fuzz/text_for_test.h"
#include "tasks/question_answering/decode.h"
#include "tasks/question_answering/metrics.h"
#include "tasks/question_answering/prediction_files.h"
#include "tasks/question_answering/windows.h"
#include "text/utf8.h"

namespace bertune {
namespace {

constexpr WindowLimits kLimits{.max_seq_length = 32, .doc_stride = 8};

const Tokenizer& tokenizer() {
  static const Tokenizer made(small_vocabulary(), Normalization{});
  return made;
}

void check_data(const SquadData& data, Split split) {
  CHECK(!data.examples.empty());
  for (const SquadExample& example : data.examples) {
    const std::string& context = data.contexts.at(static_cast<size_t>(example.context));
    CHECK(is_valid_utf8(context) && is_valid_utf8(example.question) && is_valid_utf8(example.id));
    for (const GoldAnswer& answer : example.answers) {
      CHECK(answer.begin >= 0 || split != Split::kTrain);
      if (answer.begin < 0) continue;
      CHECK(context.compare(static_cast<size_t>(answer.begin), answer.text.size(), answer.text) ==
            0);
    }
  }
}

void check_targets(const WindowSet& set) {
  for (size_t w = 0; w < set.windows.size(); ++w) {
    const int32_t first = set.targets[2 * w], last = set.targets[2 * w + 1];
    CHECK(0 <= first && first <= last && last < set.windows[w].length());
  }
}

void answer(const SquadData& data, const SquadInfo& info, const WindowSet& set) {
  QaDecoder decoder(data, set, {.n_best = 3, .version2 = info.version2});
  std::vector<float> start, end;
  for (size_t w = 0; w < set.windows.size(); ++w) {
    start.clear();
    end.clear();
    for (int32_t token = 0; token < set.windows[w].length(); ++token) {
      start.push_back(static_cast<float>(token * 7 % 5));
      end.push_back(static_cast<float>(token * 5 % 7));
    }
    decoder.add_window(static_cast<int32_t>(w), start, end);
  }
  const std::vector<QaPrediction> predictions = decoder.finish();
  for (const QaPrediction& prediction : predictions) {
    CHECK(is_valid_utf8(prediction.answer.text) && !prediction.n_best.empty());
    for (const QaAnswer& answer : prediction.n_best) CHECK(is_valid_utf8(answer.text));
  }
  SquadScorer scorer(info, Predicted::kAnswers);
  scorer.add(data, predictions);
  CHECK(!scorer.finish().empty());
}

void read(const std::filesystem::path& path, Split split) {
  const auto [data, info] = SquadStream(path, split).read_all();
  check_data(data, split);
  const bool trains = split == Split::kTrain;
  const WindowSet set =
      make_windows(tokenizer(), data, kLimits, trains ? QaTargets::kSpans : QaTargets::kNone);
  CHECK(set.windows.size() >= data.examples.size());
  if (trains) return check_targets(set);
  answer(data, info, set);
}

// Reading in parts yields the same dataset.
void compare_parts(const SquadStream::Whole& all, SquadStream stream) {
  const SquadData& whole = all.data;
  const SquadInfo info = stream.validate();
  CHECK(info.version2 == all.info.version2 && info.answered == all.info.answered);
  SquadData data;
  size_t e = 0;
  while (stream.next(2, data)) {
    for (const SquadExample& example : data.examples) {
      const SquadExample& same = whole.examples.at(e++);
      CHECK(example.id == same.id && example.question == same.question);
      CHECK(data.contexts.at(example.context) == whole.contexts.at(same.context));
      CHECK(example.answers.size() == same.answers.size());
    }
  }
  CHECK(e == whole.examples.size());
}

void stream(const std::filesystem::path& path) {
  const SquadStream::Whole whole = SquadStream(path, Split::kEvaluate).read_all();
  CHECK(accepts([&] { compare_parts(whole, SquadStream(path, Split::kEvaluate)); }));
}

}  // namespace

void fuzz(std::string_view input) {
  const std::filesystem::path path = put_input("data.json", input);
  for (const auto split : {Split::kTrain, Split::kEvaluate}) accepts([&] { read(path, split); });
  accepts([&] { stream(path); });
}

}  // namespace bertune
