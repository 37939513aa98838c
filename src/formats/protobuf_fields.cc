// SPDX-License-Identifier: Apache-2.0
#include "formats/protobuf_fields.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <limits>

namespace bertune {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

CodedInputStream stream_of(std::string_view bytes) {
  constexpr size_t kMost = std::numeric_limits<int>::max();
  return CodedInputStream(reinterpret_cast<const uint8_t*>(bytes.data()),
                          static_cast<int>(std::min(bytes.size(), kMost)));
}

// Reads a field up to the bytes that its length announces.
bool read_head(CodedInputStream& in, ProtobufField& field) {
  const uint32_t tag = in.ReadTag();
  field = {.number = WireFormatLite::GetTagFieldNumber(tag)};
  if (field.number == 0) return false;
  uint32_t narrow = 0;
  switch (WireFormatLite::GetTagWireType(tag)) {
    case WireFormatLite::WIRETYPE_VARINT:
      return in.ReadVarint64(&field.value);
    case WireFormatLite::WIRETYPE_LENGTH_DELIMITED:
      field.has_bytes = true;
      return in.ReadVarint64(&field.value);
    case WireFormatLite::WIRETYPE_FIXED64:
      return in.ReadLittleEndian64(&field.value);
    case WireFormatLite::WIRETYPE_FIXED32:
      if (!in.ReadLittleEndian32(&narrow)) return false;
      field.value = narrow;
      return true;
    default:  // groups, which no supported format uses
      return false;
  }
}

std::string key_and_number(int field, WireFormatLite::WireType type, uint64_t number) {
  std::string bytes(kMostHeadBytes, '\0');
  auto* const begin = reinterpret_cast<uint8_t*>(bytes.data());
  uint8_t* end = CodedOutputStream::WriteTagToArray(WireFormatLite::MakeTag(field, type), begin);
  end = CodedOutputStream::WriteVarint64ToArray(number, end);
  bytes.resize(static_cast<size_t>(end - begin));
  return bytes;
}

}  // namespace

size_t read_field_head(std::string_view bytes, ProtobufField& field) {
  CodedInputStream in = stream_of(bytes);
  return read_head(in, field) ? static_cast<size_t>(in.CurrentPosition()) : 0;
}

bool next_field(std::string_view& rest, ProtobufField& field) {
  const size_t head = read_field_head(rest, field);
  if (head == 0) return false;
  rest.remove_prefix(head);
  if (!field.has_bytes) return true;
  if (field.value > rest.size()) return false;
  field.bytes = rest.substr(0, field.value);
  rest.remove_prefix(field.value);
  return true;
}

bool unpack_numbers(std::string_view bytes, size_t most, std::vector<uint64_t>& numbers) {
  CodedInputStream in = stream_of(bytes);
  while (static_cast<size_t>(in.CurrentPosition()) < bytes.size()) {
    uint64_t number = 0;
    if (numbers.size() == most || !in.ReadVarint64(&number)) return false;
    numbers.push_back(number);
  }
  return true;
}

std::string bytes_key(int field, uint64_t length) {
  return key_and_number(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED, length);
}

std::string bytes_field(int field, std::string_view bytes) {
  return bytes_key(field, bytes.size()) + std::string(bytes);
}

std::string number_field(int field, uint64_t number) {
  return key_and_number(field, WireFormatLite::WIRETYPE_VARINT, number);
}

}  // namespace bertune
