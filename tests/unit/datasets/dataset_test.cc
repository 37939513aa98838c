// SPDX-License-Identifier: Apache-2.0
// Finding the files of a split in a folder.
#include "datasets/dataset.h"

#include <gtest/gtest.h>

#include <array>

#include "expect_error.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

constexpr std::array kEndings{".tsv", ".json"};

KnownFiles usual_files() {
  return {.train = usual_names(Split::kTrain, kEndings),
          .evaluate = usual_names(Split::kEvaluate, kEndings)};
}

std::vector<std::string> names_of(const std::vector<fs::path>& files) {
  std::vector<std::string> names;
  for (const fs::path& file : files) names.push_back(file.filename().string());
  return names;
}

using Strings = std::vector<std::string>;

TEST(FindDataset, TakesAFileAsItIs) {
  const TemporaryFolder folder;
  const fs::path file = put_file(folder / "some.txt", "");
  EXPECT_EQ(find_dataset(file, Split::kTrain, usual_files()), std::vector{file});
}

TEST(FindDataset, PrefersTheFirstKnownName) {
  const TemporaryFolder folder;
  for (const char* name : {"train.json", "test.tsv", "valid.json"}) put_file(folder / name, "");
  const auto find = [&](Split split) {
    return names_of(find_dataset(folder.path(), split, usual_files()));
  };
  EXPECT_EQ(find(Split::kTrain), Strings{"train.json"});
  EXPECT_EQ(find(Split::kEvaluate), Strings{"valid.json"});
  put_file(folder / "dev.json", "");
  put_file(folder / "dev.tsv", "");
  EXPECT_EQ(find(Split::kEvaluate), Strings{"dev.tsv"});
}

TEST(FindDataset, TakesAllFilesOfAGroupOrNone) {
  KnownFiles known = usual_files();
  known.evaluate.insert(known.evaluate.begin(), FileGroup{"dev_a.tsv", "dev_b.tsv"});
  const TemporaryFolder folder;
  put_file(folder / "dev_a.tsv", "");
  put_file(folder / "test.tsv", "");
  const auto find = [&] { return names_of(find_dataset(folder.path(), Split::kEvaluate, known)); };
  EXPECT_EQ(find(), Strings{"test.tsv"});
  put_file(folder / "dev_b.tsv", "");
  EXPECT_EQ(find(), (Strings{"dev_a.tsv", "dev_b.tsv"}));
}

TEST(FindDataset, RefusesFilesThatExcludeEachOther) {
  const KnownFiles known{.train = {{"a"}, {"b"}, {"c"}}, .evaluate = {}, .exclusive = true};
  const TemporaryFolder folder;
  put_file(folder / "b", "");
  EXPECT_EQ(names_of(find_dataset(folder.path(), Split::kTrain, known)), Strings{"b"});
  put_file(folder / "c", "");
  expect_error(ErrorKind::kUsage, {"both b and c"},
               [&] { find_dataset(folder.path(), Split::kTrain, known); });
}

TEST(FindDataset, ListsTheFolderInErrors) {
  const TemporaryFolder folder;
  const auto find = [&] { find_dataset(folder.path(), Split::kTrain, usual_files()); };
  expect_error(ErrorKind::kInput, {"no file named train.tsv, train.json", "it is empty"}, find);
  put_file(folder / "trian.tsv", "");
  expect_error(ErrorKind::kInput, {"it holds trian.tsv"}, find);
}

TEST(FindDataset, NamesTheFileThatIsMeant) {
  const TemporaryFolder folder;
  const auto hint_for = [&](const std::string& name) {
    return error_of([&] { find_dataset(folder / name, Split::kTrain, usual_files()); })->hint();
  };
  EXPECT_EQ(hint_for("trian.tsv").find("did you mean"), std::string::npos);
  put_file(folder / "train.tsv", "");
  EXPECT_NE(hint_for("trian.tsv").find("did you mean 'train.tsv'?"), std::string::npos);
  EXPECT_EQ(hint_for("else").find("did you mean"), std::string::npos);
  expect_error(ErrorKind::kSystem, {"trian.tsv", "No such file"},
               [&] { find_dataset(folder / "trian.tsv", Split::kTrain, usual_files()); });
}

}  // namespace
}  // namespace bertune
