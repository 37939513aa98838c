// SPDX-License-Identifier: Apache-2.0
#include "base/io.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

#include "base/check.h"
#include "bertune/error.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

const char* hint_for(int code) {
  switch (code) {
    case ENOENT:
      return "check the spelling of the path";
    case EACCES:
    case EPERM:
      return "check the permissions of the file and of the folders above it";
    case EROFS:
      return "the file system is read-only; choose another folder";
    case ENOSPC:
      return "the disk is full; free some space or choose a folder on another disk";
    case EDQUOT:
      return "the disk quota is used up; free some space or choose another folder";
    case ENOTDIR:
      return "a part of the path is a file, not a folder; choose another path";
    case EISDIR:
      return "this is a folder; give the path of a file";
    case EFBIG:
      return "the file size limit (ulimit -f) is reached; raise it";
    default:
      return "check the path and the disk";
  }
}

[[noreturn]] void fail(const char* action, const fs::path& path, int code = errno) {
  errno = code;
  fail_system(action, path);
}

void sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) fail("open", folder);
  const int result = ::fsync(descriptor);
  const int code = errno;
  ::close(descriptor);
  if (result != 0) fail("sync", folder, code);
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// A pipe, a terminal or /dev/null: it is written to directly and never replaced by a file.
bool is_device(const fs::path& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

// The target of a symbolic link, because the target is replaced and not the link.
fs::path behind_links(const fs::path& path) {
  std::error_code error;
  if (is_device(path) || !fs::is_symlink(path, error)) return path;
  const fs::path file = fs::weakly_canonical(path, error);
  return error ? path : file;
}

// If this file were replaced, the output of this program would go to an unlinked file.
void refuse_own_output(const fs::path& path) {
  struct stat file {};
  struct stat output {};
  if (::stat(path.c_str(), &file) != 0 || !S_ISREG(file.st_mode)) return;
  for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO}) {
    if (::fstat(descriptor, &output) != 0) continue;
    if (file.st_dev != output.st_dev || file.st_ino != output.st_ino) continue;
    throw Error(
        ErrorKind::kSystem,
        fmt::format("cannot replace '{}': the output of this program goes there", path.string()),
        "choose another file");
  }
}

fs::path aside(const fs::path& path) {
  return folder_of(path) / fmt::format(".{}.partial-{}", path.filename().string(), ::getpid());
}

// Returns false and sets errno if the bytes are not written completely.
bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written == 0) errno = ENOSPC;  // no error, yet no progress: only a full disk does this
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

// The number of bytes read, fewer only where the file ends; empty on an error, which is in errno.
std::optional<size_t> read_at(int descriptor, size_t offset, std::span<char> bytes) {
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::pread(descriptor, bytes.data() + done, bytes.size() - done,
                                static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return {};
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  return done;
}

// Opens a file for reading. Does not wait for the writer of a pipe, because pipes are refused.
int open_file(const fs::path& path, struct stat& status) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) fail("open", path);
  int code = 0;
  if (::fstat(descriptor, &status) != 0) {
    code = errno;
  } else if (S_ISREG(status.st_mode)) {
    return descriptor;
  } else if (S_ISDIR(status.st_mode)) {
    code = EISDIR;
  }
  ::close(descriptor);
  if (code != 0) fail("read", path, code);
  throw Error(ErrorKind::kSystem,
              fmt::format("'{}' is a pipe or a device, which cannot be read twice", path.string()),
              "write its bytes to a file first");
}

fs::path temporary_folder() {
  const char* folder = std::getenv("TMPDIR");
  if (folder != nullptr && *folder != '\0') return folder;
  return fs::is_directory("/var/tmp") ? "/var/tmp" : "/tmp";
}

}  // namespace

void fail_system(const char* action, const fs::path& path) {
  const int code = errno;
  throw Error(ErrorKind::kSystem,
              fmt::format("cannot {} '{}': {}", action, path.string(), std::strerror(code)),
              hint_for(code));
}

