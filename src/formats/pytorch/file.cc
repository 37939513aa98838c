// SPDX-License-Identifier: Apache-2.0
#include "formats/pytorch/file.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/json.h"
#include "bertune/error.h"
#include "engine/bfloat16.h"
#include "formats/half_floats.h"
#include "formats/pytorch/state_dict.h"
#include "formats/pytorch/zip.h"
#include "formats/read_numbers.h"
#include "text/utf8.h"

namespace bertune {
namespace {

constexpr std::string_view kZipStart = "PK\x03\x04";
constexpr std::string_view kPickleStart = "\x80";

// The pickles of a BERT have some 50 KB.
constexpr size_t kMostPickleBytes = size_t{16} << 20;

// The first pickle of files before PyTorch 1.6 is the number 0x1950a86a20f9469cfc6c.
constexpr std::string_view kMagicNumber = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
constexpr int64_t kProtocol = 1001;

using StorageBegins = std::map<std::string, size_t, std::less<>>;  // key -> byte in the file

[[noreturn]] void refuse(const RandomAccessFile& file, const std::string& reason) {
  throw Error(ErrorKind::kInput,
              fmt::format("'{}' is not a valid file of PyTorch: {}", file.path().string(), reason),
              "the file may be truncated or damaged; download or write it again");
}

std::string shown_key(std::string_view key) { return excerpt(replace_invalid_utf8(key)); }

// The tensors of a state dict at their places in the file. Storages are inside the file.
PyTorchFile::Tensors place_tensors(const StateDict& dict, const StorageBegins& begins) {
  PyTorchFile::Tensors tensors;
  for (const auto& [name, view] : dict.tensors) {
    const PyTorchType& type = *dict.storages.at(view.storage).type;
    const auto first = static_cast<size_t>(view.first * type.bytes);
    tensors.emplace_hint(tensors.end(), name,
                         PyTorchTensor{.dtype = type.name,
                                       .shape = view.shape,
                                       .strides = view.strides,
                                       .begin = begins.at(view.storage) + first,
                                       .size = view.size});
  }
  return tensors;
}

// The size of a storage in bytes; refuses one that cannot be in the file.
size_t bytes_of(const RandomAccessFile& file, const std::string& key,
                const PyTorchStorage& storage) {
  int64_t bytes = 0;
  if (__builtin_mul_overflow(storage.size, storage.type->bytes, &bytes) ||
      static_cast<size_t>(bytes) > file.size()) {
    refuse(file, fmt::format("storage '{}' has {} elements, but the file only {} bytes",
                             shown_key(key), storage.size, file.size()));
  }
  return static_cast<size_t>(bytes);
}

// Archives of PyTorch 1.6 and later: NAME/data.pkl, and NAME/data/KEY for every storage.
class ArchiveReader {
 public:
  explicit ArchiveReader(const RandomAccessFile& file)
      : file_(file), entries_(read_zip_directory(file)) {}

  PyTorchFile::Tensors read() const {
    const std::string folder = find_folder();
    check_byte_order(folder);
    const std::string bytes = content(entries_.at(folder + kPickleName), kMostPickleBytes);
    const PickleSource source{fmt::format("'{}'", file_.path().string()), "data.pkl"};
    const Pickle pickle = read_pickle(bytes, state_dict_functions(), source);
    const StateDict dict = read_state_dict(pickle, source);
    StorageBegins begins;
    for (const auto& [key, storage] : dict.storages)
      begins.emplace(key, begin_of(folder + "data/" + key, key, storage));
    return place_tensors(dict, begins);
  }

 private:
  static constexpr const char* kPickleName = "data.pkl";

  // The only folder with a pickle, with a slash at its end.
  std::string find_folder() const {
    std::optional<std::string> folder;
    for (const auto& [name, entry] : entries_) {
      const size_t slash = name.find('/');
      if (slash == name.npos || std::string_view(name).substr(slash + 1) != kPickleName) continue;
      if (folder) refuse(file_, "it has several entries data.pkl");
      folder = name.substr(0, slash + 1);
    }
    if (!folder) refuse(file_, "it has no entry data.pkl");
    if (entries_.contains(*folder + "constants.pkl")) {
      throw Error(ErrorKind::kInput,
                  fmt::format("'{}' is a TorchScript program, not weights", file_.path().string()),
                  "save the state_dict() of the model it was made from with torch.save");
    }
    return *folder;
  }

