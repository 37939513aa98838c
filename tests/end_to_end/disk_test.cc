// SPDX-License-Identifier: Apache-2.0
// Training into folders that cannot be written and onto full disks: an error is reported, earlier
// checkpoints are intact, and the run resumes once there are permissions or space again.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "end_to_end/run_program.h"
#include "end_to_end/small_disk.h"
#include "end_to_end/tiny_squad.h"
#include "formats/checkpoint/run_folder.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;
using Arguments = std::vector<std::string>;

constexpr const char* kNoNamespace =
    "no file system can be mounted here: the system allows no user and mount namespaces "
    "(`unshare -rm true` fails)";

class Disk : public testing::Test {
 protected:
  Disk() : data_(put_file(folder_ / "train.jsonl", tiny_squad_lines())) {
    fs::create_directory(out());
  }

  fs::path out() const { return folder_ / "out"; }

  Arguments train_arguments(const fs::path& output, int64_t epochs) const {
    return tiny_training(data_, output) +
           Arguments{"--save-steps", "1", "--keep", "1000", "--epochs", std::to_string(epochs)};
  }

  Arguments evaluate_arguments() const {
    return {"evaluate", "--checkpoint",   "last", "--output-dir", out(), "--threads",
            "1",        "--eval-dataset", data_};
  }

  TemporaryFolder folder_;
  fs::path data_;
};

// The contents of every file of a folder.
std::map<std::string, std::string> bytes_of(const fs::path& folder) {
  std::map<std::string, std::string> bytes;
  for (const std::string& name : names_in(folder)) bytes[name] = get_file(folder / name);
  return bytes;
}

void expect_failure(const ProgramResult& result, const std::vector<std::string>& parts) {
  EXPECT_EQ(result.exit_code, 1) << result.err;
  for (const std::string& part : parts) {
    EXPECT_NE(result.err.find(part), std::string::npos) << "no '" << part << "' in:\n"
                                                        << result.err;
  }
  EXPECT_EQ(result.out, "");
}

TEST_F(Disk, AFolderWithoutRightsIsSaidBeforeTraining) {
  ASSERT_EQ(run_program(train_arguments(out(), 1)).exit_code, 0);
  const auto before = bytes_of(out() / "checkpoint-1");
  fs::permissions(out(), fs::perms::owner_read | fs::perms::owner_exec);
  if (::access(out().c_str(), W_OK) == 0) {
    fs::permissions(out(), fs::perms::owner_all);
    GTEST_SKIP() << "this user (root) may write into a folder whatever its rights are";
  }
  const ProgramResult result = run_program(train_arguments(out(), 1));
  EXPECT_EQ(run_program(evaluate_arguments()).exit_code, 0);
  fs::permissions(out(), fs::perms::owner_all);
  expect_failure(result, {"error: cannot write into '" + out().string() + "': Permission denied",
                          "hint: check the permissions"});
  EXPECT_EQ(result.err.find("Epoch:"), std::string::npos);
  EXPECT_EQ(bytes_of(out() / "checkpoint-1"), before);
}

TEST_F(Disk, AReadOnlyFileSystemIsSaidBeforeTraining) {
  const SmallDisk disk(out(), "4m");
  if (!disk.is_there()) GTEST_SKIP() << kNoNamespace;
  const auto enter = [&] { disk.enter(); };
  ASSERT_EQ(run_program(train_arguments(out(), 1), {}, enter).exit_code, 0);
  const auto before = bytes_of(disk.seen() / "checkpoint-1");
  ASSERT_TRUE(disk.make_read_only());
  const ProgramResult result = run_program(train_arguments(out(), 1), {}, enter);
  expect_failure(result,
                 {"error: cannot write into '" + out().string() + "': Read-only file system",
                  "hint: the file system is read-only; choose another folder"});
  EXPECT_EQ(result.err.find("Epoch:"), std::string::npos);
  EXPECT_EQ(bytes_of(disk.seen() / "checkpoint-1"), before);
  const ProgramResult scored = run_program(evaluate_arguments(), {}, enter);
  EXPECT_EQ(scored.exit_code, 0) << scored.err;
}

TEST_F(Disk, AFullOneStopsTrainingWhichGoesOnWhenThereIsSpace) {
  constexpr int64_t kSteps = 20;  // their checkpoints do not all fit
  const SmallDisk disk(out(), "2m");
  if (!disk.is_there()) GTEST_SKIP() << kNoNamespace;
  const auto enter = [&] { disk.enter(); };
  const ProgramResult full = run_program(train_arguments(out(), kSteps), {}, enter);
  const auto last = last_checkpoint(disk.seen());
  ASSERT_TRUE(last.has_value()) << full.err;
  const int64_t step = read_training_state(*last).step;
  ASSERT_LT(step, kSteps);
  const std::string name = (out() / checkpoint_name(step)).string();
  expect_failure(full, {"error: the checkpoint of step " + std::to_string(step + 1) +
                            " was not written, and training stops: cannot ",
                        "No space left on device", "hint: the disk is full; free some space",
                        "'" + name + "' is intact; --resume continues from it"});
  for (const std::string& entry : names_in(disk.seen()))
    EXPECT_EQ(entry.find(".partial"), std::string::npos) << entry;
  EXPECT_EQ(run_program(evaluate_arguments(), {}, enter).exit_code, 0);

  for (const fs::path& checkpoint : list_checkpoints(disk.seen()))
    if (checkpoint != *last) fs::remove_all(checkpoint);
  Arguments resume = train_arguments(out(), kSteps);
  resume.insert(resume.end(), {"--resume", "--keep", "1"});
  const ProgramResult resumed = run_program(resume, {}, enter);
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  ASSERT_EQ(run_program(train_arguments(folder_ / "undisturbed", kSteps)).exit_code, 0);
  const std::string end = checkpoint_name(kSteps);
  for (const char* file : {"model.safetensors", "training_state.safetensors"})
    EXPECT_TRUE(get_file(disk.seen() / end / file) ==
                get_file(folder_ / "undisturbed" / end / file))
        << file;
}

TEST_F(Disk, OneThatIsFullFromTheStartIsSaidBeforeTraining) {
  const SmallDisk disk(out(), "1m");
  if (!disk.is_there()) GTEST_SKIP() << kNoNamespace;
  const auto enter = [&] { disk.enter(); };
  ASSERT_EQ(run_program(train_arguments(out(), 1), {}, enter).exit_code, 0);
  const auto before = bytes_of(disk.seen() / "checkpoint-1");
  put_file(disk.seen() / "filler", std::string(1 << 20, 'x'));  // writes as much as fits
  const ProgramResult result = run_program(train_arguments(out(), 1), {}, enter);
  expect_failure(result, {"No space left on device", "hint: the disk is full; free some space"});
  EXPECT_EQ(result.err.find("Epoch:"), std::string::npos);
  EXPECT_EQ(bytes_of(disk.seen() / "checkpoint-1"), before);
  const ProgramResult scored = run_program(evaluate_arguments(), {}, enter);
  EXPECT_EQ(scored.exit_code, 0) << scored.err;
  fs::remove(disk.seen() / "filler");
  EXPECT_EQ(run_program(train_arguments(out(), 1), {}, enter).exit_code, 0);
}

}  // namespace
}  // namespace bertune
