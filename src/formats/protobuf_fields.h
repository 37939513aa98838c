// SPDX-License-Identifier: Apache-2.0
// Reads and writes protobuf's wire format field by field, for files too large to hold as one
// message in memory. Apart from the code generated from onnx.proto, nothing else knows protobuf.
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

// The most bytes that a field has before its content.
constexpr size_t kMostHeadBytes = 20;

// Reads a field up to its content, whose length becomes `value`, from its first bytes. Returns the
// number of bytes read, or 0 if they are malformed or truncated.
size_t read_field_head(std::string_view bytes, ProtobufField& field);

// Removes the next field from `rest`. Returns false if it is malformed or truncated.
bool next_field(std::string_view& rest, ProtobufField& field);

// Appends the numbers packed into `bytes` to `numbers`. Returns false if they are malformed or if
// `numbers` would exceed `most` entries in total.
bool unpack_numbers(std::string_view bytes, size_t most, std::vector<uint64_t>& numbers);

// The bytes that precede a length-delimited field's content: the field number and the length.
std::string bytes_key(int field, uint64_t length);

std::string bytes_field(int field, std::string_view bytes);
std::string number_field(int field, uint64_t number);

}  // namespace bertune
