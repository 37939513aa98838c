// SPDX-License-Identifier: Apache-2.0
#include "formats/pytorch/zip.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "bertune/error.h"
#include "text/utf8.h"

namespace bertune {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

// The records of an archive, each with its signature and the size of its fixed part in bytes.
constexpr uint32_t kEntrySignature = 0x04034b50, kDirectorySignature = 0x02014b50;
constexpr uint32_t kEndSignature = 0x06054b50;
constexpr uint32_t kWideEndSignature = 0x06064b50, kWideLocatorSignature = 0x07064b50;
constexpr size_t kEntryBytes = 30, kDirectoryBytes = 46, kEndBytes = 22;
constexpr size_t kWideEndBytes = 56, kWideLocatorBytes = 20;
constexpr size_t kLongestComment = 0xFFFF;

// A 32-bit field with this value is stored with 64 bits in the extra field of this id.
constexpr uint32_t kWide = 0xFFFFFFFF;
constexpr uint16_t kWideId = 1;

constexpr uint16_t kEncrypted = 1;  // a flag
constexpr uint16_t kStored = 0;     // a method

// A BERT's archive has a few hundred entries. The limit keeps a malicious file from causing a large
// allocation.
constexpr uint64_t kMostDirectoryBytes = uint64_t{16} << 20;

// A little-endian number in checked bytes.
template <typename Number>
Number number_at(std::string_view bytes, size_t offset) {
  Number number;
  std::memcpy(&number, bytes.data() + offset, sizeof(number));
  return number;
}

// The place of the directory and the number of its entries.
struct Directory {
  uint64_t begin = 0, bytes = 0, entries = 0;
};

// An entry as the directory describes it.
struct ListedEntry {
  std::string name;
  uint64_t size = 0;
  uint64_t stored_size = 0;
  uint64_t begin = 0;  // of its own header
};

class DirectoryReader {
 public:
  explicit DirectoryReader(const RandomAccessFile& file) : file_(file) {}

  ZipEntries read() {
    directory_ = find_directory();
    std::string bytes(directory_.bytes, '\0');
    file_.read(directory_.begin, bytes);
    std::string_view rest = bytes;
    for (uint64_t i = 0; i < directory_.entries; ++i) add(take_entry(rest));
    if (!rest.empty()) refuse("its directory has bytes after the last entry");
    check_overlaps();
    return std::move(entries_);
  }

 private:
  [[noreturn]] void refuse(const std::string& reason) const {
    throw Error(ErrorKind::kInput,
                fmt::format("'{}' is not a valid zip archive: {}", file_.path().string(), reason),
                "the file may be truncated or damaged; download or write it again");
  }

  [[noreturn]] void refuse_entry(std::string_view name, const std::string& reason,
                                 const std::string& hint) const {
    throw Error(ErrorKind::kInput,
                fmt::format("'{}': entry '{}' {}", file_.path().string(),
                            excerpt(replace_invalid_utf8(name)), reason),
                hint);
  }

  std::string bytes_at(uint64_t begin, size_t size, const char* what) const {
    if (begin > file_.size() || size > file_.size() - begin)
      refuse(fmt::format("its {} is outside the file", what));
    std::string bytes(size, '\0');
    file_.read(begin, bytes);
    return bytes;
  }

  // The end record is the last one, but a comment may follow.
  Directory find_directory() const {
    const size_t tail_size = std::min(file_.size(), kEndBytes + kLongestComment);
    const std::string tail = bytes_at(file_.size() - tail_size, tail_size, "end");
    for (size_t left = kEndBytes; left <= tail_size; ++left) {
      const std::string_view end = std::string_view(tail).substr(tail_size - left);
      if (number_at<uint32_t>(end, 0) != kEndSignature) continue;
      if (number_at<uint16_t>(end, 20) != left - kEndBytes) continue;
      return checked(read_end(end, file_.size() - left), file_.size() - left);
    }
    refuse("it has no end record");
  }

  Directory read_end(std::string_view end, size_t end_begin) const {
    const Directory narrow{.begin = number_at<uint32_t>(end, 16),
                           .bytes = number_at<uint32_t>(end, 12),
                           .entries = number_at<uint16_t>(end, 10)};
    if (end_begin < kWideLocatorBytes) return narrow;
    const std::string locator =
        bytes_at(end_begin - kWideLocatorBytes, kWideLocatorBytes, "ZIP64 locator");
    if (number_at<uint32_t>(locator, 0) != kWideLocatorSignature) return narrow;
    const std::string wide =
        bytes_at(number_at<uint64_t>(locator, 8), kWideEndBytes, "ZIP64 end record");
    if (number_at<uint32_t>(wide, 0) != kWideEndSignature)
      refuse("its ZIP64 locator does not point to an end record");
    return {.begin = number_at<uint64_t>(wide, 48),
            .bytes = number_at<uint64_t>(wide, 40),
            .entries = number_at<uint64_t>(wide, 32)};
  }

