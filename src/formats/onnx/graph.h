// SPDX-License-Identifier: Apache-2.0
// Builds an ONNX graph of nodes, small constants and weights, and writes it to a file. Weights are
// views of the caller's memory and are written one by one, so the model is never in memory twice.
// This file knows ONNX but not BERT. https://onnx.ai/onnx/repo-docs/IR.html
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
  // The size limit of a protobuf message. Above it, the weights go into a separate file.
  static constexpr uint64_t kMaxBytes = (uint64_t{1} << 31) - 1;

  // A view of a matrix or vector owned by the caller, with the shape it has in the file.
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

  // Each dimension is fixed (a number) or dynamic (a name).
  using Dims = std::vector<std::variant<int64_t, std::string>>;
  void add_input(const std::string& name, OnnxType type, const Dims& dims);
  void add_output(const std::string& name, OnnxType type, const Dims& dims);

  // All of these return the name of the value they add. A node has one output, which has the node's
  // name.
  std::string add(const std::string& name, const char* op, const std::vector<std::string>& inputs,
                  const std::vector<OnnxAttribute>& attributes = {});
  void add_split(const std::string& name, const std::string& input,
                 const std::vector<std::string>& outputs, int64_t axis);
  std::string number(const std::string& name, float value);
  std::string integers(const std::string& name, const std::vector<int64_t>& values);
  // [rows, cols] or [n]. The values are read only when the file is written. If `transposed`, they
  // are written as [cols, rows].
  std::string weight(const std::string& name, std::vector<int64_t> shape,
                     std::span<const float> values, bool transposed = false);

  // Writes `path`. If it would exceed `max_bytes`, the weights go into `path` + ".data". Not
  // atomic. Throws Error{kSystem}.
  void write(const std::filesystem::path& path, uint64_t max_bytes = kMaxBytes) const;
  bool needs_data_file(uint64_t max_bytes = kMaxBytes) const;

 private:
  struct Messages;  // protobuf messages, hidden so that only graph.cc includes protobuf

  std::unique_ptr<Messages> messages_;
  std::vector<Weight> weights_;
};

}  // namespace bertune
