// SPDX-License-Identifier: Apache-2.0
// The data of training and evaluation: files, or examples that a program makes. Examples are JSON
// objects with the keys that a record of a file has (see bertune::tasks).
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>

namespace bertune {

// Replaces `json` by the next example, a JSON object in UTF-8; false at the end.
using NextExample = std::function<bool(std::string& json)>;

// Begins a pass over the examples. All passes must yield the same ones in the same order: data is
// checked in one pass before it is used, and read again for every evaluation. Examples are pulled
// one by one, on the thread that called the library. An exception ends the call and reaches its
// caller.
using ExampleSource = std::function<NextExample()>;

// A file, a folder with files of known names, or examples.
//
//   Trainer trainer({.model = "...", .train_dataset = "./squad/", ...});
//   Trainer trainer({.model = "...", .train_dataset = {my_source, "questions"}, ...});
struct Dataset {
  Dataset() = default;
  Dataset(const char* file_or_folder) : path(file_or_folder) {}
  Dataset(std::string file_or_folder) : path(std::move(file_or_folder)) {}
  Dataset(const std::filesystem::path& file_or_folder) : path(file_or_folder.string()) {}
  Dataset(ExampleSource source, std::string name = "examples")
      : path(std::move(name)), examples(std::move(source)) {}

  bool empty() const { return path.empty(); }

  std::string path;        // with `examples`: their name in messages, which is not empty
  ExampleSource examples;  // if set, nothing is read from the path
};

}  // namespace bertune
