// SPDX-License-Identifier: Apache-2.0
#include "formats/onnx/graph.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "base/io.h"
#include "formats/onnx/onnx.pb.h"
#include "formats/protobuf_fields.h"
#include "formats/transpose.h"

namespace bertune {
namespace {

// The first opset that has LayerNormalization, and the IR version released with it.
constexpr int64_t kOpset = 17;
constexpr int64_t kIrVersion = 8;

int32_t type_number(OnnxType type) {
  return type == OnnxType::kFloat ? onnx::TensorProto::FLOAT : onnx::TensorProto::INT64;
}

void describe(onnx::ValueInfoProto& value, const std::string& name, OnnxType type,
              const OnnxGraph::Dims& dims) {
  value.set_name(name);
  auto& tensor = *value.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(type_number(type));
  for (const auto& dim : dims) {
    auto& entry = *tensor.mutable_shape()->add_dim();
    if (const auto* size = std::get_if<int64_t>(&dim)) entry.set_dim_value(*size);
    if (const auto* varying = std::get_if<std::string>(&dim)) entry.set_dim_param(*varying);
  }
}

void set_attribute(onnx::AttributeProto& proto, const OnnxAttribute& attribute) {
  proto.set_name(attribute.name);
  if (const auto* integer = std::get_if<int64_t>(&attribute.value)) {
    proto.set_type(onnx::AttributeProto::INT);
    proto.set_i(*integer);
  } else if (const auto* number = std::get_if<float>(&attribute.value)) {
    proto.set_type(onnx::AttributeProto::FLOAT);
    proto.set_f(*number);
  } else {
    proto.set_type(onnx::AttributeProto::INTS);
    for (const int64_t value : std::get<std::vector<int64_t>>(attribute.value))
      proto.add_ints(value);
  }
}

template <typename T>
void set_values(onnx::TensorProto& tensor, std::span<const T> values) {
  constexpr bool kFloats = std::is_same_v<T, float>;
  tensor.set_data_type(type_number(kFloats ? OnnxType::kFloat : OnnxType::kInt64));
  tensor.set_raw_data(values.data(), values.size_bytes());
}

// The message of a weight, without its values.
std::string tensor_head(const OnnxGraph::Weight& weight) {
  onnx::TensorProto tensor;
  tensor.set_name(weight.name);
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  for (const int64_t dim : weight.shape) tensor.add_dims(dim);
  return tensor.SerializeAsString();
}

// The same for a weight whose values are in another file.
std::string external_tensor(const OnnxGraph::Weight& weight, const std::string& file,
                            uint64_t offset) {
  onnx::TensorProto tensor;
  tensor.ParseFromString(tensor_head(weight));
  tensor.set_data_location(onnx::TensorProto::EXTERNAL);
  const std::pair<const char*, std::string> kEntries[] = {
      {"location", file},
      {"offset", std::to_string(offset)},
      {"length", std::to_string(weight.values.size_bytes())}};
  for (const auto& [key, value] : kEntries) {
    auto& entry = *tensor.add_external_data();
    entry.set_key(key);
    entry.set_value(value);
  }
  return tensor.SerializeAsString();
}

void write_values(const OnnxGraph::Weight& weight, OutputFile& file) {
  std::vector<float> turned;
  std::span<const float> values = weight.values;
  if (weight.transposed) {
    turned.resize(values.size());
    transpose(values, weight.shape[1], weight.shape[0], turned);
    values = turned;
  }
  file.write({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
}

std::string model_head() {
  onnx::ModelProto model;
  model.set_ir_version(kIrVersion);
  model.set_producer_name("bertune");
  model.add_opset_import()->set_version(kOpset);
  return model.SerializeAsString();
}

uint64_t align(uint64_t offset) {
  constexpr uint64_t kPage = 4096;  // alignment that lets a reader memory-map each weight
  return (offset + kPage - 1) / kPage * kPage;
}

// Writes the model as one file: the fixed part, then one weight after the other.
void write_whole(const std::filesystem::path& path, const std::string& graph,
                 std::span<const OnnxGraph::Weight> weights) {
  std::vector<std::string> heads;  // the bytes of each weight that precede its values
  uint64_t bytes = graph.size();
  for (const OnnxGraph::Weight& weight : weights) {
    const uint64_t size = weight.values.size_bytes();
    const std::string head =
        tensor_head(weight) + bytes_key(onnx::TensorProto::kRawDataFieldNumber, size);
    heads.push_back(bytes_key(onnx::GraphProto::kInitializerFieldNumber, head.size() + size) +
                    head);
    bytes += heads.back().size() + size;
  }
  OutputFile file(path);
  file.write(model_head() + bytes_key(onnx::ModelProto::kGraphFieldNumber, bytes) + graph);
  for (size_t i = 0; i < weights.size(); ++i) {
    file.write(heads[i]);
    write_values(weights[i], file);
  }
  file.close();
}

// Writes the weights to a separate file.
void write_with_data_file(const std::filesystem::path& path, std::string graph,
                          std::span<const OnnxGraph::Weight> weights) {
  const std::string data_name = path.filename().string() + ".data";
  OutputFile data(path.parent_path() / data_name);
  uint64_t offset = 0;
  for (const OnnxGraph::Weight& weight : weights) {
    data.write(std::string(align(offset) - offset, '\0'));
    offset = align(offset);
    graph += bytes_field(onnx::GraphProto::kInitializerFieldNumber,
                         external_tensor(weight, data_name, offset));
    write_values(weight, data);
    offset += weight.values.size_bytes();
  }
  data.close();
  OutputFile file(path);
  file.write(model_head() + bytes_field(onnx::ModelProto::kGraphFieldNumber, graph));
  file.close();
}

}  // namespace

struct OnnxGraph::Messages {
  onnx::GraphProto graph;
};

OnnxGraph::OnnxGraph(const std::string& name) : messages_(std::make_unique<Messages>()) {
  messages_->graph.set_name(name);
}

OnnxGraph::~OnnxGraph() = default;

void OnnxGraph::add_input(const std::string& name, OnnxType type, const Dims& dims) {
  describe(*messages_->graph.add_input(), name, type, dims);
}

void OnnxGraph::add_output(const std::string& name, OnnxType type, const Dims& dims) {
  describe(*messages_->graph.add_output(), name, type, dims);
}

std::string OnnxGraph::add(const std::string& name, const char* op,
                           const std::vector<std::string>& inputs,
                           const std::vector<OnnxAttribute>& attributes) {
  auto& node = *messages_->graph.add_node();
  node.set_name(name);
  node.set_op_type(op);
  node.add_output(name);
  for (const std::string& input : inputs) node.add_input(input);
  for (const OnnxAttribute& attribute : attributes) set_attribute(*node.add_attribute(), attribute);
  return name;
}

void OnnxGraph::add_split(const std::string& name, const std::string& input,
                          const std::vector<std::string>& outputs, int64_t axis) {
  add(name, "Split", {input}, {{"axis", axis}});
  auto& node = *messages_->graph.mutable_node()->rbegin();
  node.clear_output();
  for (const std::string& output : outputs) node.add_output(output);
}

std::string OnnxGraph::number(const std::string& name, float value) {
  auto& tensor = *messages_->graph.add_initializer();
  tensor.set_name(name);
  set_values<float>(tensor, {&value, 1});
  return name;
}

std::string OnnxGraph::integers(const std::string& name, const std::vector<int64_t>& values) {
  auto& tensor = *messages_->graph.add_initializer();
  tensor.set_name(name);
  tensor.add_dims(static_cast<int64_t>(values.size()));
  set_values<int64_t>(tensor, values);
  return name;
}

std::string OnnxGraph::weight(const std::string& name, std::vector<int64_t> shape,
                              std::span<const float> values, bool transposed) {
  if (transposed) std::reverse(shape.begin(), shape.end());
  weights_.push_back({name, std::move(shape), values, transposed});
  return name;
}

bool OnnxGraph::needs_data_file(uint64_t max_bytes) const {
  constexpr uint64_t kMargin = 1 << 20;  // for everything but the values
  uint64_t bytes = kMargin + messages_->graph.ByteSizeLong();
  for (const Weight& weight : weights_) bytes += weight.values.size_bytes();
  return bytes > max_bytes;
}

void OnnxGraph::write(const std::filesystem::path& path, uint64_t max_bytes) const {
  const std::string graph = messages_->graph.SerializeAsString();
  if (needs_data_file(max_bytes)) {
    write_with_data_file(path, graph, weights_);
  } else {
    write_whole(path, graph, weights_);
  }
}

}  // namespace bertune
