// SPDX-License-Identifier: Apache-2.0
#include "data/id_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "base/check.h"
#include "base/io.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBlock = size_t{1} << 18;  // ids that are written at once: 1 MiB

fs::path temporary_folder() {
  const char* folder = std::getenv("TMPDIR");
  if (folder != nullptr && *folder != '\0') return folder;
  return fs::is_directory("/var/tmp") ? "/var/tmp" : "/tmp";
}

int open_without_name(const fs::path& folder) {
  std::string name = (folder / "bertune-ids-XXXXXX").string();
  const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) fail_system("create a file in", folder);
  ::unlink(name.c_str());
  return descriptor;
}

}  // namespace

IdFile::IdFile() : folder_(temporary_folder()), descriptor_(open_without_name(folder_)) {}

IdFile::~IdFile() { ::close(descriptor_); }

void IdFile::append(std::span<const int32_t> window) {
  begins_.push_back(size_);
  size_ += static_cast<int64_t>(window.size());
  unwritten_.insert(unwritten_.end(), window.begin(), window.end());
  if (unwritten_.size() >= kBlock) flush();
}

void IdFile::finish() {
  flush();
  unwritten_ = {};
}

void IdFile::flush() {
  const auto* data = reinterpret_cast<const char*>(unwritten_.data());
  size_t left = unwritten_.size() * sizeof(int32_t);
  while (left > 0) {
    const ssize_t written = ::write(descriptor_, data, left);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_system("write a file without a name in", folder_);
    data += written;
    left -= static_cast<size_t>(written);
  }
  unwritten_.clear();
}

void IdFile::read(int32_t window, std::span<int32_t> ids) const {
  CHECK(unwritten_.empty() && begins_.at(static_cast<size_t>(window)) + std::ssize(ids) <= size_);
  auto* data = reinterpret_cast<char*>(ids.data());
  size_t left = ids.size_bytes();
  auto at = static_cast<off_t>(begins_[static_cast<size_t>(window)] * sizeof(int32_t));
  while (left > 0) {
    const ssize_t got = ::pread(descriptor_, data, left, at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_system("read a file without a name in", folder_);
    CHECK(got > 0);
    data += got;
    at += got;
    left -= static_cast<size_t>(got);
  }
}

}  // namespace bertune