  void check_byte_order(const std::string& folder) const {
    const auto entry = entries_.find(folder + "byteorder");
    if (entry == entries_.end() || content(entry->second, 16) == "little") return;
    refuse(file_, "its numbers are not little-endian");
  }

  std::string content(const ZipEntry& entry, size_t most) const {
    if (entry.size > most)
      refuse(file_, fmt::format("an entry has {} bytes, too many for its kind", entry.size));
    std::string bytes(entry.size, '\0');
    file_.read(entry.begin, bytes);
    return bytes;
  }

  size_t begin_of(const std::string& name, const std::string& key,
                  const PyTorchStorage& storage) const {
    const auto entry = entries_.find(name);
    if (entry == entries_.end())
      refuse(file_, fmt::format("it has no entry for storage '{}'", shown_key(key)));
    const size_t bytes = bytes_of(file_, key, storage);
    if (entry->second.size != bytes) {
      refuse(file_, fmt::format("storage '{}' has {} bytes, but its {} elements take {}",
                                shown_key(key), entry->second.size, storage.size, bytes));
    }
    return entry->second.begin;
  }

  const RandomAccessFile& file_;
  ZipEntries entries_;
};

// Files of earlier versions: five pickles (magic number, protocol, byte order, state dict, keys of
// storages in order), then for each key the number of its elements and their bytes.
class SequenceReader {
 public:
  explicit SequenceReader(const RandomAccessFile& file)
      : file_(file),
        start_(std::min(file.size(), kMostPickleBytes), '\0'),
        source_{fmt::format("'{}'", file.path().string()), "its pickles"} {
    file_.read(0, start_);
  }

  PyTorchFile::Tensors read() {
    check_start();
    const Pickle pickle = next_pickle();
    const StateDict dict = read_state_dict(pickle, source_);
    const StorageBegins begins = read_storages(dict);
    for (const auto& [key, storage] : dict.storages) {
      if (!begins.contains(key))
        refuse(file_, fmt::format("it has no storage '{}'", shown_key(key)));
    }
    return place_tensors(dict, begins);
  }

 private:
  Pickle next_pickle() {
    Pickle pickle =
        read_pickle(std::string_view(start_).substr(next_), state_dict_functions(), source_);
    next_ += pickle.bytes;
    return pickle;
  }

  void check_start() {
    const Pickle magic = next_pickle();
    if (magic[magic.root].text != kMagicNumber || magic[magic.root].kind != PickleKind::kLong)
      refuse(file_, "it is a pickle, but was not written by torch.save");
    const Pickle protocol = next_pickle();
    if (protocol[protocol.root].number != kProtocol)
      refuse(file_,
             fmt::format("its protocol is {}, not {}", protocol[protocol.root].number, kProtocol));
    const Pickle system = next_pickle();
    const std::vector<uint32_t>& items = system[system.root].items;
    for (size_t i = 0; i + 1 < items.size(); i += 2) {
      const PickleValue& value = system[items[i + 1]];
      if (system[items[i]].text == "little_endian" && value.kind == PickleKind::kBool &&
          value.number == 0)
        refuse(file_, "its numbers are not little-endian");
    }
  }

  StorageBegins read_storages(const StateDict& dict) {
    const Pickle keys = next_pickle();
    if (keys[keys.root].kind != PickleKind::kList) refuse(file_, "it has no list of its storages");
    StorageBegins begins;
    for (const uint32_t item : keys[keys.root].items) {
      const std::string key(keys[item].text);
      const auto storage = dict.storages.find(key);
      if (storage == dict.storages.end())
        refuse(file_, fmt::format("no tensor uses storage '{}'", shown_key(key)));
      if (begins.contains(key))
        refuse(file_, fmt::format("it has storage '{}' twice", shown_key(key)));
      begins.emplace(key, begin_of(key, storage->second));
    }
    return begins;
  }

  size_t begin_of(const std::string& key, const PyTorchStorage& storage) {
    const size_t bytes = bytes_of(file_, key, storage);
    int64_t elements = 0;
    if (sizeof(elements) > file_.size() - next_ || bytes > file_.size() - next_ - sizeof(elements))
      refuse(file_, fmt::format("it ends before storage '{}' does", shown_key(key)));
    file_.read(next_, {reinterpret_cast<char*>(&elements), sizeof(elements)});
    if (elements != storage.size) {
      refuse(file_, fmt::format("storage '{}' has {} elements, but its tensors need {}",
                                shown_key(key), elements, storage.size));
    }
    const size_t begin = next_ + sizeof(elements);
    next_ = begin + bytes;
    return begin;
  }

