// SPDX-License-Identifier: Apache-2.0
// Interrupted training as a user experiences it: signals, a second run, resuming.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "end_to_end/run_program.h"
#include "end_to_end/tiny_squad.h"
#include "formats/checkpoint/run_folder.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;
using Arguments = std::vector<std::string>;

class Interruption : public testing::Test {
 protected:
  Interruption() : data_(put_file(folder_ / "train.jsonl", tiny_squad_lines())) {}

  std::string out() const { return (folder_ / "out").string(); }

  Arguments train_arguments(int64_t epochs) const {
    return tiny_training(data_, out()) + Arguments{"--epochs", std::to_string(epochs)};
  }

  template <typename Condition>
  static void wait_until(RunningProgram& program, const Condition& is_met) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(5);
    while (!is_met() && program.is_running() && std::chrono::steady_clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }

  // Runs until a first checkpoint exists, then sends the signals.
  ProgramResult interrupt(const Arguments& arguments, const std::vector<int>& signals) const {
    RunningProgram program(arguments);
    wait_until(program, [&] { return fs::exists(folder_ / "out" / "checkpoint-1"); });
    for (const int signal : signals) program.send(signal);
    return program.wait();
  }

  // The evaluation lines of log.jsonl.
  std::vector<std::string> evaluation_lines(const std::string& output) const {
    std::istringstream log(get_file(folder_ / output / "log.jsonl"));
    std::vector<std::string> found;
    for (std::string line; std::getline(log, line);) {
      if (line.find("exact_match") != std::string::npos) found.push_back(line);
    }
    return found;
  }

  TemporaryFolder folder_;
  fs::path data_;
};

