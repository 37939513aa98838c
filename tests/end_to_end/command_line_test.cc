// SPDX-License-Identifier: Apache-2.0
// The program as a user sees it: results go to standard output alone, and every mistake gives one
// message that states what is wrong, where, and how to fix it, with exit code 2 (usage) or 1.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "end_to_end/program_error.h"
#include "end_to_end/run_program.h"
#include "end_to_end/tiny_squad.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;
using Arguments = std::vector<std::string>;
using nlohmann::json;

class CommandLine : public testing::Test {
 protected:
  CommandLine() : data_(put_file(folder_ / "train.jsonl", tiny_squad_lines())) {}

  std::string out() const { return (folder_ / "out").string(); }

  Arguments train_arguments(const std::string& model, const std::string& data) const {
    return {"train", "--model",   model, "--train-dataset",  data, "--output-dir",
            out(),   "--threads", "1",   "--max-seq-length", "26", "--doc-stride",
            "4",     "--epochs",  "40",  "--batch-size",     "8",  "--learning-rate",
            "1e-2"};
  }
  Arguments tiny_train() const { return train_arguments(tiny_model().string(), data_.string()); }

  fs::path copy_model() const {
    fs::copy(tiny_model(), folder_ / "model");
    return folder_ / "model";
  }

  TemporaryFolder folder_;
  fs::path data_;
};

TEST_F(CommandLine, TrainsEvaluatesPredicts) {
  const ProgramResult trained =
      run_program(tiny_train() + Arguments{"--dropout", "0", "--log-steps", "20"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_EQ(trained.out, "checkpoint: " + out() + "/checkpoint-40\n");
  EXPECT_NE(trained.err.find("Epoch:[  1/ 40], step:[    1/    1], loss:["), std::string::npos)
      << trained.err;

  const Arguments checkpoint = {"--checkpoint", "last", "--output-dir", out()};
  const std::string predictions = (folder_ / "predictions.json").string();
  const std::string nbest = (folder_ / "nbest.json").string();
  const ProgramResult scored =
      run_program(Arguments{"evaluate", "--json", "--eval-dataset", data_, "--predictions",
                            predictions, "--nbest", nbest} +
                  checkpoint);
  ASSERT_EQ(scored.exit_code, 0) << scored.err;
  const json metric = json::parse(scored.out);
  EXPECT_EQ(metric, json::parse(R"({"QA Metric": {"exact_match": 100.0, "f1": 100.0}})"));
  EXPECT_EQ(json::parse(get_file(predictions)).size(), 8u);
  EXPECT_EQ(json::parse(get_file(predictions))["q1"], "e");
  EXPECT_EQ(json::parse(get_file(nbest)).size(), 8u);

  const ProgramResult again =
      run_program({"evaluate", "--json", "--eval-dataset", data_, "--score", predictions});
  EXPECT_EQ(again.out, scored.out) << again.err;

  const ProgramResult answer =
      run_program(Arguments{"predict", "--json", "--input", "a b c d e f - b"} + checkpoint);
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  const json list = json::parse(answer.out);
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0]["text"], "c");
  EXPECT_EQ(list[0]["start"], 4);
  EXPECT_EQ(list[0]["end"], 5);

  const std::string lines =
      "\"a b c d e f - b\"\n{\"context\": \"g h i j k l\", \"question\": \"h\"}\n";
  const ProgramResult many = run_program(
      Arguments{"predict", "--json", "--file", "-", "--top-k", "2"} + checkpoint, lines);
  ASSERT_EQ(many.exit_code, 0) << many.err;
  const json lists = json::parse(many.out);
  ASSERT_EQ(lists.size(), 2u);
  EXPECT_EQ(lists[0].size(), 2u);
  EXPECT_EQ(lists[1][0]["text"], "i");
}

