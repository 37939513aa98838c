// SPDX-License-Identifier: Apache-2.0
// Protobuf's wire format, field by field, for files too large to be one message in memory. With the
// generated code of onnx.proto the only place that knows protobuf.
// https://protobuf.dev/programming-guides/encoding
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bertune {

// One field of a message: a number, or bytes.
struct ProtobufField {
  int number = 0;
  bool has_bytes = false;
  uint64_t value = 0;
  std::string_view bytes;
};

// Takes the next field off `rest`; false where it is no protobuf or ends within the field.
bool next_field(std::string_view& rest, ProtobufField& field);

// The numbers that are packed into `bytes`, appended to `numbers`; false: no numbers, or more than
// `most` of them in all.
bool unpack_numbers(std::string_view bytes, size_t most, std::vector<uint64_t>& numbers);

// What stands before the bytes of a field: its number and their length.
std::string bytes_key(int field, uint64_t length);

std::string bytes_field(int field, std::string_view bytes);
std::string number_field(int field, uint64_t number);

}  // namespace bertune