// Evaluation writes its files incrementally, but a signal leaves nothing of them.
TEST_F(Interruption, EvaluationLeavesNoHalfWrittenFile) {
  ASSERT_EQ(run_program(train_arguments(1)).exit_code, 0);
  std::string lines;
  for (int i = 0; i < 60'000; ++i) lines += tiny_squad_lines();
  put_file(folder_ / "large.jsonl", lines);
  const fs::path written = folder_ / "written";
  fs::create_directory(written);
  RunningProgram program({"evaluate", "--output-dir", out(), "--eval-dataset",
                          (folder_ / "large.jsonl").string(), "--predictions",
                          (written / "p.json").string(), "--threads", "1"});
  wait_until(program, [&] { return names_in(written) != std::vector<std::string>{}; });
  program.send(SIGTERM);
  const ProgramResult result = program.wait();
  EXPECT_EQ(result.exit_code, -1) << result.err;  // ended by the signal, after the cleanup
  EXPECT_NE(result.err.find("stopping; "), std::string::npos) << result.err;
  EXPECT_EQ(names_in(written), std::vector<std::string>{});
}

TEST_F(Interruption, ASignalSavesAndSaysHowToGoOn) {
  Arguments arguments = train_arguments(1'000'000);
  arguments.insert(arguments.end(), {"--save-steps", "1", "--keep", "2000000"});
  const ProgramResult stopped = interrupt(arguments, {SIGINT});
  EXPECT_EQ(stopped.exit_code, 130) << stopped.err.substr(stopped.err.size() - 2000);
  EXPECT_NE(stopped.err.find("stopped by SIGINT after step "), std::string::npos);
  const std::string command = stopped.err.substr(stopped.err.rfind("\n  ") + 3);
  EXPECT_EQ(command.find(BERTUNE_PROGRAM), 0u) << command;
  EXPECT_TRUE(command.ends_with(" --resume\n")) << command;
  EXPECT_EQ(stopped.out.find("checkpoint: " + out() + "/checkpoint-"), 0u) << stopped.out;
  EXPECT_TRUE(fs::exists(stopped.out.substr(12, stopped.out.size() - 13)));
}

TEST_F(Interruption, SigtermExitsWith143) {
  Arguments arguments = train_arguments(1'000'000);
  arguments.insert(arguments.end(), {"--save-minutes", "0.0001"});
  RunningProgram program(arguments);
  wait_until(program, [&] { return last_checkpoint(out()).has_value(); });
  program.send(SIGTERM);
  EXPECT_EQ(program.wait().exit_code, 143);
}

TEST_F(Interruption, ATerminalThatGoesAwayMaySayItTwice) {
  Arguments arguments = train_arguments(1'000'000);
  arguments.insert(arguments.end(), {"--save-steps", "1", "--keep", "2000000"});
  const ProgramResult stopped = interrupt(arguments, {SIGHUP, SIGHUP, SIGHUP});
  EXPECT_EQ(stopped.exit_code, 129) << stopped.err.substr(stopped.err.size() - 2000);
  EXPECT_NE(stopped.err.find("stopped by SIGHUP after step "), std::string::npos);
}

// A pipe without a reader, as after a Ctrl-C that ended tee first.
void break_standard_error() {
  int ends[2];
  if (::pipe(ends) == 0) ::dup2(ends[1], STDERR_FILENO);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(Interruption, TrainingDoesNotDependOnWhoListens) {
  const auto full = [] { ::dup2(::open("/dev/full", O_WRONLY), STDERR_FILENO); };
  EXPECT_EQ(run_program(train_arguments(3), {}, full).exit_code, 0);
  EXPECT_TRUE(fs::exists(folder_ / "out" / "checkpoint-3"));
  EXPECT_EQ(run_program(train_arguments(4), {}, break_standard_error).exit_code, 0);
  EXPECT_TRUE(fs::exists(folder_ / "out" / "checkpoint-4"));
  Arguments arguments = train_arguments(1'000'000);
  arguments.insert(arguments.end(), {"--save-steps", "1000000"});
  RunningProgram program(arguments, {}, break_standard_error);
  wait_until(program, [&] {  // until this run's log, not the earlier one's, has steps
    return fs::exists(folder_ / "out/previous-2/log.jsonl") &&
           !get_file(folder_ / "out/log.jsonl").empty();
  });
  program.send(SIGINT);
  EXPECT_EQ(program.wait().exit_code, 130);
  EXPECT_TRUE(last_checkpoint(out()).has_value());
}

std::string many_lines(int times) {
  std::string lines;
  for (int i = 0; i < times; ++i) lines += tiny_squad_lines();
  return lines;
}

TEST_F(Interruption, ASecondSignalEndsAtOnceAndTheLastCheckpointStays) {
  // Each step processes all of it, and takes seconds.
  const std::string data = put_file(folder_ / "long.jsonl", many_lines(4000)).string();
  Arguments arguments = train_arguments(3);
  *std::find(arguments.begin(), arguments.end(), data_.string()) = data;
  arguments.insert(arguments.end(), {"--save-steps", "1", "--batch-size", "1000000"});
  RunningProgram program(arguments);
  wait_until(program, [&] { return fs::exists(folder_ / "out" / "checkpoint-1"); });
  program.send(SIGINT);
  wait_until(program,
             [&] { return program.err_so_far().find("stopping after") != std::string::npos; });
  program.send(SIGINT);
  const ProgramResult ended = program.wait();
  EXPECT_EQ(ended.exit_code, 130) << ended.err;
  EXPECT_NE(ended.err.find("a second signal ends the process immediately\n"), std::string::npos)
      << ended.err;
  EXPECT_NE(ended.err.find("checkpoints are intact. To resume:\n  "), std::string::npos);
  EXPECT_TRUE(ended.err.ends_with(" --resume\n")) << ended.err;
  EXPECT_EQ(ended.err.find("stopped by SIGINT"), std::string::npos) << ended.err;
  EXPECT_EQ(ended.out, "");
  const auto last = last_checkpoint(out());
  ASSERT_TRUE(last.has_value());
  const ProgramResult answered =
      run_program({"predict", "--output-dir", out(), "--input", "a b c d e f - b"});
  EXPECT_EQ(answered.exit_code, 0) << answered.err;
  arguments.push_back("--resume");
  const ProgramResult resumed = run_program(arguments);
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_NE(resumed.err.find("resuming from '" + last->string() + "'"), std::string::npos)
      << resumed.err;
}

TEST_F(Interruption, AnEvaluationThatWasStoppedIsMadeWhenTheRunGoesOn) {
  const std::string much = put_file(folder_ / "much.jsonl", many_lines(2000)).string();
  const auto arguments = [&](const std::string& output) {
    Arguments all = tiny_training(data_, folder_ / output) +
                    Arguments{"--epochs", "4", "--eval-steps", "2", "--eval-dataset", much};
    *std::find(all.begin(), all.end(), "1000000") = "1";  // --log-steps
    return all;
  };
  const ProgramResult undisturbed = run_program(arguments("whole"));
  ASSERT_EQ(undisturbed.exit_code, 0) << undisturbed.err;
  RunningProgram program(arguments("out"));
  wait_until(program,
             [&] { return program.err_so_far().find("Epoch:[  2/") != std::string::npos; });
  program.send(SIGINT);
  const ProgramResult stopped = program.wait();
  EXPECT_EQ(stopped.exit_code, 130) << stopped.err;
  EXPECT_NE(stopped.err.find("stopped by SIGINT after step 2"), std::string::npos) << stopped.err;
  EXPECT_TRUE(read_training_state(folder_ / "out/checkpoint-2").evaluation_due);
  const ProgramResult resumed = run_program(arguments("out") + Arguments{"--resume"});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(evaluation_lines("out"), evaluation_lines("whole"));
  EXPECT_EQ(evaluation_lines("out").size(), 2u);
  for (const char* name : {"model.safetensors", "training_state.safetensors"}) {
    EXPECT_EQ(get_file(folder_ / "out/checkpoint-4" / name),
              get_file(folder_ / "whole/checkpoint-4" / name));
  }
  const TrainingState end = read_training_state(folder_ / "out/checkpoint-4");
  EXPECT_FALSE(end.evaluation_due);
  EXPECT_EQ(end.best_step, read_training_state(folder_ / "whole/checkpoint-4").best_step);
}

TEST_F(Interruption, ASecondRunIsToldWhoIsThere) {
  RunningProgram first(train_arguments(1'000'000));
  wait_until(first, [&] { return !get_file(folder_ / "out" / ".lock").empty(); });
  const ProgramResult second = run_program(train_arguments(1));
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_NE(second.err.find("process " + std::to_string(first.id()) + " is already training into"),
            std::string::npos)
      << second.err;
  first.send(SIGKILL);
  EXPECT_EQ(first.wait().exit_code, -1);
  EXPECT_EQ(run_program(train_arguments(1)).exit_code, 0);
}

TEST_F(Interruption, GoingOnSaysSo) {
  Arguments arguments = train_arguments(2);
  arguments.insert(arguments.end(), {"--save-steps", "1", "--resume"});
  const ProgramResult first = run_program(arguments);
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(list_checkpoints(out()).size(), 2u);
  EXPECT_NE(first.err.find("has no checkpoint yet: starting from the beginning"),
            std::string::npos);
  const ProgramResult again = run_program(arguments);
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_NE(again.err.find("the run is finished"), std::string::npos) << again.err;
  EXPECT_EQ(again.out, first.out);
  const ProgramResult fewer = run_program(arguments + Arguments{"--keep", "1"});
  EXPECT_EQ(fewer.exit_code, 0) << fewer.err;
  EXPECT_EQ(list_checkpoints(out()).size(), 1u);
  arguments.insert(arguments.end(), {"--learning-rate", "1"});
  const ProgramResult other = run_program(arguments);
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_NE(other.err.find("learning_rate: 3e-05 there, 1.0 here"), std::string::npos) << other.err;
}

}  // namespace
}  // namespace bertune
