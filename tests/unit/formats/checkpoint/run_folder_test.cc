// SPDX-License-Identifier: Apache-2.0
// The output folder of a run: finding the last checkpoint, pruning, setting earlier runs aside, and
// a full disk, which must cost nothing but the new checkpoint.
#include "formats/checkpoint/run_folder.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include "expect_error.h"
#include "formats/safetensors/file.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

// The parts of a model folder that this module looks at, with `floats` weights.
void fill(const fs::path& folder, size_t floats) {
  put_file(folder / "config.json", "{}");
  const std::vector<float> values(floats, 1.0f);
  const std::vector<TensorToWrite> tensors = {{"a", {static_cast<int64_t>(floats)}, values}};
  write_safetensors(folder / "model.safetensors", tensors);
}

fs::path write_step(const fs::path& output, int64_t step, size_t floats = 4) {
  return write_checkpoint(output, {.step = step},
                          [&](const fs::path& folder) { fill(folder, floats); });
}

class RunFolderTest : public testing::Test {
 protected:
  TemporaryFolder folder;
  const fs::path output = folder / "output";
};

// A file system that is full after `bytes`. Mounting one requires privileges that not every user
// has.
class TinyDisk {
 public:
  TinyDisk(const fs::path& path, const std::string& bytes) : path_(path) {
    fs::create_directories(path);
    mounted_ = ::mount("tmpfs", path.c_str(), "tmpfs", 0, ("size=" + bytes).c_str()) == 0;
  }
  ~TinyDisk() {
    if (mounted_) ::umount(path_.c_str());
  }
  bool mounted() const { return mounted_; }

 private:
  fs::path path_;
  bool mounted_;
};

TEST_F(RunFolderTest, AStateReadsBackEqual) {
  const TrainingState state{.step = 123,
                            .epoch = 1,
                            .seed = 18446744073709551615u,
                            .total_steps = 200,
                            .loss_sum = 0.1 + 0.2,
                            .loss_steps = 23,
                            .skipped_steps = 2,
                            .precision = "bf16",
                            .device = "a processor",
                            .model = "0123",
                            .data = "4567",
                            .windows = 88,
                            .options = R"({"batch_size":12,"learning_rate":3e-05})"};
  const fs::path path =
      write_checkpoint(output, state, [](const fs::path& aside) { fill(aside, 4); });
  EXPECT_EQ(path, output / "checkpoint-123");
  EXPECT_EQ(names_in(path), (Names{"config.json", "model.safetensors", "training_state.json"}));
  const TrainingState again = read_training_state(path);
  EXPECT_EQ(again.step, 123);
  EXPECT_EQ(again.epoch, 1);
  EXPECT_EQ(again.seed, 18446744073709551615u);
  EXPECT_EQ(again.options, state.options);
  EXPECT_EQ(again.total_steps, 200);
  EXPECT_EQ(again.loss_sum, 0.1 + 0.2);
  EXPECT_EQ(again.loss_steps, 23);
  EXPECT_EQ(again.skipped_steps, 2);
  EXPECT_EQ(again.precision, "bf16");
  EXPECT_EQ(again.device, "a processor");
  EXPECT_EQ(again.model, "0123");
  EXPECT_EQ(again.data, "4567");
  EXPECT_EQ(again.windows, 88);
}

TEST_F(RunFolderTest, RefusesAStateThatIsDamaged) {
  const fs::path state = folder / "training_state.json";
  const auto refuses = [&](const char* text, const std::string& part) {
    put_file(state, text);
    expect_error(ErrorKind::kInput, {"training_state.json", part},
                 [&] { read_training_state(folder.path()); });
  };
  expect_error(ErrorKind::kSystem, {"training_state.json"},
               [&] { read_training_state(folder.path()); });
  refuses("{", "not valid JSON");
  refuses("{}", "format");
  refuses(R"({"format":3,"step":1,"epoch":0,"seed":1,"options":{}})", "format is 3");
  refuses(R"({"format":2,"step":1,"epoch":0,"seed":1,"options":{}})", "total_steps");
  refuses(R"({"format":1,"epoch":0,"seed":1,"options":{}})", "step");
  refuses(R"({"format":1,"step":-4,"epoch":0,"seed":1,"options":{}})", "step");
  refuses(R"({"format":1,"step":1,"epoch":0,"seed":-1,"options":{}})", "seed");
  refuses(R"({"format":1,"step":1,"epoch":0,"seed":1,"options":"x"})", "options");
}

TEST_F(RunFolderTest, ReadsTheFormatOfVersion01) {
  put_file(folder / "training_state.json",
           R"({"format":1,"step":7,"epoch":1,"seed":1,"options":{"doc_stride":4}})");
  const TrainingState state = read_training_state(folder.path());
  EXPECT_EQ(state.step, 7);
  EXPECT_EQ(state.options, R"({"doc_stride":4})");
}

