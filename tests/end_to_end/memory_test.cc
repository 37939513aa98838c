// SPDX-License-Identifier: Apache-2.0
// The planned peak memory compared with the measured one, and the peak of evaluations of small and
// large data, for a program in its own process.
#include "base/memory.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "batch/window.h"
#include "end_to_end/run_program.h"
#include "end_to_end/tiny_squad.h"
#include "end_to_end/tiny_task.h"

namespace bertune {
namespace {

// The size printed after `name` in the program's output.
double bytes_after(const std::string& printed, const std::string& name) {
  const size_t at = printed.find(name);
  if (at == printed.npos) return 0.0;
  std::istringstream rest(printed.substr(at + name.size()));
  std::string number, unit;
  rest >> number >> unit;
  return static_cast<double>(parse_bytes(number + unit).value_or(0));
}

class Memory : public testing::TestWithParam<std::string> {
 protected:
  // Four layers, 256 wide: 3.2 million parameters.
  Memory() {
    nlohmann::json config = nlohmann::json::parse(get_file(tiny_model() / "config.json"));
    config.update({{"hidden_size", 256},
                   {"num_attention_heads", 4},
                   {"num_hidden_layers", 4},
                   {"intermediate_size", 1024},
                   {"max_position_embeddings", 256}});
    put_file(folder_ / "model/config.json", config.dump());
    put_file(folder_ / "model/vocab.txt", get_file(tiny_model() / "vocab.txt"));
    std::string context = "a b ";
    for (int word = 0; word < 240; ++word)
      context += std::string(1, static_cast<char>('c' + word % 24)) + " ";
    std::string lines;
    for (int i = 0; i < 24; ++i) {
      const nlohmann::json line = {{"id", std::to_string(i)},
                                   {"context", context},
                                   {"question", "a"},
                                   {"answers", {{"text", {"b"}}, {"answer_start", {2}}}}};
      lines += line.dump() + "\n";
    }
    put_file(folder_ / "train.jsonl", lines);
  }

  ProgramResult train(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"train",
                                          "--from-scratch",
                                          "--model",
                                          (folder_ / "model").string(),
                                          "--train-dataset",
                                          (folder_ / "train.jsonl").string(),
                                          "--output-dir",
                                          (folder_ / "out").string(),
                                          "--epochs",
                                          "1",
                                          "--batch-size",
                                          "12",
                                          "--save-steps",
                                          "1",
                                          "--precision",
                                          GetParam(),
                                          "--threads",
                                          "2",
                                          "--max-seq-length",
                                          "256"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }

  TemporaryFolder folder_;
};

TEST_P(Memory, ThePeakIsWithinATenthOfThePlan) {
  const ProgramResult result = train({});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const double planned = bytes_after(result.err, "memory: planned peak");
  const double measured = bytes_after(result.err, "peak memory:");
  EXPECT_GT(planned, 100e6);
  EXPECT_NEAR(measured, planned, 0.1 * planned);
}

TEST_P(Memory, RecomputeTakesLessAsPlannedAndGivesTheSameWeights) {
  const auto weights = [&] { return get_file(folder_ / "out/checkpoint-2/model.safetensors"); };
  const ProgramResult kept = train({});
  ASSERT_EQ(kept.exit_code, 0) << kept.err;
  const std::string expected = weights();
  const ProgramResult recomputed = train({"--recompute"});
  ASSERT_EQ(recomputed.exit_code, 0) << recomputed.err;
  const double planned = bytes_after(recomputed.err, "memory: planned peak");
  const double measured = bytes_after(recomputed.err, "peak memory:");
  EXPECT_NEAR(measured, planned, 0.1 * planned);
  EXPECT_LT(measured, 0.8 * bytes_after(kept.err, "peak memory:"));
  EXPECT_TRUE(weights() == expected);
}

TEST_P(Memory, TheWayOutThatIsToldWorks) {
  const ProgramResult refused = train({"--memory-limit", "160MiB"});
  EXPECT_EQ(refused.exit_code, 1);
  const size_t at = refused.err.find("set --token-budget ");
  ASSERT_NE(at, refused.err.npos) << refused.err;
  const std::string budget = std::to_string(std::stoi(refused.err.substr(at + 20)));
  const ProgramResult result = train({"--memory-limit", "160MiB", "--token-budget", budget});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_LT(bytes_after(result.err, "peak memory:"), 1.1 * 160 * (1 << 20));
}

INSTANTIATE_TEST_SUITE_P(Precisions, Memory, testing::Values("fp32", "bf16"),
                         [](const auto& test) { return test.param; });

struct TaskData {
  const char* task;
  const char* file;
  std::string train;
  const char* header;
  std::string (*entry)(int number);  // an entry of the data to evaluate
};
void PrintTo(const TaskData& data, std::ostream* out) { *out << data.task; }

const TaskData kTaskData[] = {
    {"question_answering", "d.jsonl", tiny_squad_lines(), "",
     [](int number) {
       return "{\"id\": \"" + std::to_string(number) +
              R"(", "context": "a b c", "question": "a", "answers": {"text": ["b"], "answer_start": [2]}})"
              "\n";
     }},
    {"text_classification", "d.csv", kTexts, "text,label\n",
     [](int) { return std::string("a b,yes\n"); }},
    {"token_classification", "d.conll", kTags, "",
     [](int) { return std::string("a B-X\nb I-X\n\n"); }},
    {"fill_mask", "d.txt", kWords, "", [](int) { return std::string("a b c d e f\n\n"); }},
};

class EvaluationMemory : public TinyTask, public testing::WithParamInterface<TaskData> {
 protected:
  EvaluationMemory() : TinyTask(GetParam().task) {}

  int64_t peak_of(int entries) const {
    std::string data = GetParam().header;
    for (int i = 0; i < entries; ++i) data += GetParam().entry(i);
    const std::string path = put(GetParam().file, std::exchange(data, {}));
    ::malloc_trim(0);  // earlier tests may have left this process larger than the program
    const int64_t own = resident_bytes();  // reported as the program's peak if larger
    const ProgramResult result = evaluate(path);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_GT(result.peak_bytes, own);
    return result.peak_bytes;
  }
};

// The data sizes are two parts and twenty. If entries were kept, each would take at least its
// window, its tokens and a vector for these.
TEST_P(EvaluationMemory, DoesNotGrowWithTheData) {
  constexpr int kFew = 8192, kMany = 10 * kFew;
  constexpr int64_t kLeastOfAnEntry =
      sizeof(Window) + sizeof(std::vector<Token>) + 4 * sizeof(Token);
  const TaskData& data = GetParam();
  log_of_training(put(data.file, data.train), {"--epochs", "1"});
  const int64_t small = peak_of(kFew);
  EXPECT_LT(peak_of(kMany), small + (kMany - kFew) * kLeastOfAnEntry);
}

INSTANTIATE_TEST_SUITE_P(Tasks, EvaluationMemory, testing::ValuesIn(kTaskData),
                         [](const auto& test) { return std::string(test.param.task); });

}  // namespace
}  // namespace bertune
