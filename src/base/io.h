// SPDX-License-Identifier: Apache-2.0
// Files: mapped for reading, written aside and renamed so that a reader never sees half of one.
// Every error names the path and what the operating system said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace bertune {

// Throws Error{kSystem} from errno: "cannot ACTION 'PATH': ...", with a hint what to do about it.
[[noreturn]] void fail_system(const char* action, const std::filesystem::path& path);

// Whether a regular file or a folder is there; false also for what cannot be looked at.
bool is_file(const std::filesystem::path& path);
bool is_folder(const std::filesystem::path& path);

// A whole file, read-only, for as long as the object lives. The bytes are the page cache's own;
// where the file is cut short meanwhile, or the disk fails, reading them is SIGBUS.
class MappedFile {
 public:
  // Throws Error{kSystem}; also for a pipe or a device, which can be read once at most.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view text() const { return {data_, size_}; }
  size_t size() const { return size_; }

  // Gives back the memory of whole pages of `part`, a part of text(); they are read again if need
  // be.
  void forget(std::string_view part) const;

 private:
  char* data_ = nullptr;
  size_t size_ = 0;
};

std::string read_file(const std::filesystem::path& path);

// Throws Error{kSystem} where MappedFile would.
void require_readable_file(const std::filesystem::path& path);

enum class WriteMode { kReplace, kAppend };

// A file being written: every write is checked; close() flushes to the disk. Without close() the
// destructor only gives the descriptor back: the caller failed, and the file does not count.
class OutputFile {
 public:
  // Creates the file where there is none; throws Error{kSystem}.
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

// Writes all of a file and flushes it to the disk. Not atomic; throws Error{kSystem}.
void write_file(const std::filesystem::path& path, std::string_view bytes);

// A file for what does not fit into memory. It has no name, so it goes with its process, however
// that ends. In TMPDIR or, without it, /var/tmp, because /tmp is memory on some systems. All throw
// Error{kSystem}.
class NamelessFile {
 public:
  NamelessFile();
  ~NamelessFile();
  NamelessFile(const NamelessFile&) = delete;
  NamelessFile& operator=(const NamelessFile&) = delete;

  void write(std::string_view bytes);                      // behind what is there
  void read(int64_t offset, std::span<char> bytes) const;  // all of it must be there

 private:
  std::filesystem::path folder_;
  int descriptor_ = -1;
};

// A file that is written beside `path` and takes its place when it is complete. Without close()
// everything is as it was. Behind a symbolic link it is the file that is replaced; what cannot be
// replaced, as a pipe or /dev/null, is written to.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);  // throws Error{kSystem}
  ~AtomicFile();

  void write(std::string_view bytes) { file_.write(bytes); }
  void close();  // syncs, renames, syncs the folder

 private:
  std::filesystem::path path_;
  std::filesystem::path partial_;  // empty: the bytes go to path_, or are in place
  OutputFile file_;
};

// Writes `bytes` beside `path`, syncs, renames over it, syncs the folder.
void write_file_atomic(const std::filesystem::path& path, std::string_view bytes);
// The same for a file that `write(file)` writes and syncs.
void write_file_atomic(const std::filesystem::path& path,
                       const std::function<void(const std::filesystem::path&)>& write);

// Fills a new folder aside through `fill(folder)`, syncs it and renames it to `path`, which must
// not exist. When anything fails the folder aside is removed, and the error goes on.
void write_folder_atomic(const std::filesystem::path& path,
                         const std::function<void(const std::filesystem::path&)>& fill);

// Renames a file whose bytes are synced, or a folder of such files, so that the name lasts.
void move_into_place(const std::filesystem::path& from, const std::filesystem::path& to);

// Throws Error{kSystem} unless write_file_atomic could write `path`; creates its folder.
void require_writable_file(const std::filesystem::path& path);

// Creates `path` with its parents and checks that files can be made in it.
void require_writable_folder(const std::filesystem::path& path);

}  // namespace bertune
