// SPDX-License-Identifier: Apache-2.0
#include "formats/mindspore/file.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/json.h"
#include "bertune/error.h"
#include "engine/bfloat16.h"
#include "formats/half_floats.h"
#include "formats/protobuf_fields.h"
#include "formats/read_numbers.h"
#include "formats/safetensors/file.h"
#include "text/utf8.h"

namespace bertune {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

// Field numbers of the messages in MindSpore's checkpoint.proto.
constexpr int kCheckpointValue = 1;
constexpr int kValueTag = 1, kValueTensor = 2;
constexpr int kTensorDims = 1, kTensorType = 2, kTensorContent = 3;

// A file saved with a checksum ends in this word and ten bytes, big-endian.
constexpr std::string_view kChecksumMark = "crc_num";
constexpr size_t kChecksumBytes = 10;

// The magic numbers of encrypted files, by cipher: AES-GCM, AES-CBC, SM4-CBC.
constexpr std::string_view kEncryptedMarks[] = {"\xd8\x5e\x3a\x7f", "\xd9\x5e\x3a\x7f",
                                                "\xda\x5e\x3a\x7f"};

// Limits far above any model. Within them nothing overflows, and a malicious file cannot make us
// allocate excessive memory.
constexpr size_t kMaxDims = 8;
constexpr size_t kMaxTextBytes = 1 << 16;  // of a name or a type
constexpr size_t kMaxTensors = 1 << 17;

struct StoredType {
  std::string_view name;
  uint64_t bytes;
};
constexpr StoredType kTypes[] = {{"Float32", 4}, {"Float16", 2}, {"BFloat16", 2}, {"Float64", 8},
                                 {"Int64", 8},   {"Int32", 4},   {"Int16", 2},    {"Int8", 1},
                                 {"UInt64", 8},  {"UInt32", 4},  {"UInt16", 2},   {"UInt8", 1},
                                 {"Bool", 1}};

// A name or type from the file, made safe for messages.
std::string shown(std::string_view text) { return excerpt(replace_invalid_utf8(text)); }

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& reason,
                         const std::string& hint) {
  throw Error(ErrorKind::kInput,
              fmt::format("'{}' is not a valid MindSpore checkpoint: {}", path.string(), reason),
              hint);
}

// A field of a message in the file.
struct Field {
  int number = 0;
  bool has_bytes = false;
  uint64_t value = 0;
  FilePart bytes = {};
};

// Reads the heads of the messages and not the bytes of the tensors.
class FileReader {
 public:
  explicit FileReader(const RandomAccessFile& file) : file_(file) {}

  MindSporeFile::Tensors read() {
    refuse_other_formats();
    FilePart rest = {0, file_.size()};
    while (rest.size > 0 && !is_checksum(rest)) read_value(rest);
    if (rest.size > 0) check_checksum(rest);
    for (const auto& [name, tensor] : tensors_) check_size(name, tensor);
    return std::move(tensors_);
  }

 private:
  std::string read_bytes(const FilePart& part) const {
    std::string bytes(part.size, '\0');
    file_.read(part.begin, bytes);
    return bytes;
  }

  // Removes the next field from `rest`. Returns false if it is malformed or truncated.
  bool next(FilePart& rest, Field& field) const {
    ProtobufField head;
    const size_t bytes =
        read_field_head(read_bytes({rest.begin, std::min(rest.size, kMostHeadBytes)}), head);
    field = {.number = head.number, .has_bytes = head.has_bytes, .value = head.value};
    if (bytes == 0) return false;
    rest = {rest.begin + bytes, rest.size - bytes};
    if (!head.has_bytes) return true;
    if (head.value > rest.size) return false;
    field.bytes = {rest.begin, head.value};
    rest = {rest.begin + head.value, rest.size - head.value};
    return true;
  }

  void refuse_other_formats() const {
    const std::string start = read_bytes({0, std::min<size_t>(file_.size(), 4)});
    for (const std::string_view mark : kEncryptedMarks) {
      if (start == mark) {
        refuse(file_.path(), "it is encrypted",
               "load it in MindSpore with its key and save it without enc_key");
      }
    }
    if (start == "PK\x03\x04") {
      refuse(file_.path(), "it is a zip archive, as written by PyTorch and Lightning",
             "save the model's weights as safetensors from that program");
    }
    if (start.empty()) refuse(file_.path(), "it is empty", "download or write it again");
  }

  bool is_checksum(const FilePart& rest) const {
    return rest.size == kChecksumMark.size() + kChecksumBytes &&
           read_bytes(rest).starts_with(kChecksumMark);
  }

