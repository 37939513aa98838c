// SPDX-License-Identifier: Apache-2.0
// Builds the graph for padded sequences [batch, length, width]. The formulas are those of
// docs/math.md, written in the operators and the order that ONNX Runtime recognises and fuses.
#include "formats/onnx/bert.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <map>
#include <string>

#include "base/check.h"
#include "model/family.h"
#include "model/heads/heads.h"
#include "model/heads/masked_words.h"

namespace bertune {
namespace {

using std::string;

constexpr const char* kBatch = "batch_size";
constexpr const char* kLength = "sequence_length";

// Nodes are named after the part of the model they compute, for example "a.b" for "a.b.dense".
string scope_of(const string& name) { return name.substr(0, name.rfind('.')); }

class BertGraph {
 public:
  BertGraph(OnnxGraph& graph, const OnnxContents& contents)
      : graph_(graph),
        contents_(contents),
        family_(family_of(contents.config)),
        names_(family_.tensors),
        head_(head_of(contents.list.head)) {
    for (const Parameter& parameter : contents.list.parameters)
      parameters_[parameter.name] = &parameter;
  }

  void build() {
    for (const char* input : {"input_ids", "attention_mask", "token_type_ids"}) {
      if (input == string("token_type_ids") && names_.type_table == nullptr) continue;
      graph_.add_input(input, OnnxType::kInt64, {string(kBatch), string(kLength)});
    }
    string states = embeddings();
    const string mask = attention_mask();
    for (int64_t i = 0; i < config().num_hidden_layers; ++i)
      states = layer(fmt::format("{}{}.", names_.layers, i), states, mask);
    head(states);
  }

 private:
  const BertConfig& config() const { return contents_.config; }

  string weight(const string& name, bool transposed = false) {
    const Parameter& parameter = *parameters_.at(name);
    const auto values = contents_.values.subspan(static_cast<size_t>(parameter.offset),
                                                 static_cast<size_t>(parameter.size()));
    return graph_.weight(name, parameter.shape, values, transposed);
  }

  string linear(const string& name, const string& x) {
    const string product =
        graph_.add(name + ".product", "MatMul", {x, weight(name + ".weight", true)});
    return graph_.add(name + ".output", "Add", {product, weight(name + ".bias")});
  }

  string layer_norm(const string& name, const string& x) {
    return graph_.add(
        name + ".output", "LayerNormalization",
        {x, weight(name + ".weight"), weight(name + ".bias")},
        {{"axis", int64_t{-1}}, {"epsilon", static_cast<float>(config().layer_norm_eps)}});
  }

  string embeddings() {
    const string name = scope_of(names_.embedding_norm) + ".";
    const string word =
        graph_.add(name + "word", "Gather", {weight(names_.word_table), "input_ids"});
    const string shape = graph_.add(name + "shape", "Shape", {"input_ids"});
    const string zero = graph_.integers(name + "zero", {0});
    const string one = graph_.integers(name + "one", {1});
    const string length =
        graph_.add(name + "length", "Gather", {shape, one}, {{"axis", int64_t{0}}});
    const string position =
        graph_.add(name + "position", "Slice", {weight(names_.position_table), zero, length, zero});
    const string sum = graph_.add(name + "sum", "Add", {with_type(name, word), position});
    const string embedded = layer_norm(names_.embedding_norm, sum);
    if (config().embedding_width() == config().hidden_size) return embedded;
    return linear(names_.projection, embedded);
  }

  string with_type(const string& name, const string& word) {
    if (names_.type_table == nullptr) return word;
    const string type =
        graph_.add(name + "type", "Gather", {weight(names_.type_table), "token_type_ids"});
    return graph_.add(name + "word_and_type", "Add", {word, type});
  }

  // The attention mask [batch, 1, 1, length]: 0 for tokens, the lowest float for padding.
  string attention_mask() {
    const string name = "attention_mask.";
    const string wide = graph_.add(name + "wide", "Unsqueeze",
                                   {"attention_mask", graph_.integers(name + "axes", {1, 2})});
    const string number = graph_.add(name + "number", "Cast", {wide}, {{"to", int64_t{1}}});
    const string padding =
        graph_.add(name + "padding", "Sub", {graph_.number(name + "one", 1.0f), number});
    const string lowest = graph_.number(name + "lowest", std::numeric_limits<float>::lowest());
    return graph_.add(name + "added", "Mul", {padding, lowest});
  }

  // [batch, length, width] to heads [batch, heads, length, size], or transposed for keys, as the
  // product requires.
  string heads_of(const string& name, const string& x, std::vector<int64_t> order) {
    const string shape = graph_.integers(
        name + ".shape", {0, 0, config().num_attention_heads, config().head_size()});
    const string split = graph_.add(name + ".split", "Reshape", {x, shape});
    return graph_.add(name + ".heads", "Transpose", {split}, {{"perm", std::move(order)}});
  }

