// SPDX-License-Identifier: Apache-2.0
// A dataset in parts, over any reader and any number of files, so that memory does not grow with
// the dataset. One validating pass returns what a task must know before it uses the data.
//
// A Reader reads one file:
//   Data, Info                    a part, with size(); what the whole shows, with add(part)
//   Reader(file, split, ...)      opens a file, or a Dataset of examples
//   bool next(data)               appends the next examples; false at the end
//   void rewind()
//   void complete(info)           adds what the parts do not show of everything that was read
//   void report()                 logs what was repaired, skipped or dropped
//   known_files()                 KnownFiles of its kind
//   kEmpty                        NothingFound of a dataset without examples
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "bertune/dataset.h"
#include "bertune/error.h"
#include "datasets/dataset.h"

namespace bertune {

// How an error describes a dataset without examples: "'FILE' holds no WHAT".
struct NothingFound {
  const char* what;
  const char* hint;
};

template <typename Reader>
class Stream {
 public:
  using Data = typename Reader::Data;
  using Info = typename Reader::Info;

  struct Whole {
    Data data;
    Info info;
  };

  // Throws as find_dataset does; examples count as one file. `settings` are passed on to the
  // reader; a file is opened when it is first read, so the functions below throw what opening and
  // reading it throws.
  template <typename... Settings>
  Stream(const Dataset& dataset, Split split, Settings... settings)
      : path_(dataset.path), files_(files_of(dataset, split)), open_([=](const Dataset& file) {
          return std::make_unique<Reader>(file, split, settings...);
        }) {}

  // Replaces `data` by the next examples: `count`, or some more where the reader yields several at
  // once, all of one file. Returns false at the end.
  bool next(size_t count, Data& data) {
    for (; current_ < files_.size(); ++current_) {
      if (fill(reader(current_), count, data)) return true;
    }
    return false;
  }

  void rewind() {
    for (const auto& reader : readers_) reader->rewind();
    current_ = 0;
  }

  // Reads everything once, passes each part to `check`, and rewinds. Faults in the data, including
  // a dataset without examples, are thrown here, before any work on the data begins.
  template <typename Check>
  Info validate(const Check& check) {
    constexpr size_t kExamplesInPart = 256;
    Info info = scan(kExamplesInPart, check);
    rewind();
    return info;
  }
  Info validate() {
    return validate([](const Data&) {});
  }

  // The whole dataset, which must be one file, with what validate() returns, in one pass.
  Whole read_all() {
    CHECK(files_.size() == 1);
    Whole whole;
    whole.info =
        scan(std::numeric_limits<size_t>::max(), [&](Data& part) { whole.data = std::move(part); });
    return whole;
  }

  // Logs what the readers have counted, after a pass that validate() did not make.
  void report() const {
    for (const auto& reader : readers_) reader->report();
  }

  [[noreturn]] void fail_empty() const {
    throw Error(ErrorKind::kInput,
                fmt::format("'{}' holds no {}", files_.size() == 1 ? files_[0].path : path_,
                            Reader::kEmpty.what),
                Reader::kEmpty.hint);
  }

 private:
  static std::vector<Dataset> files_of(const Dataset& dataset, Split split) {
    if (dataset.examples) return {dataset};
    const auto paths = find_dataset(dataset.path, split, Reader::known_files());
    return {paths.begin(), paths.end()};
  }

  Reader& reader(size_t file) {
    if (file == readers_.size()) readers_.push_back(open_(files_[file]));
    return *readers_[file];
  }

  static bool fill(Reader& reader, size_t count, Data& data) {
    data = {};
    while (data.size() < count && reader.next(data)) continue;
    return data.size() > 0;
  }

  template <typename Visit>
  Info scan(size_t count, const Visit& visit) {
    Info info;
    for (size_t file = 0; file < files_.size(); ++file) {
      const int64_t before = info.examples;
      for (Data part; fill(reader(file), count, part);) {
        info.add(part);
        visit(part);
      }
      reader(file).complete(info);
      reader(file).report();
      if (info.examples > before) info.files.emplace_back(files_[file].path);
    }
    if (info.examples == 0) fail_empty();
    return info;
  }

  std::string path_;
  std::vector<Dataset> files_;
  std::function<std::unique_ptr<Reader>(const Dataset&)> open_;
  std::vector<std::unique_ptr<Reader>> readers_;  // of the first files, as far as they were read
  size_t current_ = 0;
};

}  // namespace bertune
