// SPDX-License-Identifier: Apache-2.0
#include "formats/safetensors/file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/check.h"
#include "base/json.h"
#include "bertune/error.h"
#include "engine/bfloat16.h"
#include "formats/half_floats.h"
#include "formats/read_numbers.h"

namespace bertune {
namespace {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

constexpr size_t kLengthBytes = 8;  // of the header's length, which precedes the header
constexpr size_t kAlignment = 8;    // of the first tensor's bytes
// The format allows headers of 100 MB. A BERT's takes some 30 KB, and the parser needs many times
// the header's size, so a lower limit protects against malicious files.
constexpr uint64_t kMaxHeaderBytes = uint64_t{16} << 20;

struct StoredType {
  const char* name;
  uint64_t bits;
};
constexpr StoredType kTypes[] = {
    {"F32", 32},    {"F16", 16},    {"BF16", 16},       {"F64", 64},        {"I64", 64},
    {"I32", 32},    {"I16", 16},    {"I8", 8},          {"U64", 64},        {"U32", 32},
    {"U16", 16},    {"U8", 8},      {"BOOL", 8},        {"C64", 64},        {"F8_E5M2", 8},
    {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"F6_E2M3", 6},
    {"F6_E3M2", 6}, {"F4", 4},
};

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& reason) {
  throw Error(ErrorKind::kInput,
              fmt::format("'{}' is not a valid safetensors file: {}", path.string(), reason),
              "the file may be truncated or damaged; download or write it again");
}

// Builds the header's JSON. Unlike a callback of json::parse, it takes time linear in the number of
// tensors, and it refuses duplicate names, of which json::parse would silently keep the last.
struct HeaderBuilder : nlohmann::json_sax<json> {
  // No valid header is deeper than header, tensor and list.
  static constexpr size_t kMaxDepth = 3;

  explicit HeaderBuilder(const std::filesystem::path& of) : path(of) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }  // JSON text has none
  bool start_object(size_t) override { return start(json::object()); }
  bool start_array(size_t) override { return start(json::array()); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }
  bool key(string_t& value) override {
    name = std::move(value);
    return true;
  }
  bool parse_error(size_t byte, const std::string&,
                   const nlohmann::detail::exception& fault) override {
    if (dynamic_cast<const json::out_of_range*>(&fault) != nullptr)
      refuse(path, "its header has a number that is too large");
    refuse(path, fmt::format("its header is not valid JSON at byte {}", byte));
  }

  bool add(json value) {
    place(std::move(value));
    return true;
  }
  bool start(json value) {
    if (open.size() == kMaxDepth) refuse(path, "its header is nested too deeply");
    open.push_back(&place(std::move(value)));
    return true;
  }
  bool end() {
    open.pop_back();
    return true;
  }

  // Where the value now is. It stays there while it is open, because only the innermost open object
  // or list grows.
  json& place(json value) {
    if (open.empty()) return root = std::move(value);
    json& parent = *open.back();
    if (parent.is_array()) return parent.emplace_back(std::move(value));
    const auto [member, added] = parent.emplace(name, std::move(value));
    if (!added) refuse(path, fmt::format("its header has the name '{}' twice", excerpt(name)));
    return *member;
  }

  const std::filesystem::path& path;
  json root;
  std::vector<json*> open;
  std::string name;  // of the next member
};

// Parses the header and validates everything in it before it is used.
class HeaderReader {
 public:
  explicit HeaderReader(const RandomAccessFile& file) : file_(file), path_(file.path()) {}

  SafetensorsFile::Tensors read() {
    const std::string text = header_text();
    data_begin_ = kLengthBytes + text.size();
    const json header = parse(text);
    SafetensorsFile::Tensors tensors;
    for (const auto& [name, entry] : header.items()) {
      // At the end, because the header's names are sorted too.
      if (name != "__metadata__") tensors.emplace_hint(tensors.end(), name, tensor(name, entry));
    }
    check_places(tensors);
    return tensors;
  }

