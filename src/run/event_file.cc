// SPDX-License-Identifier: Apache-2.0
#include "run/event_file.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <chrono>
#include <functional>

namespace bertune {
namespace {

using google::protobuf::io::CodedOutputStream;

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

// Field numbers and wire types of the messages Event, SessionLog, Summary and Summary.Value.
enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };
constexpr uint32_t tag_of(uint32_t field, WireType type) { return field << 3 | type; }
constexpr uint32_t kWallTime = tag_of(1, kFixed64), kStep = tag_of(2, kVarint),
                   kFileVersion = tag_of(3, kBytes), kSummary = tag_of(5, kBytes),
                   kSessionLog = tag_of(7, kBytes), kSessionStatus = tag_of(1, kVarint),
                   kValue = tag_of(1, kBytes), kTag = tag_of(1, kBytes),
                   kSimpleValue = tag_of(2, kFixed32);
constexpr uint32_t kSessionStart = 1;

std::string encode(const std::function<void(CodedOutputStream&)>& write) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    CodedOutputStream out(&stream);
    write(out);
  }
  return bytes;
}

void write_bytes(CodedOutputStream& out, uint32_t tag, std::string_view bytes) {
  out.WriteTag(tag);
  out.WriteVarint32(static_cast<uint32_t>(bytes.size()));
  out.WriteRaw(bytes.data(), static_cast<int>(bytes.size()));
}

std::string event(int64_t step, uint32_t what, std::string_view content) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return encode([&](CodedOutputStream& out) {
    out.WriteTag(kWallTime);
    out.WriteLittleEndian64(std::bit_cast<uint64_t>(std::chrono::duration<double>(now).count()));
    out.WriteTag(kStep);
    out.WriteVarint64(static_cast<uint64_t>(step));
    write_bytes(out, what, content);
  });
}

std::string little_endian(uint64_t value, size_t bytes) {
  std::string out;
  for (size_t i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}

// TensorBoard reads the files of a folder by name, and takes what stands after "tfevents." as time.
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
  write_record(event(first_step, kSessionLog, encode([](CodedOutputStream& out) {
                       out.WriteTag(kSessionStatus);
                       out.WriteVarint32(kSessionStart);
                     })));
}

void EventFile::add(std::string_view tag, double value, int64_t step) {
  const std::string named = encode([&](CodedOutputStream& out) {
    write_bytes(out, kTag, tag);
    out.WriteTag(kSimpleValue);
    out.WriteLittleEndian32(std::bit_cast<uint32_t>(static_cast<float>(value)));
  });
  const std::string summary =
      encode([&](CodedOutputStream& out) { write_bytes(out, kValue, named); });
  write_record(event(step, kSummary, summary));
}

void EventFile::write_record(const std::string& message) {
  const std::string length = little_endian(message.size(), 8);
  out_ << length << little_endian(masked_crc32c(length), 4) << message
       << little_endian(masked_crc32c(message), 4);
}

}  // namespace bertune
