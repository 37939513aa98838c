// SPDX-License-Identifier: Apache-2.0
// What all kinds of datasets share: their splits, the search for the files of a split, and what a
// pass over the files finds. Relies on the file system only; readers know the formats.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace bertune {

enum class Split { kTrain, kEvaluate };

// The names of files in a folder that are read together.
using FileGroup = std::vector<std::string>;

// The file names by which one kind of dataset is found in a folder, the preferred ones first.
struct KnownFiles {
  std::vector<FileGroup> train, evaluate;
  // Whether a folder with more than one of the groups is refused instead of the first one taken.
  bool exclusive = false;
};

// `train` (Split::kTrain), or `dev`, `validation`, `valid` and `test`, with each of the endings.
std::vector<FileGroup> usual_names(Split split, std::span<const char* const> endings);

// The files that hold a split: `path` itself if it is a file, or the known files in the folder
// `path`. Throws Error{kSystem} if `path` does not exist, {kInput} for a folder without a known
// file, {kUsage} for a folder with several groups that exclude each other.
std::vector<std::filesystem::path> find_dataset(const std::filesystem::path& path, Split split,
                                                const KnownFiles& known);

// What a pass over a dataset has found. Each kind of dataset adds what its tasks need.
struct DatasetInfo {
  int64_t examples = 0;
  std::vector<std::filesystem::path> files;  // those that have examples, in order
};

}  // namespace bertune