  string attention(const string& name, const string& states, const string& mask) {
    const string self = scope_of(name + names_.layer.query);
    const auto part = [&](const char* which, std::vector<int64_t> order) {
      const string linear_name = name + which;
      return heads_of(linear_name, linear(linear_name, states), std::move(order));
    };
    const string query = part(names_.layer.query, {0, 2, 1, 3});
    const string key = part(names_.layer.key, {0, 2, 3, 1});
    const string value = part(names_.layer.value, {0, 2, 1, 3});
    const string product = graph_.add(self + ".product", "MatMul", {query, key});
    const auto root = static_cast<float>(std::sqrt(static_cast<double>(config().head_size())));
    const string scaled =
        graph_.add(self + ".scaled", "Div", {product, graph_.number(self + ".root", root)});
    const string masked = graph_.add(self + ".masked", "Add", {scaled, mask});
    const string shares =
        graph_.add(self + ".shares", "Softmax", {masked}, {{"axis", int64_t{-1}}});
    const string mixed = graph_.add(self + ".mixed", "MatMul", {shares, value});
    const string rows = graph_.add(self + ".rows", "Transpose", {mixed},
                                   {{"perm", std::vector<int64_t>{0, 2, 1, 3}}});
    const string shape = graph_.integers(self + ".width", {0, 0, config().hidden_size});
    return graph_.add(self + ".output", "Reshape", {rows, shape});
  }

  string layer(const string& name, const string& states, const string& mask) {
    const LayerNames& names = names_.layer;
    const string attended = linear(name + names.attention_output, attention(name, states, mask));
    const string middle = add_norm(name + names.attention_norm, attended, states);
    const string inner = linear(name + names.up, middle);
    const string up = activation(scope_of(name + names.up), inner);
    return add_norm(name + names.output_norm, linear(name + names.down, up), middle);
  }

  string add_norm(const string& name, const string& x, const string& residual) {
    return layer_norm(name, graph_.add(name + ".sum", "Add", {x, residual}));
  }

  string activation(const string& name, const string& x) {
    return activation(config().hidden_act, name, x);
  }

  string activation(Activation function, const string& scope, const string& x) {
    // A linear map outside of any scope has nodes of its own under that name.
    const string name = scope + ".activation";
    switch (function) {
      case Activation::kGelu:
        return gelu(name, x);
      case Activation::kGeluTanh:
        return gelu_tanh(name, x);
      case Activation::kTanh:
        return graph_.add(name + ".tanh", "Tanh", {x});
      case Activation::kRelu:
        return graph_.add(name + ".relu", "Relu", {x});
      case Activation::kSilu:
        return swish(name, x, x);
      case Activation::kQuickGelu:
        return swish(name, x, times(name, x, 1.702));
      case Activation::kMish:
        return mish(name, x);
      case Activation::kNone:
        break;
    }
    return x;
  }

  string times(const string& name, const string& x, double factor) {
    const string number = graph_.number(name + ".factor", static_cast<float>(factor));
    return graph_.add(name + ".scaled", "Mul", {x, number});
  }

  // x sigmoid(inner)
  string swish(const string& name, const string& x, const string& inner) {
    return graph_.add(name + ".swish", "Mul", {x, graph_.add(name + ".gate", "Sigmoid", {inner})});
  }

  // x tanh(log(1 + e^x))
  string mish(const string& name, const string& x) {
    const string softplus = graph_.add(name + ".softplus", "Softplus", {x});
    return graph_.add(name + ".mish", "Mul", {x, graph_.add(name + ".gate", "Tanh", {softplus})});
  }

  // x / 2 (1 + erf(x / sqrt 2))
  string gelu(const string& name, const string& x) {
    const string root = graph_.number(name + ".root", static_cast<float>(std::sqrt(2.0)));
    const string scaled = graph_.add(name + ".scaled", "Div", {x, root});
    const string erf = graph_.add(name + ".erf", "Erf", {scaled});
    const string raised =
        graph_.add(name + ".raised", "Add", {erf, graph_.number(name + ".one", 1)});
    const string product = graph_.add(name + ".product", "Mul", {x, raised});
    return graph_.add(name + ".gelu", "Mul", {product, graph_.number(name + ".half", 0.5f)});
  }