void require_readable_file(const fs::path& path) {
  struct stat status {};
  ::close(open_file(path, status));
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

MappedFile::MappedFile(const fs::path& path) {
  struct stat status {};
  const int descriptor = open_file(path, status);
  size_ = static_cast<size_t>(status.st_size);
  if (size_ > 0) {
    void* mapped = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor, 0);
    const int code = errno;
    ::close(descriptor);
    if (mapped == MAP_FAILED) fail("map", path, code);
    data_ = static_cast<char*>(mapped);
  } else {
    ::close(descriptor);
  }
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

void MappedFile::forget(std::string_view part) const {
  const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  const auto offset = static_cast<size_t>(part.data() - data_);
  const size_t begin = (offset + page - 1) / page * page,
               end = (offset + part.size()) / page * page;
  if (begin < end) ::madvise(data_ + begin, end - begin, MADV_DONTNEED);
}

RandomAccessFile::RandomAccessFile(fs::path path) : path_(std::move(path)) {
  struct stat status {};
  descriptor_ = open_file(path_, status);
  size_ = static_cast<size_t>(status.st_size);
}

RandomAccessFile::~RandomAccessFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

RandomAccessFile::RandomAccessFile(RandomAccessFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_) {}

RandomAccessFile& RandomAccessFile::operator=(RandomAccessFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  return *this;
}

void RandomAccessFile::read(size_t offset, std::span<char> bytes) const {
  const std::optional<size_t> got = read_at(descriptor_, offset, bytes);
  if (!got) bertune::fail("read", path_);
  if (*got == bytes.size()) return;
  throw Error(ErrorKind::kInput,
              fmt::format("'{}' ends at byte {}, but had {} bytes when it was opened",
                          path_.string(), offset + *got, size_),
              "wait until no other program writes the file, then try again");
}

std::string read_file(const fs::path& path) { return std::string(MappedFile(path).text()); }

OutputFile::OutputFile(fs::path path, WriteMode mode) : path_(std::move(path)) {
  const int begin = mode == WriteMode::kAppend ? O_APPEND : O_TRUNC;
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | begin | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail("create");
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void OutputFile::fail(const char* action) const { bertune::fail(action, path_); }

void OutputFile::write(std::string_view bytes) {
  if (!write_all(descriptor_, bytes)) fail("write");
}

void OutputFile::close() {
  if (::fsync(descriptor_) != 0 && errno != EINVAL) fail("sync");  // EINVAL: a pipe or a device
  if (::close(std::exchange(descriptor_, -1)) != 0) fail("close");
}

void write_file(const fs::path& path, std::string_view bytes) {
  OutputFile file(path);
  file.write(bytes);
  file.close();
}

NamelessFile::NamelessFile() : folder_(temporary_folder()) {
  std::string name = (folder_ / "bertune-XXXXXX").string();
  descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor_ < 0) bertune::fail("create a file in", folder_);
  ::unlink(name.c_str());
}

NamelessFile::~NamelessFile() { ::close(descriptor_); }

void NamelessFile::write(std::string_view bytes) {
  if (!write_all(descriptor_, bytes)) bertune::fail("write a temporary file in", folder_);
}

void NamelessFile::read(int64_t offset, std::span<char> bytes) const {
  const std::optional<size_t> got = read_at(descriptor_, static_cast<size_t>(offset), bytes);
  if (!got) bertune::fail("read a temporary file in", folder_);
  CHECK(*got == bytes.size());  // less would mean that the file ends before the requested range
}

AtomicFile::AtomicFile(fs::path path)
    : path_(behind_links(path)),
      partial_(is_device(path_) ? fs::path() : aside(path_)),
      file_(partial_.empty() ? path_ : partial_) {}

AtomicFile::~AtomicFile() {
  if (!partial_.empty()) ::unlink(partial_.c_str());
}

void AtomicFile::close() {
  file_.close();
  if (partial_.empty()) return;
  if (::rename(partial_.c_str(), path_.c_str()) != 0) fail("rename to", path_);
  partial_.clear();
  sync_folder(folder_of(path_));
}

void write_file_atomic(const fs::path& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.close();
}

void write_file_atomic(const fs::path& link, const std::function<void(const fs::path&)>& write) {
  const fs::path path = behind_links(link);
  if (is_device(path)) return write(path);
  const fs::path partial = aside(path);
  try {
    write(partial);
    if (::rename(partial.c_str(), path.c_str()) != 0) fail("rename to", path);
  } catch (...) {
    ::unlink(partial.c_str());
    throw;
  }
  sync_folder(folder_of(path));
}

void write_folder_atomic(const fs::path& path, const std::function<void(const fs::path&)>& fill) {
  const fs::path partial = aside(path);
  std::error_code ignored;
  fs::remove_all(partial, ignored);
  if (::mkdir(partial.c_str(), 0777) != 0) fail("create", partial);
  try {
    fill(partial);
    sync_folder(partial);
    if (::rename(partial.c_str(), path.c_str()) != 0) fail("rename to", path);
  } catch (...) {
    fs::remove_all(partial, ignored);
    throw;
  }
  sync_folder(folder_of(path));
}

void move_into_place(const fs::path& from, const fs::path& to) {
  std::error_code ignored;
  if (fs::is_directory(from, ignored)) sync_folder(from);
  if (::rename(from.c_str(), to.c_str()) != 0) fail("rename to", to);
  sync_folder(folder_of(to));
}

void require_writable_file(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) fail("write", path, EISDIR);
  refuse_own_output(path);
  if (!is_device(path)) return require_writable_folder(folder_of(behind_links(path)));
  if (::access(path.c_str(), W_OK) != 0) fail("write", path);
}

void require_writable_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) fail("create", path, error.value());
  if (!fs::is_directory(path)) fail("write into", path, ENOTDIR);
  if (::access(path.c_str(), W_OK | X_OK) != 0) fail("write into", path);
}

}  // namespace bertune