TEST_F(RunFolderTest, TheLastIsTheHighestStepNotTheNewest) {
  write_step(output, 1000);
  write_step(output, 90);
  write_step(output, 200);
  EXPECT_EQ(last_checkpoint(output), output / "checkpoint-1000");
  const std::vector<fs::path> all = list_checkpoints(output);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].filename(), "checkpoint-90");
  EXPECT_EQ(all[1].filename(), "checkpoint-200");
}

TEST_F(RunFolderTest, OnlyCompleteCheckpointsCount) {
  write_step(output, 5);
  for (const char* name : {"config.json", "model.safetensors", "training_state.json"}) {
    const fs::path path = write_step(output, 6);
    fs::remove(path / name);
    EXPECT_EQ(last_checkpoint(output), output / "checkpoint-5") << name;
  }
  put_file(output / "checkpoint-7", "a file");
  for (const char* name :
       {"checkpoint-", "checkpoint-08", "checkpoint-9x", "checkpoint--9", "checkpoint-+9",
        "checkpoint-99999999999999999999", "xcheckpoint-9", ".checkpoint-9.partial-1"})
    fs::copy(output / "checkpoint-5", output / name);
  EXPECT_EQ(last_checkpoint(output), output / "checkpoint-5");
}

TEST_F(RunFolderTest, NoOutputHasNoCheckpoints) {
  EXPECT_FALSE(last_checkpoint(output).has_value());
  EXPECT_FALSE(set_aside_previous_run(output).has_value());
  prune_checkpoints(output, 5, 0);
  EXPECT_FALSE(set_aside_later_checkpoints(output, 1).has_value());
  EXPECT_FALSE(fs::exists(output));
}

TEST_F(RunFolderTest, PruningKeepsTheHighest) {
  for (const int64_t step : {30, 10, 50, 40, 20}) write_step(output, step);
  prune_checkpoints(output, 5, 0);
  EXPECT_EQ(names_in(output).size(), 5u);
  prune_checkpoints(output, 2, 0);
  EXPECT_EQ(names_in(output), (Names{"checkpoint-40", "checkpoint-50"}));
  prune_checkpoints(output, 0, 0);
  prune_checkpoints(output, -3, 0);
  EXPECT_EQ(names_in(output), Names{"checkpoint-50"});
}

TEST_F(RunFolderTest, PruningCountsItsFailures) {
  for (const int64_t step : {2, 3}) write_step(output, step);
  const TinyDisk disk(output / "checkpoint-1", "64k");  // a mount point cannot be moved
  if (!disk.mounted())
    GTEST_SKIP() << "no right to mount a tmpfs: a busy folder is not tested here";
  fs::copy(output / "checkpoint-2", output / "checkpoint-1", fs::copy_options::recursive);
  EXPECT_EQ(prune_checkpoints(output, 1, 0), 1);
  EXPECT_EQ(list_checkpoints(output).size(), 2u);
  EXPECT_EQ(last_checkpoint(output), output / "checkpoint-3");
}

TEST_F(RunFolderTest, PruningLeavesEverythingElse) {
  for (const int64_t step : {1, 2}) write_step(output, step);
  put_file(output / "predictions.json", "{}");
  fs::create_directories(output / "checkpoint-0");  // incomplete, so not one of ours
  prune_checkpoints(output, 1, 0);
  EXPECT_EQ(names_in(output), (Names{"checkpoint-0", "checkpoint-2", "predictions.json"}));
}

TEST_F(RunFolderTest, AnEarlierRunIsSetAside) {
  write_step(output, 10);
  write_step(output, 20);
  put_file(output / "notes.txt", "mine");
  EXPECT_EQ(set_aside_previous_run(output), output / "previous-1");
  EXPECT_EQ(names_in(output), (Names{"notes.txt", "previous-1"}));
  EXPECT_EQ(names_in(output / "previous-1"), (Names{"checkpoint-10", "checkpoint-20"}));
  EXPECT_FALSE(set_aside_previous_run(output).has_value());
  write_step(output, 10);
  fs::create_directories(output / "previous-7");
  EXPECT_EQ(set_aside_previous_run(output), output / "previous-8");
  EXPECT_FALSE(last_checkpoint(output).has_value());
}

TEST_F(RunFolderTest, TheSameStepIsReplaced) {
  write_step(output, 10, 4);
  write_step(output, 10, 9);
  const SafetensorsFile file(output / "checkpoint-10" / "model.safetensors");
  EXPECT_EQ(file.find("a")->size, 9);
  EXPECT_EQ(names_in(output), Names{"checkpoint-10"});
}