TEST_F(CommandLine, TokenizesToOneObjectALine) {
  const std::string model = tiny_model().string();
  const ProgramResult result =
      run_program({"tokenize", "--model", model, "--json", "-"}, "\"ab c\"\n[\"a\", \"b\"]\n");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const size_t cut = result.out.find('\n');
  const json first = json::parse(result.out.substr(0, cut));
  EXPECT_EQ(first["tokens"], json({"[CLS]", "a", "##b", "c", "[SEP]"}));
  EXPECT_EQ(first["offsets"], json::parse("[[0,0],[0,1],[1,2],[3,4],[0,0]]"));
  const json pair = json::parse(result.out.substr(cut + 1));
  EXPECT_EQ(pair["type_ids"], json({0, 0, 0, 1, 1}));
  expect_error(run_program({"tokenize", "--model", model, "-"}, "not json\n"), 1, "line 1");
}

TEST_F(CommandLine, UsageErrorsExitWith2) {
  expect_error(run_program({}), 2, "no subcommand");
  expect_error(run_program({"trian"}), 2, "trian");
  expect_error(run_program(tiny_train() + Arguments{"--learning-rat", "1"}), 2, "--learning-rat");
  expect_error(run_program(tiny_train() + Arguments{"--epochs", "two"}), 2, "--epochs");
  expect_error(run_program(tiny_train() + Arguments{"--batch-size", "0"}), 2, "--batch-size is 0");
  expect_error(run_program(tiny_train() + Arguments{"--precision", "fp8"}), 2, "fp8");
  expect_error(run_program(tiny_train() + Arguments{"--task", "translation"}), 2, "translation");
  expect_error(run_program({"train"}), 2, "--model");
  expect_error(run_program({"evaluate"}), 2, "--eval-dataset is missing");
  expect_error(run_program(tiny_train() + Arguments{"--max-seq-length", "27"}), 2, "26 positions");
  expect_error(run_program(tiny_train() + Arguments{"--doc-stride", "25"}), 2, "doc");
  expect_error(run_program(tiny_train() + Arguments{"--memory-limit", "2 geese"}), 2, "2 geese");
  expect_error(run_program(tiny_train() + Arguments{"--save-minutes", "-1"}), 2, "--save-minutes");
  expect_error(run_program(tiny_train() + Arguments{"--resume-anyway"}), 2, "--resume-anyway");
  expect_error(run_program(tiny_train() + Arguments{"--resume", "--resume-from", "a"}), 2,
               "--resume-from");
  expect_error(run_program({"predict"}), 2, "one input");
}

// This uses no model and writes no file.
TEST_F(CommandLine, ScoringTakesNoFlagsOfAModel) {
  const Arguments score = {"evaluate", "--eval-dataset", data_, "--score", data_};
  const std::vector<Arguments> refused = {{"--checkpoint", "last"},
                                          {"--output-dir", out()},
                                          {"--precision", "fp32"},
                                          {"--threads", "1"},
                                          {"--token-budget", "100"},
                                          {"--trace", (folder_ / "trace.json").string()},
                                          {"--predictions", (folder_ / "p.json").string()},
                                          {"--nbest", (folder_ / "n.json").string()},
                                          {"--n-best", "3"},
                                          {"--null-threshold", "1"}};
  for (const Arguments& flags : refused) {
    expect_error(run_program(score + flags), 2, flags[0] + " is given with --score");
  }
  expect_error(run_program(score + Arguments{"--text-column", "t"}), 2,
               "--text-column is t, but question_answering does not use it");
  expect_error(run_program({"evaluate", "--score", data_}), 2, "--eval-dataset is missing");
  EXPECT_EQ(names_in(folder_.path()), Arguments{"train.jsonl"});
}

