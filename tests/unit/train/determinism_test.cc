// SPDX-License-Identifier: Apache-2.0
// The same options give the same bytes, with one thread and with two, on a model large enough for
// two threads to share the work. docs/numerics.md states what is guaranteed between different
// thread counts.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "end_to_end/tiny_squad.h"
#include "temporary_folder.h"
#include "tolerance.h"
#include "train_with_recipe.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

// Questions whose windows have a few hundred tokens.
std::string long_squad_lines() {
  std::string lines;
  for (size_t i = 0; i < 24; ++i) {
    std::string context;
    for (size_t word = 0; word < 60 + 2 * i; ++word)
      context += std::string(1, static_cast<char>('a' + (word * (i + 3) + i) % 26)) + " ";
    const nlohmann::json line = {
        {"id", "q" + std::to_string(i)},
        {"context", context},
        {"question", "a b"},
        {"answers", {{"text", {context.substr(8, 1)}}, {"answer_start", {8}}}}};
    lines += line.dump() + "\n";
  }
  return lines;
}

constexpr int64_t kLongestSum = 512;  // of a product: the intermediate size

struct Ending {
  std::string weights, moments;
  std::vector<double> losses;
};

class Determinism : public testing::TestWithParam<std::string> {
 protected:
  Determinism() {
    nlohmann::json config = nlohmann::json::parse(get_file(tiny_model() / "config.json"));
    config.update({{"hidden_size", 128},
                   {"num_attention_heads", 2},
                   {"intermediate_size", 512},
                   {"max_position_embeddings", 128}});
    put_file(folder_ / "model/config.json", config.dump());
    put_file(folder_ / "model/vocab.txt", get_file(tiny_model() / "vocab.txt"));
    put_file(folder_ / "train.jsonl", long_squad_lines());
  }

  Ending train_with(int64_t threads) const {
    TrainOptions options;
    options.model = (folder_ / "model").string();
    options.train_dataset = (folder_ / "train.jsonl").string();
    options.output_dir = (folder_ / "out").string();
    options.optimizer.epochs = 2;
    options.optimizer.batch_size = 8;
    options.optimizer.learning_rate = 1e-3;
    options.start.from_scratch = true;
    options.text = {.max_seq_length = 128, .doc_stride = 16};
    options.compute.precision = GetParam();
    options.compute.threads = threads;
    Ending ending;
    const fs::path last =
        train_with_recipe(
            options,
            {.step = [&](const StepReport& report) { ending.losses.push_back(report.loss); }})
            .checkpoint;
    ending.weights = get_file(last / "model.safetensors");
    ending.moments = get_file(last / "training_state.safetensors");
    return ending;
  }

  TemporaryFolder folder_;
};

TEST_P(Determinism, TheSameBytesTwice) {
  for (const int64_t threads : {1, 2}) {
    const Ending first = train_with(threads), second = train_with(threads);
    EXPECT_EQ(first.losses.size(), 6u);
    EXPECT_EQ(first.losses, second.losses);
    EXPECT_TRUE(first.weights == second.weights) << threads << " threads";
    EXPECT_TRUE(first.moments == second.moments) << threads << " threads";
  }
}

TEST_P(Determinism, OneThreadAndTwoAgreeWithinTheBound) {
  const Ending one = train_with(1), two = train_with(2);
  ASSERT_EQ(one.losses.size(), two.losses.size());
  const DType stored = GetParam() == "bf16" ? DType::kBF16 : DType::kF32;
  for (size_t i = 0; i < one.losses.size(); ++i) {
    EXPECT_NEAR(one.losses[i], two.losses[i], tolerance(stored, kLongestSum, one.losses[i]))
        << "step " << i + 1;
  }
  RecordProperty("identical", one.weights == two.weights ? "yes" : "no");
}

INSTANTIATE_TEST_SUITE_P(Precisions, Determinism, testing::Values("fp32", "bf16"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace bertune
