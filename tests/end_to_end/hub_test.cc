// SPDX-License-Identifier: Apache-2.0
// Models by name, as a user refers to them: the program against a hub on loopback.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "end_to_end/run_program.h"
#include "end_to_end/tiny_squad.h"
#include "hub_server.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kBase = "google-bert/bert-base-uncased";

class Hub : public testing::Test {
 protected:
  Hub() { hub_.put_folder(kBase, tiny_model()); }

  fs::path cache() const { return folder_ / "cache"; }
  fs::path cached() const { return cache() / "models" / kBase; }

  // Runs in the child before the program starts.
  std::function<void()> environment(bool offline = false) const {
    return [url = hub_.url(), cache = cache().string(), config = folder_.path().string(), offline] {
      ::setenv("HF_ENDPOINT", url.c_str(), 1);
      ::setenv("BERTUNE_CACHE", cache.c_str(), 1);
      ::setenv("XDG_CONFIG_HOME", config.c_str(), 1);
      ::setenv("HF_HUB_OFFLINE", offline ? "1" : "0", 1);
      ::unsetenv("HF_TOKEN");
    };
  }

  ProgramResult run(const std::vector<std::string>& arguments, bool offline = false) const {
    return run_program(arguments, {}, environment(offline));
  }

  TemporaryFolder folder_;
  HubServer hub_;
};

TEST_F(Hub, PullPrintsTheFolderAndModelsListsIt) {
  const ProgramResult pulled = run({"pull", "qa_bert_base_uncased"});
  ASSERT_EQ(pulled.exit_code, 0) << pulled.err;
  EXPECT_EQ(pulled.out, cached().string() + "\n");
  EXPECT_EQ(run({"pull", "mindspore/bert_base_uncased"}, true).out, pulled.out);

  const ProgramResult listed = run({"models", "--json"});
  ASSERT_EQ(listed.exit_code, 0) << listed.err;
  const json list = json::parse(listed.out);
  EXPECT_EQ(list["cache"], cache().string());
  EXPECT_EQ(list["aliases"], (folder_ / "bertune/aliases").string());
  for (const json& model : list["models"]) {
    const bool is_here = model["hub_id"] == kBase;
    EXPECT_EQ(model["folder"], is_here ? json(cached().string()) : json()) << model;
  }
  const ProgramResult table = run({"models"});
  EXPECT_NE(table.out.find("qa_bert_base_uncased "), std::string::npos) << table.out;
  EXPECT_NE(table.out.find(cache().string()), std::string::npos) << table.out;
}

TEST_F(Hub, TrainEvaluateAndPredictTakeAName) {
  const std::string data = put_file(folder_ / "train.jsonl", tiny_squad_lines());
  const std::string out = folder_ / "out";
  const ProgramResult trained =
      run({"train", "--model", "qa_bert_base_uncased", "--train-dataset", data, "--output-dir", out,
           "--threads", "1", "--max-seq-length", "26", "--doc-stride", "4", "--epochs", "1"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_NE(trained.err.find("downloading google-bert/bert-base-uncased"), std::string::npos);
  const fs::path checkpoint = fs::path(out) / "checkpoint-1";
  hub_.put_folder("csarron/bert-base-uncased-squad-v1", checkpoint);
  std::string tuned = run({"pull", "qa_bert_base_uncased_squad"}).out;
  tuned.pop_back();  // the line feed
  // Sets the window lengths, which the tiny model's 26 positions require. Hubs have no such file.
  fs::copy_file(checkpoint / "training_state.json", fs::path(tuned) / "training_state.json");
  const ProgramResult scored = run({"evaluate", "--checkpoint", "qa_bert_base_uncased_squad",
                                    "--eval-dataset", data, "--json", "--threads", "1"});
  EXPECT_EQ(scored.exit_code, 0) << scored.err;
  const ProgramResult answered = run({"predict", "--checkpoint", "qa_bert_base_uncased_squad",
                                      "--input", "a b c - b", "--json", "--threads", "1"},
                                     true);
  EXPECT_EQ(answered.exit_code, 0) << answered.err;
  const ProgramResult tokens = run({"tokenize", "--model", "bert_base_uncased", "--text", "a"});
  EXPECT_EQ(tokens.exit_code, 0) << tokens.err;
}

TEST_F(Hub, ProcessesThatWantTheSameModelDoNotDisturbEachOther) {
  std::vector<ProgramResult> results(3);
  std::vector<std::thread> threads;
  for (ProgramResult& result : results)
    threads.emplace_back([&] { result = run({"pull", "bert_base_uncased"}); });
  for (std::thread& thread : threads) thread.join();
  for (const ProgramResult& result : results) {
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out, cached().string() + "\n");
  }
  EXPECT_EQ(hub_.count("GET", "model.safetensors"), 1);
}

TEST_F(Hub, AProcessThatIsKilledLeavesAPartAndNoLock) {
  hub_.misbehave("GET", "model.safetensors", {stall_after(1000)});
  const auto environment = this->environment();
  const pid_t child = ::fork();
  if (child == 0) {
    environment();
    ::close(STDERR_FILENO);
    ::execl(BERTUNE_PROGRAM, BERTUNE_PROGRAM, "pull", "bert_base_uncased", nullptr);
    ::_exit(127);
  }
  const fs::path part =
      cached().parent_path() / ".bert-base-uncased.partial/model.safetensors.partial";
  std::error_code missing;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (fs::file_size(part, missing) != 1000 && std::chrono::steady_clock::now() < deadline)
    ::usleep(2000);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(fs::file_size(part, missing), 1000u);
  EXPECT_FALSE(fs::exists(cached()));

  const ProgramResult again = run({"pull", "bert_base_uncased"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(hub_.requests().back().header("range"), "bytes=1000-");
}

TEST_F(Hub, ErrorsSayWhatToDo) {
  const auto fails = [&](const std::string& name, int exit_code, const std::string& part,
                         bool offline = false) {
    const ProgramResult result = run({"pull", name}, offline);
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("hint: "), std::string::npos) << result.err;
  };
  fails("bert_base_uncase", 2, "did you mean bert_base_uncased?");
  fails("txtcls_bert_base_uncased_mnli", 1, "aliases");
  fails("no/such", 1, (cache() / "models/no/such").string());
  fails("bert_tiny_uncased", 1, "HF_HUB_OFFLINE", true);
  fails("/no/such/folder", 1, "/no/such/folder");
  EXPECT_EQ(run({"pull"}).exit_code, 2);
}

}  // namespace
}  // namespace bertune