  // x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))
  string gelu_tanh(const string& name, const string& x) {
    const double kPi = 3.14159265358979323846;
    const auto mul = [&](const char* part, const string& a, double b) {
      const string factor = graph_.number(name + part + ".factor", static_cast<float>(b));
      return graph_.add(name + part, "Mul", {a, factor});
    };
    const string cube =
        graph_.add(name + ".cube", "Pow", {x, graph_.number(name + ".three", 3.0f)});
    const string inner = graph_.add(name + ".inner", "Add", {x, mul(".small", cube, 0.044715)});
    const string tanh =
        graph_.add(name + ".tanh", "Tanh", {mul(".scaled", inner, std::sqrt(2.0 / kPi))});
    const string raised =
        graph_.add(name + ".raised", "Add", {tanh, graph_.number(name + ".one", 1)});
    return graph_.add(name + ".gelu", "Mul", {mul(".half", x, 0.5), raised});
  }

  void add_output(const string& name, const OnnxGraph::Dims& dims) {
    graph_.add_output(name, OnnxType::kFloat, dims);
  }

  void head(const string& states) {
    if (head_.logits_of == LogitsOf::kMaskedTokens) return masked_words(states);
    if (contents_.list.output_layer.empty()) return encoder_alone(states);
    const string scores =
        linear(contents_.list.output_layer, head_.pooled ? pooled(states) : states);
    head_.outputs.size() == 1 ? logits(scores) : split_logits(scores);
  }

  void encoder_alone(const string& states) {
    const string name = head_.outputs.front();
    graph_.add(name, "Identity", {states});
    add_output(name, {string(kBatch), string(kLength), config().hidden_size});
  }

  // Logits of the whole sequence, or of each token.
  void logits(const string& scores) {
    const string name = head_.outputs.front(), layer = contents_.list.output_layer;
    const int64_t labels = parameters_.at(layer + ".weight")->shape[0];
    graph_.add(name, "Identity", {scores});
    if (head_.pooled) return add_output(name, {string(kBatch), labels});
    add_output(name, {string(kBatch), string(kLength), labels});
  }

  // One output for each logit of a token. For example, "start_logits" is computed by the nodes
  // "LAYER.start".
  void split_logits(const string& scores) {
    const string name = contents_.list.output_layer;
    std::vector<string> parts;
    for (const string output : head_.outputs)
      parts.push_back(name + "." + output.substr(0, output.find('_')));
    graph_.add_split(name + ".split", scores, parts, -1);
    const string axis = graph_.integers(name + ".axis", {-1});
    for (size_t i = 0; i < parts.size(); ++i) {
      graph_.add(head_.outputs[i], "Squeeze", {parts[i], axis});
      add_output(head_.outputs[i], {string(kBatch), string(kLength)});
    }
  }

  // The hidden state of [CLS] through the layer before the classifier: [batch, width].
  string pooled(const string& states) {
    const HeadNames& heads = family_.heads;
    const string name = scope_of(heads.dense);
    const string first = graph_.integers(name + ".first", {0});
    const string cls = graph_.add(name + ".cls", "Gather", {states, first}, {{"axis", int64_t{1}}});
    const string axis = graph_.integers(name + ".axis", {1});
    const string row = graph_.add(name + ".row", "Squeeze", {cls, axis});
    return activation(heads.activation, name, linear(heads.dense, row));
  }

  // x [batch, length, width] times the word table, which is the decoder's weight if it is tied.
  string decoder(const string& x) {
    if (!config().tie_word_embeddings) return linear(family_.heads.decoder, x);
    const string name = kWordPredictions;
    const string turned = graph_.add(name + "decoder", "Transpose", {names_.word_table},
                                     {{"perm", std::vector<int64_t>{1, 0}}});
    const string product = graph_.add(name + "product", "MatMul", {x, turned});
    return graph_.add(name + "output", "Add", {product, weight(family_.heads.decoder_bias)});
  }

  void masked_words(const string& states) {
    const string dense = linear(family_.heads.transform, states);
    const string transformed = layer_norm(family_.heads.transform_norm,
                                          activation(scope_of(family_.heads.transform), dense));
    const string output = head_.outputs.front();
    graph_.add(output, "Identity", {decoder(transformed)});
    add_output(output, {string(kBatch), string(kLength), config().vocab_size});
  }

  OnnxGraph& graph_;
  const OnnxContents& contents_;
  const Family& family_;
  const TensorNames& names_;
  const Head& head_;
  std::map<string, const Parameter*> parameters_;
};

}  // namespace

bool onnx_needs_data_file(const OnnxContents& contents) {
  OnnxGraph graph("bert");
  BertGraph(graph, contents).build();
  return graph.needs_data_file();
}

void write_onnx(const std::filesystem::path& path, const OnnxContents& contents,
                uint64_t max_bytes) {
  CHECK(contents.values.size() == static_cast<size_t>(contents.list.size));
  OnnxGraph graph("bert");
  BertGraph(graph, contents).build();
  graph.write(path, max_bytes);
}

}  // namespace bertune
