// SPDX-License-Identifier: Apache-2.0
// A graph in the making, and its ONNX file: nodes, small constants, and weights that stay the
// caller's until they are written one by one, so that a model is never in memory twice. Knows ONNX,
// not BERT. https://onnx.ai/onnx/repo-docs/IR.html
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace bertune {

struct OnnxAttribute {
  const char* name;
  std::variant<int64_t, float, std::vector<int64_t>> value;
};

enum class OnnxType { kFloat, kInt64 };

class OnnxGraph {
 public:
  // A single message of protobuf cannot be larger; above it weights go into a file beside.
  static constexpr uint64_t kMaxBytes = (uint64_t{1} << 31) - 1;

  // A matrix or a vector of the caller's, in the shape of the file.
  struct Weight {
    std::string name;
    std::vector<int64_t> shape;
    std::span<const float> values;
    bool transposed;  // the values are those of the transposed matrix
  };

  explicit OnnxGraph(const std::string& name);
  ~OnnxGraph();
  OnnxGraph(const OnnxGraph&) = delete;
  OnnxGraph& operator=(const OnnxGraph&) = delete;

  // Dimensions by the name of what varies, or by a number.
  using Dims = std::vector<std::variant<int64_t, std::string>>;
  void add_input(const std::string& name, OnnxType type, const Dims& dims);
  void add_output(const std::string& name, OnnxType type, const Dims& dims);

  // All give the name of the value that they add. A node has one output, named like it.
  std::string add(const std::string& name, const char* op, const std::vector<std::string>& inputs,
                  const std::vector<OnnxAttribute>& attributes = {});
  void add_split(const std::string& name, const std::string& input,
                 const std::vector<std::string>& outputs, int64_t axis);
  std::string number(const std::string& name, float value);
  std::string integers(const std::string& name, const std::vector<int64_t>& values);
  // [rows, cols] or [n]; the values are only read when the file is written. `transposed`: written
  // as [cols, rows].
  std::string weight(const std::string& name, std::vector<int64_t> shape,
                     std::span<const float> values, bool transposed = false);

  // Writes `path`; where it would pass `max_bytes`, the weights go into `path` + ".data". Not
  // atomic. Throws Error{kSystem}.
  void write(const std::filesystem::path& path, uint64_t max_bytes = kMaxBytes) const;
  bool needs_data_file(uint64_t max_bytes = kMaxBytes) const;

 private:
  struct Messages;  // protobuf's, which stays in one file

  std::unique_ptr<Messages> messages_;
  std::vector<Weight> weights_;
};

}  // namespace bertune