  uint32_t checksum(size_t end) const {
    constexpr size_t kChunk = 1 << 20;
    uint32_t sum = 0;
    for (size_t begin = 0; begin < end; begin += kChunk) {
      const std::string chunk = read_bytes({begin, std::min(kChunk, end - begin)});
      sum = static_cast<uint32_t>(
          ::crc32_z(sum, reinterpret_cast<const Bytef*>(chunk.data()), chunk.size()));
    }
    return sum;
  }

  void check_checksum(const FilePart& tail) const {
    uint64_t said = 0;
    for (const char c : read_bytes(tail).substr(kChecksumMark.size())) {
      if (said >> 56 != 0) refuse_damaged("its checksum is not a number");
      said = said << 8 | static_cast<unsigned char>(c);
    }
    const uint64_t found = checksum(tail.begin);
    if (said != found)
      refuse_damaged(fmt::format("its checksum is {}, but should be {}", found, said));
  }

  // Handles a field of the outermost message. Only Value occurs there.
  void read_value(FilePart& rest) {
    const size_t place = rest.begin;
    Field value;
    if (!next(rest, value) || value.number != kCheckpointValue || !value.has_bytes)
      refuse_message(place);
    std::string name;
    std::optional<FilePart> tensor;
    for (FilePart fields = value.bytes; fields.size > 0;) {
      Field field;
      if (!next(fields, field)) refuse_message(place);
      if (field.number == kValueTag && field.has_bytes) {
        if (field.bytes.size > kMaxTextBytes) refuse_message(place);
        name = read_bytes(field.bytes);
      }
      if (field.number == kValueTensor && field.has_bytes) tensor = field.bytes;
    }
    if (name.empty()) refuse_message(place);
    if (tensor) add(name, read_tensor(name, *tensor));
  }

  MindSporeTensor read_tensor(const std::string& name, FilePart fields) const {
    MindSporeTensor tensor;
    FilePart content = {};
    while (fields.size > 0) {
      Field field;
      if (!next(fields, field)) refuse_tensor(name, "is damaged");
      if (field.number == kTensorDims) read_dims(name, field, tensor.shape);
      if (field.number == kTensorType && field.has_bytes) {
        if (field.bytes.size > kMaxTextBytes) refuse_tensor(name, "is damaged");
        tensor.type = read_bytes(field.bytes);
      }
      if (field.number == kTensorContent && field.has_bytes) content = field.bytes;
    }
    // A scalar may be stored as a vector without elements.
    if (tensor.shape == std::vector<int64_t>{0} && content.size > 0) tensor.shape.clear();
    tensor.parts.push_back(content);
    tensor.bytes = content.size;
    return tensor;
  }

  // Reads one number, or several packed into one field.
  void read_dims(const std::string& name, const Field& field, std::vector<int64_t>& shape) const {
    constexpr size_t kMostBytes = kMaxDims * 10;  // a number takes at most 10
    std::vector<uint64_t> dims = {field.value};
    if (field.has_bytes) {
      dims.clear();
      if (field.bytes.size > kMostBytes || !unpack_numbers(read_bytes(field.bytes), kMaxDims, dims))
        refuse_tensor(name, "has an impossible shape");
    }
    for (const uint64_t dim : dims) {
      if (dim > uint64_t{std::numeric_limits<int64_t>::max()} || shape.size() == kMaxDims)
        refuse_tensor(name, "has an impossible shape");
      shape.push_back(static_cast<int64_t>(dim));
    }
  }

  // A message with the same tag as the one before it continues the same tensor.
  void add(const std::string& name, MindSporeTensor tensor) {
    if (tensors_.size() == kMaxTensors)
      refuse_damaged(fmt::format("it has more than {} tensors", kMaxTensors));
    const auto [place, added] = tensors_.emplace(name, tensor);
    if (!added) {
      MindSporeTensor& before = place->second;
      if (name != last_name_) refuse_tensor(name, "occurs twice");
      if (before.shape != tensor.shape || before.type != tensor.type)
        refuse_tensor(name, "has parts of different shapes or types");
      before.parts.push_back(tensor.parts[0]);
      before.bytes += tensor.bytes;
    }
    last_name_ = name;
  }

