// SPDX-License-Identifier: Apache-2.0
// Question answering data: SQuAD v1.1 and v2.0 in the official layout, or one JSON object a line.
// The format is found by content. Each context is kept once, however many questions it has.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bertune {

struct GoldAnswer {
  std::string text;
  int64_t begin = -1;  // byte of the context where it stands; -1: not known, or it stands elsewhere
};

struct SquadExample {
  std::string id;
  std::string question;
  int32_t context = 0;              // index into SquadData::contexts
  std::vector<GoldAnswer> answers;  // none: the question has no answer, or nobody has given it yet
};

struct SquadData {
  std::vector<std::string> contexts;  // valid UTF-8, as are all texts here
  std::vector<SquadExample> examples;
  // Some questions have no answer: an empty answer is allowed, and the metrics are SQuAD v2.0's.
  bool version2 = false;
};

// What the data is for decides what must be in it.
enum class SquadPurpose {
  kTrain,  // answers with offsets; an answer that does not stand at its offset is left out, and a
           // question that loses all its answers so is too; both are counted aloud
  kEvaluate,  // answers; their offsets do not matter, because the metrics compare texts
  kPredict,   // answers may be missing
};

// Reads `path`: a file, or a folder with train-v1.1.json or train-v2.0.json (kTrain), dev-v1.1.json
// or dev-v2.0.json (else). A line of JSON lines is
//   {"id": "q1", "context": "...", "question": "...",
//    "answers": {"text": ["..."], "answer_start": [34]}}
// where `answers` may also be a list of {"text", "answer_start"}, and a line without `id` gets its
// line number. `answer_start` counts code points. Invalid UTF-8 is replaced by U+FFFD; that, and
// ids that come twice, are said aloud. Throws Error{kSystem} for a file or folder that is not
// there, {kUsage} for a folder that holds both versions, {kInput} for what is not such data, with
// the line or the JSON path.
SquadData read_squad(const std::filesystem::path& path, SquadPurpose purpose);

// The same data set in parts, so that memory does not grow with it.
class SquadStream {
 public:
  // Reads all of it once, so that whatever is wrong with it is said before any work begins. Throws
  // as read_squad does.
  SquadStream(const std::filesystem::path& path, SquadPurpose purpose);
  SquadStream(SquadStream&&) noexcept;
  ~SquadStream();

  bool version2() const;  // of the whole

  // Replaces `data` by the next examples, `count` or a few more, with their contexts; false at the
  // end.
  bool next(size_t count, SquadData& data);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Appends a question with a context of its own, for data that does not come from a file. Invalid
// UTF-8 is replaced.
void add_question(SquadData& data, std::string id, std::string_view context,
                  std::string_view question);

}  // namespace bertune