TEST_F(CommandLine, MissingFilesAreNamed) {
  const std::string model = tiny_model().string();
  expect_error(run_program(train_arguments("/no/model", data_)), 1, "/no/model");
  expect_error(run_program(train_arguments(model, "/no/data.json")), 1, "/no/data.json");
  fs::create_directory(folder_ / "empty");
  expect_error(run_program(train_arguments(model, folder_ / "empty")), 1, "empty");
  expect_error(run_program({"evaluate", "--output-dir", out(), "--eval-dataset", data_}), 1, out());
  expect_error(run_program({"evaluate", "--checkpoint", "/no/checkpoint", "--eval-dataset", data_}),
               1, "/no/checkpoint");
  expect_error(run_program({"evaluate", "--score", "/no/file", "--eval-dataset", data_}), 1,
               "/no/file");
  expect_error(run_program({"tokenize", "--model", "/no/model", "--text", "a"}), 1, "/no/model");
}

TEST_F(CommandLine, DamagedDataIsNamed) {
  const std::string model = tiny_model().string();
  const auto train_on = [&](const std::string& text) {
    return run_program(train_arguments(model, put_file(folder_ / "data.json", text)));
  };
  expect_error(train_on(R"({"data": [{"paragraphs": [{"context": "a b)"), 1, "data.json");
  expect_error(train_on(R"({"data": 3})"), 1, "data.json");
  expect_error(train_on(R"([1, 2])"), 1, "data.json");
  expect_error(train_on(""), 1, "data.json");
  expect_error(train_on(R"({"data": []})"), 1, "data.json");
  expect_error(train_on(R"({"version": "1.1", "data": [{"paragraphs": [{"qas": []}]}]})"), 1,
               "context");
  EXPECT_FALSE(fs::exists(folder_ / "out"));
}

TEST_F(CommandLine, DamagedModelFoldersAreNamed) {
  const auto train_with = [&] { return run_program(train_arguments(folder_ / "model", data_)); };
  const auto without = [&](const std::vector<std::string>& names) {
    fs::remove_all(folder_ / "model");
    const fs::path model = copy_model();
    for (const std::string& name : names) fs::remove(model / name);
    return train_with();
  };
  expect_error(without({"config.json"}), 1, "config.json");
  expect_error(without({"model.safetensors"}), 1, "model.safetensors");
  expect_error(without({"vocab.txt", "tokenizer.json"}), 1, "vocab.txt");

  EXPECT_EQ(without({}).exit_code, 0);
  const fs::path weights = folder_ / "model" / "model.safetensors";
  const std::string good = get_file(weights);
  put_file(folder_ / "model/model.safetensors", good.substr(0, good.size() / 2));
  expect_error(train_with(), 1, "model.safetensors");
  put_file(folder_ / "model/model.safetensors", std::string(7, '\xff') + "\x7f" + good.substr(8));
  expect_error(train_with(), 1, "model.safetensors");
  put_file(folder_ / "model/model.safetensors", good);
  put_file(folder_ / "model/tokenizer.json", "{");
  fs::remove(folder_ / "model" / "vocab.txt");
  expect_error(train_with(), 1, "tokenizer.json");
  fs::remove(folder_ / "model" / "tokenizer.json");
  put_file(folder_ / "model/vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n");
  expect_error(train_with(), 1, "vocab");
}

TEST_F(CommandLine, AMindSporeCheckpointIsAModel) {
  const fs::path tiny = fs::path(BERTUNE_TEST_DATA) / "mindspore" / "tiny";
  fs::copy(tiny, folder_ / "model");
  const fs::path file = folder_ / "model/tiny.ckpt";
  const auto train_with = [&](const fs::path& model) {
    Arguments arguments = train_arguments(model, data_);
    *std::find(arguments.begin(), arguments.end(), "26") = "24";  // as many as it has positions
    return run_program(arguments);
  };
  for (const fs::path& model : {folder_ / "model", file}) {
    const ProgramResult trained = train_with(model);
    ASSERT_EQ(trained.exit_code, 0) << trained.err;
    const ProgramResult answer =
        run_program({"predict", "--json", "--output-dir", out(), "--input", "a b c d e f - b"});
    EXPECT_EQ(answer.exit_code, 0) << answer.err;
  }
  const json config = json::parse(get_file(folder_ / "out" / "checkpoint-40" / "config.json"));
  EXPECT_EQ(config["layer_norm_eps"], 1e-5);
  EXPECT_EQ(config["hidden_act"], "gelu_new");

  const auto train_on = [&](std::string_view bytes) {
    put_file(file, bytes);
    return train_with(file);
  };
  const std::string good = get_file(file);
  expect_error(train_on(std::string_view(good).substr(0, good.size() / 2)), 1, "tiny.ckpt");
  expect_error(train_on("\xd8\x5e\x3a\x7f"), 1, "encrypted");
  expect_error(train_on("PK\x03\x04"), 1, "zip");
  put_file(file, good);
  fs::remove(folder_ / "model/tiny.yaml");
  expect_error(train_with(file), 1, "config");
  expect_error(train_with(folder_ / "model/vocab.txt"), 1, "vocab.txt");
}

TEST_F(CommandLine, TextWithoutADashIsRefused) {
  ASSERT_EQ(run_program(tiny_train()).exit_code, 0);
  const Arguments predict = {"predict", "--output-dir", out(), "--input"};
  expect_error(run_program(predict + Arguments{"no dash here"}), 1, "dash");
  expect_error(run_program(predict + Arguments{"context - "}), 1, "question");
}

TEST_F(CommandLine, OutputThatCannotBeWrittenIsFoundBeforeTraining) {
  put_file(folder_ / "file", "x");
  Arguments arguments = tiny_train();
  *std::find(arguments.begin(), arguments.end(), out()) = (folder_ / "file" / "out").string();
  const ProgramResult result = run_program(arguments);
  expect_error(result, 1, "file");
  EXPECT_EQ(result.err.find("Epoch:"), std::string::npos);
}

TEST_F(CommandLine, ADiskThatIsFullLeavesTheLastCheckpoint) {
  ASSERT_EQ(run_program(tiny_train()).exit_code, 0);
  // A file size limit simulates the full disk: writes fail in the middle of the weights.
  const auto limit = [] {
    const rlimit bytes{40000, 40000};
    ::setrlimit(RLIMIT_FSIZE, &bytes);
  };
  const ProgramResult result = run_program(tiny_train(), {}, limit);
  expect_error(result, 1, "model.safetensors");
  EXPECT_TRUE(fs::exists(folder_ / "out" / "previous-1" / "checkpoint-40" / "model.safetensors"));
  for (const auto& entry : fs::directory_iterator(folder_ / "out")) {
    const std::string name = entry.path().filename();
    EXPECT_TRUE(name == "previous-1" || name == "log.jsonl" || name == "tensorboard") << name;
  }
}

TEST_F(CommandLine, AFileThatIsCutShortIsAnError) {
  ASSERT_EQ(run_program(tiny_train()).exit_code, 0);
  std::string lines;
  for (int i = 0; i < 40'000; ++i) lines += tiny_squad_lines();
  const fs::path data = put_file(folder_ / "much.jsonl", lines);
  RunningProgram program({"evaluate", "--output-dir", out(), "--eval-dataset", data.string(),
                          "--predictions", (folder_ / "answers.json").string()});
  // Written along with the first part.
  const fs::path answers = folder_ / (".answers.json.partial-" + std::to_string(program.id()));
  std::error_code not_yet;
  while (program.is_running() && !(fs::file_size(answers, not_yet) > 0 && !not_yet))
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  fs::resize_file(data, 0);
  expect_error(program.wait(), 1, "a file became shorter while it was read");
}

TEST_F(CommandLine, AFullStandardOutputIsAnError) {
  ASSERT_EQ(run_program(tiny_train()).exit_code, 0);
  const auto full = [] { ::dup2(::open("/dev/full", O_WRONLY), STDOUT_FILENO); };
  const ProgramResult result =
      run_program({"predict", "--output-dir", out(), "--input", "a b c d e f - b"}, {}, full);
  expect_error(result, 1, "standard output");
}

}  // namespace
}  // namespace bertune
