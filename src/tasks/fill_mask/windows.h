// SPDX-License-Identifier: Apache-2.0
// Text to learn words from: documents cut into windows. A file is read line by line and tokenized
// as it comes, and its tokens are kept on the disk: text of any size can be learned from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "batch/window.h"
#include "bertune/tokenizer.h"

namespace bertune {

enum class RawTextPurpose { kTrain, kEvaluate };

// The windows of `path`: a file, or a folder with train (kTrain), or dev, validation, valid or test
// (kEvaluate) of the endings .txt, .jsonl and .json. Formats, found by content:
// * plain text: lines of a document follow each other, a blank line ends it;
// * JSON lines of {"text": "..."}, each a document;
// * JSON lines of {"input_ids": [...], "labels": [...]}: whole windows with [CLS] and [SEP] whose
//   words were hidden by somebody else, with -100 where nothing is to be guessed. They get targets.
// A document fills windows of max_seq_length tokens; only its last may be shorter. Invalid UTF-8 is
// replaced, counted aloud. Throws Error{kSystem} for what is not there, {kInput} with the line for
// what is no such data.
WindowSet read_raw_text(const Tokenizer& tokenizer, const std::filesystem::path& path,
                        RawTextPurpose purpose, int32_t max_seq_length, int64_t max_windows);

class RawTextReader;

// The same windows in parts, so that memory does not grow with the data set.
class RawTextStream {
 public:
  // Reads all of it once, so that whatever is wrong with it is said before any work begins. Throws
  // as read_raw_text does. `tokenizer` must outlive the stream.
  RawTextStream(const Tokenizer& tokenizer, const std::filesystem::path& path,
                RawTextPurpose purpose, int32_t max_seq_length);
  RawTextStream(RawTextStream&&) noexcept;
  ~RawTextStream();

  // Replaces `set` by the next windows, `count` or some more; false at the end.
  bool next(size_t count, WindowSet& set);

 private:
  const Tokenizer& tokenizer_;
  std::filesystem::path file_;
  int32_t max_seq_length_;
  std::unique_ptr<RawTextReader> reader_;
};

}  // namespace bertune