  const RandomAccessFile& file_;
  std::string start_;  // of the file, with all its pickles
  PickleSource source_;
  size_t next_ = 0;  // byte
};

PyTorchFile::Tensors read_tensors(const RandomAccessFile& file) {
  std::string start(std::min(file.size(), kZipStart.size()), '\0');
  file.read(0, start);
  if (start == kZipStart) return ArchiveReader(file).read();
  if (start.starts_with(kPickleStart)) return SequenceReader(file).read();
  if (file.size() == 0) refuse(file, "it is empty");
  refuse(file, "it begins neither like a zip archive nor like a pickle");
}

bool is_row_major(const PyTorchTensor& tensor) {
  int64_t stride = 1;
  for (size_t i = tensor.shape.size(); i-- > 0;) {
    if (tensor.shape[i] != 1 && tensor.strides[i] != stride) return false;
    stride *= tensor.shape[i];
  }
  return true;
}

// Index of an element's place, relative to the place of the first one.
int64_t place_of(const PyTorchTensor& tensor, int64_t element) {
  int64_t place = 0;
  for (size_t i = tensor.shape.size(); i-- > 0;) {
    place += element % tensor.shape[i] * tensor.strides[i];
    element /= tensor.shape[i];
  }
  return place;
}

// The places that the rows from that of element `first` to that of element `last` lie within.
std::pair<int64_t, int64_t> places_of_rows(const PyTorchTensor& tensor, int64_t first,
                                           int64_t last) {
  const int64_t row_size = tensor.size / tensor.shape[0];
  const int64_t stride = tensor.strides[0];
  return {first / row_size * stride, place_of(tensor, row_size - 1) + last / row_size * stride + 1};
}

template <typename Stored, typename Convert>
void read_elements(const RandomAccessFile& file, const PyTorchTensor& tensor, size_t first,
                   std::span<float> out, Convert convert) {
  if (is_row_major(tensor))
    return read_numbers<Stored>(file, tensor.begin + first * sizeof(Stored), out, convert);
  const auto begin_element = static_cast<int64_t>(first);
  const auto [begin, end] =
      places_of_rows(tensor, begin_element, begin_element + static_cast<int64_t>(out.size()) - 1);
  std::vector<Stored> stored(static_cast<size_t>(end - begin));
  file.read(tensor.begin + static_cast<size_t>(begin) * sizeof(Stored),
            {reinterpret_cast<char*>(stored.data()), stored.size() * sizeof(Stored)});
  for (size_t i = 0; i < out.size(); ++i) {
    const int64_t place = place_of(tensor, begin_element + static_cast<int64_t>(i));
    out[i] = convert(stored[static_cast<size_t>(place - begin)]);
  }
}

}  // namespace

PyTorchFile::PyTorchFile(std::filesystem::path path)
    : file_(std::move(path)), tensors_(read_tensors(file_)) {}

void PyTorchFile::read(std::string_view name, size_t first, std::span<float> out) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end())
    throw Error(ErrorKind::kInput, fmt::format("'{}' has no tensor '{}'", path().string(), name));
  const PyTorchTensor& tensor = found->second;
  CHECK(first + out.size() <= static_cast<size_t>(tensor.size));
  if (out.empty()) return;
  if (tensor.dtype == "F32" && is_row_major(tensor)) {
    file_.read(tensor.begin + first * sizeof(float),
               {reinterpret_cast<char*>(out.data()), out.size_bytes()});
  } else if (tensor.dtype == "F32") {
    read_elements<float>(file_, tensor, first, out, [](float value) { return value; });
  } else if (tensor.dtype == "F64") {
    read_elements<double>(file_, tensor, first, out,
                          [](double value) { return static_cast<float>(value); });
  } else if (tensor.dtype == "BF16") {
    read_elements<uint16_t>(file_, tensor, first, out,
                            [](uint16_t bits) { return to_float(BFloat16{bits}); });
  } else if (tensor.dtype == "F16") {
    read_elements<uint16_t>(file_, tensor, first, out, from_float16);
  } else {
    throw Error(ErrorKind::kInput,
                fmt::format("'{}': tensor '{}' has type {}; supported are F32, F64, F16 and BF16",
                            path().string(), name, tensor.dtype),
                "convert the weights to F32");
  }
}

}  // namespace bertune
