// SPDX-License-Identifier: Apache-2.0
// Files: read through a mapping, written to a temporary name and renamed, so that a reader never
// sees a partial file. Every error contains the path and the operating system's message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace bertune {

// Throws Error{kSystem} from errno: "cannot ACTION 'PATH': REASON", with a hint how to fix it.
[[noreturn]] void fail_system(const char* action, const std::filesystem::path& path);

// Whether a regular file or a folder exists; false if it cannot be examined.
bool is_file(const std::filesystem::path& path);
bool is_folder(const std::filesystem::path& path);

// A whole file, mapped read-only for the lifetime of the object. The bytes are those of the page
// cache: reading them raises SIGBUS if the file is truncated in the meantime or the disk fails.
class MappedFile {
 public:
  // Throws Error{kSystem}, also for a pipe or a device, because those cannot be read twice.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view text() const { return {data_, size_}; }
  size_t size() const { return size_; }

  // Releases the memory of the whole pages within `part`, a part of text(); a later access reads
  // them again.
  void forget(std::string_view part) const;

 private:
  char* data_ = nullptr;
  size_t size_ = 0;
};

std::string read_file(const std::filesystem::path& path);

// A file that is read by position, by any number of threads. Unlike the pages of a mapping, its
// bytes take no memory here, and a file that is shortened in the meantime is an error.
class RandomAccessFile {
 public:
  // Throws Error{kSystem} in the cases in which MappedFile would.
  explicit RandomAccessFile(std::filesystem::path path);
  ~RandomAccessFile();
  RandomAccessFile(RandomAccessFile&& other) noexcept;
  RandomAccessFile& operator=(RandomAccessFile&& other) noexcept;

  const std::filesystem::path& path() const { return path_; }
  size_t size() const { return size_; }  // when it was opened

  // Throws Error{kSystem} if it cannot be read, Error{kInput} if it ends before the range does.
  void read(size_t offset, std::span<char> bytes) const;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  size_t size_ = 0;
};

// Throws Error{kSystem} in the cases in which MappedFile would.
void require_readable_file(const std::filesystem::path& path);

enum class WriteMode { kReplace, kAppend };

// A file being written, with every write checked; close() flushes it to the disk. The destructor
// without close() only closes the descriptor, because then the caller has failed and the file is
// invalid.
class OutputFile {
 public:
  // Creates the file if it does not exist. Throws Error{kSystem}.
  explicit OutputFile(std::filesystem::path path, WriteMode mode = WriteMode::kReplace);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view bytes);
  void close();  // fsync, then close

 private:
  [[noreturn]] void fail(const char* action) const;
  std::filesystem::path path_;
  int descriptor_ = -1;
};

// Writes all of a file and flushes it to the disk. Not atomic. Throws Error{kSystem}.
void write_file(const std::filesystem::path& path, std::string_view bytes);

// A temporary file for data that does not fit into memory. It is unlinked at once, so it disappears
// with its process however that ends. It is in TMPDIR or else in /var/tmp, because /tmp is memory
// on some systems. All functions throw Error{kSystem}.
class NamelessFile {
 public:
  NamelessFile();
  ~NamelessFile();
  NamelessFile(const NamelessFile&) = delete;
  NamelessFile& operator=(const NamelessFile&) = delete;

  void write(std::string_view bytes);                      // appends
  void read(int64_t offset, std::span<char> bytes) const;  // the whole range must exist

 private:
  std::filesystem::path folder_;
  int descriptor_ = -1;
};

// A file that is written beside `path` and replaces it when it is complete. Without close(), `path`
// stays unchanged. A symbolic link is followed and its target replaced. A pipe or /dev/null cannot
// be replaced and is written to directly.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);  // throws Error{kSystem}
  ~AtomicFile();

  void write(std::string_view bytes) { file_.write(bytes); }
  void close();  // syncs, renames, syncs the folder

 private:
  std::filesystem::path path_;
  std::filesystem::path partial_;  // empty: the bytes go directly to path_, or are already in place
  OutputFile file_;
};

// Writes `bytes` beside `path`, syncs, renames over it, syncs the folder.
void write_file_atomic(const std::filesystem::path& path, std::string_view bytes);
// The same, where `write(file)` writes and syncs the file.
void write_file_atomic(const std::filesystem::path& path,
                       const std::function<void(const std::filesystem::path&)>& write);

// Fills a new folder beside `path` through `fill(folder)`, syncs it and renames it to `path`, which
// must not exist. On failure the new folder is removed and the error rethrown.
void write_folder_atomic(const std::filesystem::path& path,
                         const std::function<void(const std::filesystem::path&)>& fill);

// Renames a synced file, or a folder of synced files, and syncs the folder above it so that the new
// name survives a crash.
void move_into_place(const std::filesystem::path& from, const std::filesystem::path& to);

// Throws Error{kSystem} unless write_file_atomic could write `path`. Creates its folder.
void require_writable_file(const std::filesystem::path& path);

// Creates `path` with its parents and checks that files can be created in it.
void require_writable_folder(const std::filesystem::path& path);

}  // namespace bertune