 private:
  std::string header_text() const {
    if (file_.size() < kLengthBytes)
      refuse(path_, fmt::format("it has only {} bytes", file_.size()));
    uint64_t length = 0;
    file_.read(0, {reinterpret_cast<char*>(&length), kLengthBytes});
    if (length > kMaxHeaderBytes)
      refuse(path_, fmt::format("it claims a header of {} bytes", length));
    if (length > file_.size() - kLengthBytes) {
      refuse(path_, fmt::format("it claims a header of {} bytes, but is only {} bytes long", length,
                                file_.size()));
    }
    std::string text(length, '\0');
    file_.read(kLengthBytes, text);
    return text;
  }

  json parse(std::string_view text) const {
    // The parser would treat a NUL as the end of the text and ignore everything after it.
    if (!text.starts_with('{') || text.find('\0') != text.npos)
      refuse(path_, "its header is not a JSON object");
    HeaderBuilder builder(path_);
    json::sax_parse(text.begin(), text.end(), &builder);
    return std::move(builder.root);
  }

  StoredTensor tensor(const std::string& name, const json& entry) const {
    if (!entry.is_object() || !entry.contains("dtype") || !entry["dtype"].is_string())
      refuse_tensor(name, "has no dtype");
    StoredTensor tensor;
    tensor.dtype = entry["dtype"].get<std::string>();
    for (const uint64_t dimension : numbers(name, entry, "shape"))
      tensor.shape.push_back(static_cast<int64_t>(dimension));
    const uint64_t bytes = count_bytes(name, tensor);
    const std::vector<uint64_t> offsets = numbers(name, entry, "data_offsets");
    if (offsets.size() != 2 || offsets[0] > offsets[1])
      refuse_tensor(name, "has \"data_offsets\" that are not a begin and an end");
    if (offsets[1] > data_size()) {
      refuse_tensor(name,
                    fmt::format("ends at byte {} of {} bytes of data", offsets[1], data_size()));
    }
    if (offsets[1] - offsets[0] != bytes) {
      refuse_tensor(name, fmt::format("is {} {}, which takes {} bytes, but has {}", tensor.dtype,
                                      shape_text(tensor.shape), bytes, offsets[1] - offsets[0]));
    }
    tensor.begin = data_begin_ + offsets[0];
    tensor.bytes = bytes;
    return tensor;
  }

  // Reads a list of integers, each from 0 to 2^63 - 1.
  std::vector<uint64_t> numbers(const std::string& name, const json& entry,
                                const char* field) const {
    const auto list = entry.find(field);
    if (list == entry.end() || !list->is_array())
      refuse_tensor(name, fmt::format("has no list \"{}\"", field));
    std::vector<uint64_t> numbers;
    for (const json& number : *list) {
      if (!number.is_number_unsigned() ||
          number.get<uint64_t>() > std::numeric_limits<int64_t>::max())
        refuse_tensor(name, fmt::format("has {} in \"{}\"", excerpt(number.dump()), field));
      numbers.push_back(number.get<uint64_t>());
    }
    return numbers;
  }

  // Sets tensor.size.
  uint64_t count_bytes(const std::string& name, StoredTensor& tensor) const {
    const auto type = std::find_if(std::begin(kTypes), std::end(kTypes),
                                   [&](const StoredType& t) { return tensor.dtype == t.name; });
    if (type == std::end(kTypes))
      refuse_tensor(name, fmt::format("has the unknown dtype \"{}\"", excerpt(tensor.dtype)));
    uint64_t bits = type->bits;
    int64_t size = 1;
    for (const int64_t dimension : tensor.shape) {
      if (__builtin_mul_overflow(size, dimension, &size) ||
          __builtin_mul_overflow(type->bits, static_cast<uint64_t>(size), &bits))
        refuse_tensor(name, fmt::format("has the impossible shape {}", shape_text(tensor.shape)));
    }
    if (bits % 8 != 0) refuse_tensor(name, "does not fill whole bytes");
    tensor.size = size;
    return bits / 8;
  }

