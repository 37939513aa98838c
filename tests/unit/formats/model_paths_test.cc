// SPDX-License-Identifier: Apache-2.0
// What the path of a model means.
#include "formats/model_paths.h"

#include <gtest/gtest.h>

#include "expect_error.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

TEST(ModelPathsTest, SafetensorsComeBeforeMindSpore) {
  const TemporaryFolder folder;
  const auto checkpoint = put_file(folder / "bert.ckpt", "");
  EXPECT_EQ(find_weight_files(folder.path()).front(), checkpoint);
  EXPECT_EQ(mindspore_checkpoint(folder.path()), checkpoint);
  put_file(folder / "model.safetensors", "");
  EXPECT_EQ(find_weight_files(folder.path()).front(), folder / "model.safetensors");
  EXPECT_FALSE(mindspore_checkpoint(folder.path()));
  EXPECT_EQ(mindspore_checkpoint(checkpoint), checkpoint) << "but a file that is named counts";
  EXPECT_EQ(find_weight_files(checkpoint).front(), checkpoint);
}

TEST(ModelPathsTest, OfSeveralCheckpointsOneMustBeNamed) {
  const TemporaryFolder folder;
  put_file(folder / "bert-1.ckpt", "");
  put_file(folder / "bert-2.ckpt", "");
  expect_error(ErrorKind::kUsage, {"2 MindSpore checkpoints"},
               [&] { find_weight_files(folder.path()); });
  EXPECT_EQ(find_weight_files(folder / "bert-2.ckpt").front(), folder / "bert-2.ckpt");
}

TEST(ModelPathsTest, OtherFilesAreNoModels) {
  const TemporaryFolder folder;
  const auto file = put_file(folder / "model.onnx", "");
  expect_error(ErrorKind::kInput, {"model.onnx", "file"}, [&] { find_weight_files(file); });
}

TEST(ModelPathsTest, TheFolderOfAFileIsItsOwn) {
  const TemporaryFolder folder;
  const auto file = put_file(folder / "bert.ckpt", "");
  EXPECT_EQ(folder_of_model(file), folder.path());
  EXPECT_EQ(folder_of_model(folder.path()), folder.path());
}

}  // namespace
}  // namespace bertune