TEST_F(RunFolderTest, AFailureWhileWritingLeavesEverythingAsItWas) {
  write_step(output, 10, 4);
  const auto fail = [&](int64_t step) {
    write_checkpoint(output, {.step = step}, [](const fs::path& aside) {
      fill(aside, 9);
      throw Error(ErrorKind::kSystem, "no more");
    });
  };
  expect_error(ErrorKind::kSystem, {"no more"}, [&] { fail(20); });
  expect_error(ErrorKind::kSystem, {"no more"}, [&] { fail(10); });
  EXPECT_EQ(names_in(output), Names{"checkpoint-10"});
  EXPECT_EQ(SafetensorsFile(output / "checkpoint-10" / "model.safetensors").find("a")->size, 4);
}

TEST_F(RunFolderTest, LaterCheckpointsAreSetAside) {
  for (const int64_t step : {10, 20, 30}) write_step(output, step);
  EXPECT_FALSE(set_aside_later_checkpoints(output, 30).has_value());
  EXPECT_EQ(set_aside_later_checkpoints(output, 10), output / "previous-1");
  EXPECT_EQ(names_in(output), (Names{"checkpoint-10", "previous-1"}));
  EXPECT_EQ(names_in(output / "previous-1"), (Names{"checkpoint-20", "checkpoint-30"}));
}

TEST_F(RunFolderTest, OpeningRemovesWhatKilledWritersLeft) {
  write_step(output, 10);
  for (const char* name : {".checkpoint-20.partial-4194999", ".checkpoint-5.old.partial-1",
                           ".other.partial-4194999", ".checkpoint-20.mine"}) {
    put_file(output / name / "config.json", "{}");
  }
  put_file(output / ".log.jsonl.partial-4194999", "{}");
  put_file(output / ".numerical_fault.json.partial-4194999", "{}");
  put_file(output / ".lock", "4194999\n");
  const OpenRunFolder open(output);
  EXPECT_EQ(names_in(output),
            (Names{".checkpoint-20.mine", ".lock", ".other.partial-4194999", "checkpoint-10"}));
  EXPECT_EQ(get_file(output / ".lock"), std::to_string(::getpid()) + "\n");
}

TEST_F(RunFolderTest, OpenForOneAtATime) {
  {
    const OpenRunFolder open(output);
    expect_error(ErrorKind::kSystem, {"process " + std::to_string(::getpid()), output.string()},
                 [&] { const OpenRunFolder second(output); });
    EXPECT_EQ(names_in(output), Names{".lock"});
  }
  EXPECT_FALSE(fs::exists(output)) << "a folder that it made and that stays empty goes";
  fs::create_directories(output);
  { const OpenRunFolder open(output); }
  EXPECT_EQ(names_in(output), Names{}) << "another's folder stays";
}

TEST_F(RunFolderTest, NamesAnOutputThatCannotBeWritten) {
  put_file(folder / "file", "x");
  expect_error(ErrorKind::kSystem, {"file"}, [&] { write_step(folder / "file", 1); });
}

// While this lives, files can grow only to this many bytes, then write() fails.
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    set_ = ::setrlimit(RLIMIT_FSIZE, &limit) == 0;
  }
  ~FileLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;
  bool set() const { return set_; }

 private:
  sighandler_t handler_;
  rlimit before_{};
  bool set_ = false;
};

TEST_F(RunFolderTest, AFileLimitCostsOnlyTheNewCheckpoint) {
  write_step(output, 10);
  std::optional<Error> error;
  {
    const FileLimit limit(65536);
    ASSERT_TRUE(limit.set());
    error = error_of([&] { write_step(output, 20, 65536); });
  }
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->kind(), ErrorKind::kSystem);
  EXPECT_EQ(names_in(output), Names{"checkpoint-10"});
  EXPECT_EQ(last_checkpoint(output), output / "checkpoint-10");
}

TEST_F(RunFolderTest, AFullDiskCostsOnlyTheNewCheckpoint) {
  const TinyDisk disk(output, "128k");
  if (!disk.mounted()) GTEST_SKIP() << "no right to mount a tmpfs: a full disk is not tested here";
  write_step(output, 10, 1024);
  const std::optional<Error> error = error_of([&] { write_step(output, 20, 65536); });
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->kind(), ErrorKind::kSystem);
  EXPECT_NE(error->hint().find("full"), std::string::npos) << error->hint();
  EXPECT_EQ(names_in(output), Names{"checkpoint-10"});
  write_step(output, 30, 1024);  // there is space again
  EXPECT_EQ(last_checkpoint(output), output / "checkpoint-30");
}

}  // namespace
}  // namespace bertune