  Directory checked(const Directory& directory, size_t end_begin) const {
    if (directory.begin > end_begin || directory.bytes > end_begin - directory.begin)
      refuse("its directory is outside the file");
    if (directory.bytes > kMostDirectoryBytes)
      refuse(fmt::format("it claims a directory of {} bytes", directory.bytes));
    if (directory.entries > directory.bytes / kDirectoryBytes)
      refuse(fmt::format("it claims {} entries in a directory of {} bytes", directory.entries,
                         directory.bytes));
    return directory;
  }

  // Removes the first entry from `rest`.
  ListedEntry take_entry(std::string_view& rest) const {
    if (rest.size() < kDirectoryBytes || number_at<uint32_t>(rest, 0) != kDirectorySignature)
      refuse("its directory is damaged");
    const size_t name_size = number_at<uint16_t>(rest, 28);
    const size_t extra_size = number_at<uint16_t>(rest, 30);
    const size_t whole = kDirectoryBytes + name_size + extra_size + number_at<uint16_t>(rest, 32);
    if (rest.size() < whole) refuse("its directory is damaged");
    ListedEntry entry{.name = std::string(rest.substr(kDirectoryBytes, name_size)),
                      .size = number_at<uint32_t>(rest, 24),
                      .stored_size = number_at<uint32_t>(rest, 20),
                      .begin = number_at<uint32_t>(rest, 42)};
    widen(rest.substr(kDirectoryBytes + name_size, extra_size), entry);
    check_form(rest, entry);
    rest.remove_prefix(whole);
    return entry;
  }

  // Replaces the fields that need more than 32 bits by their values in the extra fields.
  void widen(std::string_view extra, ListedEntry& entry) const {
    while (extra.size() >= 4) {
      const size_t size = number_at<uint16_t>(extra, 2);
      if (size > extra.size() - 4) return;
      if (number_at<uint16_t>(extra, 0) == kWideId)
        return read_wide_fields(extra.substr(4, size), entry);
      extra.remove_prefix(4 + size);
    }
  }

  void read_wide_fields(std::string_view fields, ListedEntry& entry) const {
    for (uint64_t* field : {&entry.size, &entry.stored_size, &entry.begin}) {
      if (*field != kWide) continue;
      if (fields.size() < sizeof(uint64_t))
        refuse_entry(entry.name, "has an incomplete ZIP64 field", "download the file again");
      *field = number_at<uint64_t>(fields, 0);
      fields.remove_prefix(sizeof(uint64_t));
    }
  }

  void check_form(std::string_view listed, const ListedEntry& entry) const {
    if ((number_at<uint16_t>(listed, 8) & kEncrypted) != 0)
      refuse_entry(entry.name, "is encrypted", "decrypt the archive first");
    const uint16_t method = number_at<uint16_t>(listed, 10);
    if (method != kStored || entry.stored_size != entry.size) {
      refuse_entry(
          entry.name,
          fmt::format("is compressed (method {}), but tensors are read by position", method),
          "torch.save does not compress: unpack the archive and store it again with "
          "`zip -0 -r`, or save the weights again with torch.save");
    }
  }

  // Locates the bytes of an entry, which begin after a header of their own.
  void add(const ListedEntry& listed) {
    const std::string header = bytes_at(listed.begin, kEntryBytes, "entry");
    const size_t name_size = number_at<uint16_t>(header, 26);
    const uint64_t begin = listed.begin + kEntryBytes + name_size + number_at<uint16_t>(header, 28);
    if (number_at<uint32_t>(header, 0) != kEntrySignature || name_size != listed.name.size() ||
        number_at<uint16_t>(header, 8) != kStored ||
        bytes_at(listed.begin + kEntryBytes, name_size, "entry") != listed.name) {
      refuse_entry(listed.name, "has another header than the directory lists",
                   "the file is damaged; download or write it again");
    }
    if (begin > directory_.begin || listed.size > directory_.begin - begin) {
      refuse_entry(listed.name,
                   fmt::format("has {} bytes, which do not fit into the file", listed.size),
                   "the file is damaged; download or write it again");
    }
    const bool added = entries_.emplace(listed.name, ZipEntry{begin, listed.size}).second;
    if (!added) refuse_entry(listed.name, "occurs twice", "download or write the file again");
    places_.emplace_back(listed.begin, begin + listed.size);
  }

  void check_overlaps() {
    std::sort(places_.begin(), places_.end());
    for (size_t i = 1; i < places_.size(); ++i) {
      if (places_[i].first < places_[i - 1].second)
        refuse(fmt::format("entries overlap at byte {}", places_[i].first));
    }
  }

  const RandomAccessFile& file_;
  Directory directory_;
  ZipEntries entries_;
  std::vector<std::pair<uint64_t, uint64_t>> places_;  // begin of the header, end of the bytes
};

}  // namespace

ZipEntries read_zip_directory(const RandomAccessFile& file) { return DirectoryReader(file).read(); }

}  // namespace bertune
