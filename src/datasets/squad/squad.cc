// SPDX-License-Identifier: Apache-2.0
#include "datasets/squad/squad.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <system_error>
#include <utility>
#include <vector>

#include "base/log.h"
#include "bertune/error.h"
#include "datasets/input_file.h"
#include "datasets/json/text.h"
#include "datasets/squad/reader.h"
#include "text/utf8.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

using FileNames = std::array<const char*, 2>;

FileNames official_names(SquadPurpose purpose) {
  if (purpose == SquadPurpose::kTrain) return {"train-v1.1.json", "train-v2.0.json"};
  return {"dev-v1.1.json", "dev-v2.0.json"};
}

fs::path find_file(const fs::path& folder, SquadPurpose purpose) {
  const auto [first, second] = official_names(purpose);
  std::error_code ignored;  // what cannot be looked at is not there
  const bool has_first = fs::exists(folder / first, ignored);
  const bool has_second = fs::exists(folder / second, ignored);
  if (has_first && has_second) {
    throw Error(ErrorKind::kUsage,
                fmt::format("'{}' holds both {} and {}", folder.string(), first, second),
                fmt::format("name the file, for example {}", (folder / first).string()));
  }
  if (has_first) return folder / first;
  if (has_second) return folder / second;
  throw Error(ErrorKind::kInput,
              fmt::format("'{}' has neither {} nor {}: {}", folder.string(), first, second,
                          describe_folder(folder)),
              "name the file, or give a folder with these names");
}

// Numbers side by side, because a set that has a node for each takes five times the memory.
class HashSet {
 public:
  // False: it was there.
  bool insert(uint64_t hash) {
    hash |= 1;  // 0 is a free slot
    if (2 * size_ >= slots_.size()) grow();
    uint64_t& slot = slot_of(hash);
    if (slot == hash) return false;
    slot = hash;
    ++size_;
    return true;
  }

 private:
  uint64_t& slot_of(uint64_t hash) {
    const size_t last = slots_.size() - 1;  // a power of two less one
    size_t at = (hash >> 1) & last;
    while (slots_[at] != 0 && slots_[at] != hash) at = (at + 1) & last;
    return slots_[at];
  }

  void grow() {
    std::vector<uint64_t> old(std::max<size_t>(2 * slots_.size(), 64));
    old.swap(slots_);
    for (const uint64_t hash : old) {
      if (hash != 0) slot_of(hash) = hash;
    }
  }

  std::vector<uint64_t> slots_;
  size_t size_ = 0;
};

// Which ids come more than once. Their hashes are enough, and take less memory.
class RepeatedIds {
 public:
  void add(const SquadData& data) {
    for (const SquadExample& example : data.examples) {
      if (seen_.insert(std::hash<std::string_view>()(example.id))) continue;
      if (repeated_++ == 0) first_ = example.id;
    }
  }

  void warn(const fs::path& path) const {
    if (repeated_ == 0) return;
    log_warning(
        "'{}': {} question ids come more than once, the first is '{}'; a predictions file "
        "keeps one answer for each id",
        path.string(), repeated_, first_);
  }

 private:
  HashSet seen_;
  int64_t repeated_ = 0;
  std::string first_;
};

void warn_of_misplaced_answers(const fs::path& path, const SquadReader& reader) {
  if (reader.misplaced_answers() == 0) return;
  log_warning(
      "'{}': {} answers do not stand at their answer_start and were skipped; {} questions "
      "that have no other answer were left out",
      path.string(), reader.misplaced_answers(), reader.dropped_questions());
}

fs::path resolve_path(const fs::path& path, SquadPurpose purpose) {
  std::error_code ignored;  // opening the file says what is wrong with it
  return fs::is_directory(path, ignored) ? find_file(path, purpose) : path;
}

[[noreturn]] void fail_empty(const fs::path& file) {
  throw Error(ErrorKind::kInput, fmt::format("'{}' holds no question to use", file.string()),
              "give a data set with at least one question");
}

}  // namespace

SquadData read_squad(const fs::path& path, SquadPurpose purpose) {
  const fs::path file = resolve_path(path, purpose);
  const JsonText json(file);
  SquadReader reader(json, purpose);
  SquadData data;
  const bool any = reader.next(std::numeric_limits<size_t>::max(), data);
  warn_of_misplaced_answers(file, reader);
  if (!any) fail_empty(file);
  RepeatedIds repeated;
  repeated.add(data);
  repeated.warn(file);
  return data;
}

struct SquadStream::State {
  State(const fs::path& path, SquadPurpose purpose)
      : file(resolve_path(path, purpose)), json(file), reader(json, purpose) {}

  fs::path file;
  JsonText json;
  SquadReader reader;
  bool version2 = false;
};

SquadStream::SquadStream(const fs::path& path, SquadPurpose purpose)
    : state_(std::make_unique<State>(path, purpose)) {
  constexpr size_t kExamples = 1024;
  RepeatedIds repeated;
  SquadData data;
  bool any = false;
  while (state_->reader.next(kExamples, data)) {
    any = true;
    repeated.add(data);
  }
  state_->version2 = data.version2;
  warn_of_misplaced_answers(state_->file, state_->reader);
  if (!any) fail_empty(state_->file);
  repeated.warn(state_->file);
  state_->reader.rewind();
}

SquadStream::SquadStream(SquadStream&&) noexcept = default;
SquadStream::~SquadStream() = default;

bool SquadStream::version2() const { return state_->version2; }

bool SquadStream::next(size_t count, SquadData& data) { return state_->reader.next(count, data); }

void add_question(SquadData& data, std::string id, std::string_view context,
                  std::string_view question) {
  data.examples.push_back({.id = std::move(id),
                           .question = replace_invalid_utf8(question),
                           .context = static_cast<int32_t>(data.contexts.size()),
                           .answers = {}});
  data.contexts.push_back(replace_invalid_utf8(context));
}

}  // namespace bertune