  // Types without a fixed width, such as strings, cannot be weights and are skipped.
  void check_size(const std::string& name, const MindSporeTensor& tensor) const {
    const auto type = std::find_if(std::begin(kTypes), std::end(kTypes),
                                   [&](const StoredType& t) { return tensor.type == t.name; });
    if (type == std::end(kTypes)) return;
    uint64_t bytes = type->bytes;
    for (const int64_t dim : tensor.shape) {
      if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(dim), &bytes))
        refuse_tensor(name, fmt::format("has the impossible shape {}", shape_text(tensor.shape)));
    }
    if (bytes != tensor.bytes) {
      refuse_tensor(name, fmt::format("is {} {}, which takes {} bytes, but has {}", tensor.type,
                                      shape_text(tensor.shape), bytes, tensor.bytes));
    }
    for (const FilePart& part : tensor.parts) {
      if (part.size % type->bytes != 0) refuse_tensor(name, "is split in the middle of a number");
    }
  }

  // A file that fails at its first byte is more likely to be of another kind than damaged.
  [[noreturn]] void refuse_message(size_t place) const {
    if (place == 0) {
      refuse(file_.path(), "it does not begin with a tensor",
             "use a file written by mindspore.save_checkpoint; other formats with the same "
             "extension are not supported");
    }
    refuse_damaged(
        fmt::format("the message at byte {} of {} is truncated or damaged", place, file_.size()));
  }
  [[noreturn]] void refuse_damaged(const std::string& reason) const {
    refuse(file_.path(), reason,
           "the file may be truncated or damaged; download or write it again");
  }
  [[noreturn]] void refuse_tensor(const std::string& name, const std::string& reason) const {
    refuse_damaged(fmt::format("tensor '{}' {}", shown(name), reason));
  }

  const RandomAccessFile& file_;
  MindSporeFile::Tensors tensors_;
  std::string last_name_;
};

// Reads elements from `first` on, which may begin in any part and run over several.
template <typename Stored, typename Convert>
void read_parts(const RandomAccessFile& file, const std::vector<FilePart>& parts, size_t first,
                std::span<float> out, Convert widen) {
  for (const FilePart& part : parts) {
    const size_t count = part.size / sizeof(Stored);
    if (first >= count) {
      first -= count;
      continue;
    }
    const auto here = out.first(std::min(out.size(), count - first));
    read_numbers<Stored>(file, part.begin + first * sizeof(Stored), here, widen);
    out = out.subspan(here.size());
    first = 0;
  }
  CHECK(out.empty());
}

// The part of a message before the bytes of its tensor, which the caller writes.
std::string message_start(std::string_view name, std::span<const int64_t> shape, size_t bytes) {
  std::string tensor;
  for (const int64_t dim : shape) tensor += number_field(kTensorDims, static_cast<uint64_t>(dim));
  tensor += bytes_field(kTensorType, "Float32") + bytes_key(kTensorContent, bytes);
  const std::string value =
      bytes_field(kValueTag, name) + bytes_key(kValueTensor, tensor.size() + bytes) + tensor;
  return bytes_key(kCheckpointValue, value.size() + bytes) + value;
}

}  // namespace

MindSporeFile::MindSporeFile(std::filesystem::path path) : file_(std::move(path)) {
  tensors_ = FileReader(file_).read();
}

void MindSporeFile::read(std::string_view name, size_t first, std::span<float> out) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end())
    throw Error(ErrorKind::kInput,
                fmt::format("'{}' has no tensor '{}'", path().string(), shown(name)));
  const MindSporeTensor& tensor = found->second;
  if (tensor.type == "Float32") {
    read_parts<float>(file_, tensor.parts, first, out, [](float value) { return value; });
  } else if (tensor.type == "Float64") {
    read_parts<double>(file_, tensor.parts, first, out,
                       [](double value) { return static_cast<float>(value); });
  } else if (tensor.type == "Float16") {
    read_parts<uint16_t>(file_, tensor.parts, first, out, from_float16);
  } else if (tensor.type == "BFloat16") {
    read_parts<uint16_t>(file_, tensor.parts, first, out,
                         [](uint16_t bits) { return to_float(BFloat16{bits}); });
  } else {
    throw Error(
        ErrorKind::kInput,
        fmt::format("'{}': tensor '{}' has type {}; supported are Float32, Float16, BFloat16 "
                    "and Float64",
                    path().string(), shown(name), shown(tensor.type)),
        "save the weights as Float32");
  }
}

MindSporeWriter::MindSporeWriter(const std::filesystem::path& path, size_t part_bytes)
    : file_(path), part_elements_(part_bytes / sizeof(float)) {
  CHECK(part_elements_ > 0);
}

void MindSporeWriter::write(std::string_view name, std::span<const int64_t> shape,
                            std::span<const float> values) {
  while (!values.empty()) {
    const auto part = values.first(std::min(values.size(), part_elements_));
    file_.write(message_start(name, shape, part.size_bytes()));
    file_.write({reinterpret_cast<const char*>(part.data()), part.size_bytes()});
    values = values.subspan(part.size());
  }
}

void MindSporeWriter::write(std::string_view name, std::initializer_list<int64_t> shape,
                            std::span<const float> values) {
  write(name, std::span<const int64_t>(shape.begin(), shape.size()), values);
}

void MindSporeWriter::close() { file_.close(); }

}  // namespace bertune