  // Checks that every byte of data belongs to exactly one tensor.
  void check_places(const SafetensorsFile::Tensors& tensors) const {
    std::vector<std::pair<size_t, size_t>> places;  // begin, end
    for (const auto& [name, tensor] : tensors) {
      const size_t begin = tensor.begin - data_begin_;
      places.emplace_back(begin, begin + tensor.bytes);
    }
    std::sort(places.begin(), places.end());
    size_t end = 0;
    for (const auto& place : places) {
      if (place.first != end)
        refuse(path_, fmt::format("tensors {} at byte {} of its data",
                                  place.first < end ? "overlap" : "leave a hole", end));
      end = place.second;
    }
    if (end != data_size()) {
      refuse(path_,
             fmt::format("its tensors take {} bytes, but its data has {}", end, data_size()));
    }
  }

  [[noreturn]] void refuse_tensor(const std::string& name, const std::string& reason) const {
    refuse(path_, fmt::format("tensor '{}' {}", excerpt(name), reason));
  }

  size_t data_size() const { return file_.size() - data_begin_; }

  const RandomAccessFile& file_;
  const std::filesystem::path& path_;
  size_t data_begin_ = 0;
};

std::string header_of(std::span<const TensorToWrite> tensors) {
  nlohmann::ordered_json header;
  header["__metadata__"] = {{"format", "pt"}};
  // Appended directly, because inserting by name would compare with all names before it.
  auto& entries = header.get_ref<nlohmann::ordered_json::object_t&>();
  size_t begin = 0;
  for (const TensorToWrite& tensor : tensors) {
    const size_t end = begin + tensor.values.size_bytes();
    const nlohmann::ordered_json entry = {
        {"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {begin, end}}};
    entries.push_back({tensor.name, entry});
    begin = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  return text;
}

}  // namespace

SafetensorsFile::SafetensorsFile(std::filesystem::path path)
    : file_(std::move(path)), tensors_(HeaderReader(file_).read()) {}

const StoredTensor* SafetensorsFile::find(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

void SafetensorsFile::read(std::string_view name, size_t first, std::span<float> out) const {
  const StoredTensor* tensor = find(name);
  if (tensor == nullptr)
    throw Error(ErrorKind::kInput, fmt::format("'{}' has no tensor '{}'", path().string(), name));
  CHECK(first + out.size() <= static_cast<size_t>(tensor->size));
  if (tensor->dtype == "F32") {
    file_.read(tensor->begin + first * sizeof(float),
               {reinterpret_cast<char*>(out.data()), out.size_bytes()});
  } else if (tensor->dtype == "F64") {
    read_numbers<double>(file_, tensor->begin + first * sizeof(double), out,
                         [](double value) { return static_cast<float>(value); });
  } else if (tensor->dtype == "BF16") {
    read_numbers<uint16_t>(file_, tensor->begin + first * sizeof(uint16_t), out,
                           [](uint16_t bits) { return to_float(BFloat16{bits}); });
  } else if (tensor->dtype == "F16") {
    read_numbers<uint16_t>(file_, tensor->begin + first * sizeof(uint16_t), out, from_float16);
  } else {
    throw Error(ErrorKind::kInput,
                fmt::format("'{}': tensor '{}' has type {}; supported are F32, F64, F16 and BF16",
                            path().string(), name, tensor->dtype),
                "convert the weights to F32");
  }
}

void write_safetensors(const std::filesystem::path& path, std::span<const TensorToWrite> tensors) {
  const std::string header = header_of(tensors);
  const uint64_t length = header.size();
  OutputFile file(path);
  file.write({reinterpret_cast<const char*>(&length), sizeof(length)});
  file.write(header);
  for (const TensorToWrite& tensor : tensors) {
    int64_t size = 1;
    for (const int64_t dimension : tensor.shape) size *= dimension;
    CHECK(static_cast<size_t>(size) == tensor.values.size());
    file.write({reinterpret_cast<const char*>(tensor.values.data()), tensor.values.size_bytes()});
  }
  file.close();
}

std::string shape_text(std::span<const int64_t> shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

}  // namespace bertune
