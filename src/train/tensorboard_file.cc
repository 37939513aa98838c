// SPDX-License-Identifier: Apache-2.0
#include "train/tensorboard_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <chrono>

#include "formats/protobuf_fields.h"

namespace bertune {
namespace {

constexpr std::array<uint32_t, 256> make_crc_table() {
  constexpr uint32_t kCastagnoli = 0x82F63B78;
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? kCastagnoli : 0);
    table[byte] = crc;
  }
  return table;
}

std::string little_endian(uint64_t value, size_t bytes) {
  std::string out;
  for (size_t i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}

// Fixed-length fields: field number, wire type (1: eight bytes, 5: four), value.
std::string double_field(int field, double value) {
  return static_cast<char>(field << 3 | 1) + little_endian(std::bit_cast<uint64_t>(value), 8);
}
std::string float_field(int field, float value) {
  return static_cast<char>(field << 3 | 5) + little_endian(std::bit_cast<uint32_t>(value), 4);
}

// Field numbers of the messages Event, SessionLog, Summary and Summary.Value.
constexpr int kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5, kSessionLog = 7;
constexpr int kSessionStatus = 1, kValue = 1, kTag = 1, kSimpleValue = 2;
constexpr uint64_t kSessionStart = 1;

std::string event(int64_t step, int what, std::string_view content) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return double_field(kWallTime, std::chrono::duration<double>(now).count()) +
         number_field(kStep, static_cast<uint64_t>(step)) + bytes_field(what, content);
}

// TensorBoard reads the files of a folder in order of their names, and parses a time after
// "tfevents.".
std::string new_name() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  return fmt::format("events.out.tfevents.{:010}.bertune.{}", seconds, ::getpid());
}

}  // namespace

uint32_t masked_crc32c(std::string_view bytes) {
  static constexpr std::array<uint32_t, 256> kTable = make_crc_table();
  uint32_t crc = ~0u;
  for (const char byte : bytes) crc = (crc >> 8) ^ kTable[(crc ^ static_cast<uint8_t>(byte)) & 255];
  return std::rotr(~crc, 15) + 0xA282EAD8u;
}

EventFile::EventFile(const std::filesystem::path& folder, int64_t first_step)
    : out_(folder / new_name(), std::ios::binary) {
  write_record(event(0, kFileVersion, "brain.Event:2"));
  write_record(event(first_step, kSessionLog, number_field(kSessionStatus, kSessionStart)));
}

void EventFile::add(std::string_view tag, double value, int64_t step) {
  const std::string named =
      bytes_field(kTag, tag) + float_field(kSimpleValue, static_cast<float>(value));
  write_record(event(step, kSummary, bytes_field(kValue, named)));
}

void EventFile::write_record(const std::string& message) {
  const std::string length = little_endian(message.size(), 8);
  out_ << length << little_endian(masked_crc32c(length), 4) << message
       << little_endian(masked_crc32c(message), 4);
}

}  // namespace bertune
