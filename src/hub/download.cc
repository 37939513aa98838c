// SPDX-License-Identifier: Apache-2.0
#include "hub/download.h"

#include <fmt/format.h>

#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include "base/io.h"
#include "base/json.h"
#include "base/log.h"
#include "bertune/error.h"
#include "hub/cache.h"
#include "hub/digest.h"
#include "text/utf8.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

// Maximum size of a file whose length the hub does not announce; only small files are of this kind.
constexpr int64_t kMostUnannounced = int64_t{64} << 20;

// An attempt that receives at least this much counts as progress, which resets the attempt counter.
constexpr int64_t kProgress = int64_t{1} << 20;

int64_t size_of(const fs::path& path) {
  std::error_code missing;
  const auto size = fs::file_size(path, missing);
  return missing ? 0 : static_cast<int64_t>(size);
}

void remove_file(const fs::path& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
}

bool has_hash(const fs::path& path, const std::string& hash) {
  const MappedFile file(path);
  return (hash.size() == 64 ? sha256_hex(file.text()) : git_blob_hex(file.text())) == hash;
}

// The first byte of a header such as "bytes 5-9/10"; empty if it has another form.
std::optional<int64_t> range_begin(const std::string& content_range) {
  constexpr std::string_view kUnit = "bytes ";
  if (!content_range.starts_with(kUnit)) return {};
  int64_t begin = -1;
  const char* const end = content_range.data() + content_range.size();
  const auto [rest, error] = std::from_chars(content_range.data() + kUnit.size(), end, begin);
  if (error != std::errc() || rest == end || *rest != '-') return {};
  return begin;
}

// The partial download of a file, in "<path>.partial".
class Part {
 public:
  Part(const RemoteFile& file, const fs::path& path, const BytesSink& sink)
      : file_(file), path_(path.string() + ".partial"), sink_(sink), size_(size_of(path_)) {
    if (size_ > most()) drop();
  }

  int64_t size() const { return size_; }
  const fs::path& path() const { return path_; }
  bool is_whole() const {
    std::error_code ignored;
    return file_.size && size_ == *file_.size && fs::exists(path_, ignored);
  }
  const std::string& complaint() const { return complaint_; }  // why `sink` stopped the transfer

  void drop() {
    out_.reset();
    remove_file(path_);
    size_ = 0;
  }

  ByteSink sink() {
    return {.started = [this](const HttpResponse& response) { return start(response); },
            .body = [this](std::string_view bytes) { return add(bytes); }};
  }

  void close() {
    if (out_) with_cache_hint([&] { out_->close(); });
    out_.reset();
  }

 private:
  int64_t most() const { return file_.size.value_or(kMostUnannounced); }

  bool start(const HttpResponse& response) {
    complaint_.clear();
    const bool goes_on = response.status == 206;
    if (goes_on && range_begin(response.header("content-range")) != size_) {
      complaint_ =
          fmt::format("it sent '{}' when asked for the bytes from {} on",
                      excerpt(replace_invalid_utf8(response.header("content-range"))), size_);
      return false;
    }
    if (!goes_on) size_ = 0;
    const std::optional<int64_t> length = response.number("content-length");
    if (length && file_.size && size_ + *length != *file_.size) {
      complaint_ =
          fmt::format("it now has {} bytes, but {} were announced", size_ + *length, *file_.size);
      return false;
    }
    const WriteMode mode = goes_on ? WriteMode::kAppend : WriteMode::kReplace;
    with_cache_hint([&] { out_ = std::make_unique<OutputFile>(path_, mode); });
    return true;
  }

  bool add(std::string_view bytes) {
    if (size_ + static_cast<int64_t>(bytes.size()) > most()) {
      complaint_ = fmt::format("it sent more than {} bytes", most());
      return false;
    }
    with_cache_hint([&] { out_->write(bytes); });
    size_ += static_cast<int64_t>(bytes.size());
    if (sink_) sink_(size_, static_cast<int64_t>(bytes.size()));
    return true;
  }

  const RemoteFile& file_;
  fs::path path_;
  const BytesSink& sink_;
  int64_t size_;
  std::string complaint_;
  std::unique_ptr<OutputFile> out_;
};

[[noreturn]] void fail_content(const RemoteModel& model, const RemoteFile& file,
                               const std::string& what) {
  throw Error(
      ErrorKind::kInput,
      fmt::format("'{}' of '{}' cannot be downloaded from {}: {}", file.name, model.id(),
                  model.settings().endpoint, what),
      "a proxy or a mirror may alter downloads: try again later, set HF_ENDPOINT to another hub, " +
          model.advice());
}

// Downloads until the part is complete or the attempts are used up.
void complete(const RemoteModel& model, const RemoteFile& file, Part& part) {
  for (int attempt = 1; !part.is_whole(); ++attempt) {
    const int64_t before = part.size();
    HttpResponse response = model.get(file, before, part.sink());
    part.close();
    if (response.status == 416 || response.fault == HttpFault::kStopped) part.drop();
    if (response.fault == HttpFault::kNone && response.status / 100 == 2) {
      if (!file.size || part.is_whole()) return;
      response.fault = HttpFault::kBroken;  // without a length header, only the size shows that the
                                            // transfer was cut short
      response.fault_text = fmt::format("only {} of {} bytes arrived", part.size(), *file.size);
    }
    if (part.size() - before >= kProgress) attempt = 1;
    if (attempt >= model.settings().attempts) {
      if (!part.complaint().empty()) fail_content(model, file, part.complaint());
      model.fail(file.name, response);
    }
    if (response.fault != HttpFault::kNone || may_pass(response)) model.wait(attempt, response);
  }
}

}  // namespace

void download_file(const RemoteModel& model, const RemoteFile& file, const fs::path& path,
                   const BytesSink& sink) {
  std::error_code ignored;
  if (fs::is_regular_file(path, ignored)) {
    if (has_hash(path, file.hash)) {
      if (sink) sink(size_of(path), 0);
      return;
    }
    remove_file(path);
  }
  Part part(file, path, sink);
  for (int round = 1;; ++round) {
    complete(model, file, part);
    if (has_hash(part.path(), file.hash)) break;
    part.drop();
    if (round == 2) fail_content(model, file, "its hash differs from the announced one");
    // A part left by an earlier attempt may belong to another version, or a byte may have changed
    // in transit.
    log_warning("'{}' does not have the announced hash; downloading it once more", file.name);
  }
  move_into_place(part.path(), path);
}

}  // namespace bertune
