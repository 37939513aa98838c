// SPDX-License-Identifier: Apache-2.0
// The zip archives that torch.save writes: the directory of the archive, validated before it is
// used. Entries must be stored as they are, because tensors are read by position. ZIP64 is
// supported. The format is described in PKWARE's APPNOTE.TXT.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>

#include "base/io.h"

namespace bertune {

// Where the bytes of an entry are in the file.
struct ZipEntry {
  size_t begin = 0;
  size_t size = 0;
};

using ZipEntries = std::map<std::string, ZipEntry, std::less<>>;

// The entries of the archive by name. Throws Error{kInput} for a truncated or damaged archive, for
// entries that are compressed, encrypted or outside the file, that overlap, or that have the same
// name.
ZipEntries read_zip_directory(const RandomAccessFile& file);

}  // namespace bertune
