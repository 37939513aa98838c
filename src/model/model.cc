// SPDX-License-Identifier: Apache-2.0
#include "model/model.h"

#include <algorithm>
#include <utility>

#include "base/parallel.h"
#include "model/heads/heads.h"

namespace bertune {
namespace {

// The weights in the order of ParameterList::matrices.
std::vector<LinearWeight*> list_weights(BertWeights& weights, const BertConfig& config,
                                        HeadKind head) {
  std::vector<LinearWeight*> all;
  if (config.embedding_width() != config.hidden_size) all.push_back(&weights.projection);
  weights.layers.resize(static_cast<size_t>(config.num_hidden_layers));
  for (LayerWeights& layer : weights.layers) {
    for (LinearWeight* weight : {&layer.qkv, &layer.output, &layer.up, &layer.down}) {
      all.push_back(weight);
    }
  }
  for (LinearWeight BertWeights::*const weight : head_of(head).weights)
    all.push_back(&(weights.*weight));
  return all;
}

}  // namespace

size_t reserve_products(Engine& engine, const BertConfig& config, int64_t rows) {
  return engine.reserve(rows, std::max(config.intermediate_size, 3 * config.hidden_size));
}

void upload_floats(Engine& engine, std::span<const float> values, const Tensor& flat) {
  CHECK(static_cast<int64_t>(values.size()) == flat.size());
  if (flat.dtype != DType::kF64) return engine.upload(values.data(), flat);
  const std::vector<double> wide(values.begin(), values.end());
  engine.upload(wide.data(), flat);
}

void download_floats(Engine& engine, const Tensor& flat, std::span<float> values) {
  CHECK(static_cast<int64_t>(values.size()) == flat.size());
  if (flat.dtype != DType::kF64) return engine.download(flat, values.data());
  std::vector<double> wide(values.size());
  engine.download(flat, wide.data());
  std::copy(wide.begin(), wide.end(), values.begin());
}

Model::Model(Engine& engine, Arena& arena, BertConfig config, HeadKind head, Purpose purpose)
    : engine_(engine),
      config_(std::move(config)),
      head_(head),
      matrices_(purpose == Purpose::kTraining ? Matrices::kInPlace : Matrices::kApart),
      list_(list_parameters(config_, head)),
      placed_(list_parameters(config_, head, matrices_)),
      by_matrix_(list_weights(weights_, config_, head)) {
  CHECK(by_matrix_.size() == placed_.matrices.size());
  const DType dtype = engine.dtypes().parameter;
  arena.plan(flat_params_, kParameterMemory, dtype, 1, placed_.size);
  for (size_t i = 0; i < placed_.matrices.size(); ++i) {
    plan_weight(placed_.matrices[i], purpose, arena, *by_matrix_[i]);
  }
  if (purpose == Purpose::kTraining) {
    arena.plan(flat_gradients_, "gradients", dtype, 1, placed_.size);
  }
}

void Model::plan_weight(const WeightMatrix& matrix, Purpose purpose, Arena& arena,
                        LinearWeight& weight) {
  const PackedSizes sizes = engine_.packed_sizes(matrix.out, matrix.in, purpose);
  arena.plan(weight.forward, kWeightMemory, DType::kBytes, 1, sizes.forward);
  arena.plan(weight.backward, kWeightMemory, DType::kBytes, 1, sizes.backward);
  const bool all_packed =
      sizes.forward > 0 && (sizes.backward > 0 || purpose == Purpose::kInference);
  if (!all_packed && !reads_parameter(matrix)) {
    arena.plan(weight.plain, kWeightMemory, engine_.dtypes().activation, matrix.out, matrix.in);
  }
}

// Whether a product may read the parameter itself as the plain weight.
bool Model::reads_parameter(const WeightMatrix& matrix) const {
  return matrix.is_placed() && engine_.dtypes().activation == engine_.dtypes().parameter;
}

void Model::bind() {
  params_ = view_parameters(config_, head_, flat_params_, matrices_);
  if (flat_gradients_) gradients_ = view_parameters(config_, head_, flat_gradients_);
  for (size_t i = 0; i < placed_.matrices.size(); ++i) {
    const WeightMatrix& matrix = placed_.matrices[i];
    if (reads_parameter(matrix)) by_matrix_[i]->plain = parameter_matrix(matrix);
  }
}

namespace {

// Values that are read and uploaded at a time: enough to share between threads, little enough to
// stay in the cache until they are packed.
constexpr int64_t kGroup = 6 << 20, kTablePart = 1 << 20;

// Consecutive elements of a parameter.
struct Piece {
  const Parameter* parameter;
  int64_t first, count;
};

// Reads pieces in groups one after the other.
class GroupReader {
 public:
  explicit GroupReader(const ReadParameter& read) : read_(read) {}

  // Whether another `count` values belong to the next group.
  bool is_full(int64_t count) const { return size_ > 0 && size_ + count > kGroup; }
  void add(const Piece& piece) {
    pieces_.push_back(piece);
    size_ += piece.count;
  }
  // Reads the group and calls take(piece, its values) for its pieces in order.
  template <typename Take>
  void flush(const Take& take) {
    values_.resize(static_cast<size_t>(size_));
    std::vector<std::span<float>> parts;
    for (size_t begin = 0; const Piece& piece : pieces_) {
      parts.push_back(std::span(values_).subspan(begin, static_cast<size_t>(piece.count)));
      begin += parts.back().size();
    }
    parallel_for(std::ssize(pieces_), 1, [&](int64_t i, int64_t) {
      read_(*pieces_[i].parameter, static_cast<size_t>(pieces_[i].first), parts[i]);
    });
    for (size_t i = 0; i < pieces_.size(); ++i) take(pieces_[i], parts[i]);
    pieces_.clear();
    size_ = 0;
  }

 private:
  const ReadParameter& read_;
  std::vector<Piece> pieces_;
  int64_t size_ = 0;
  std::vector<float> values_;
};

}  // namespace

void Model::load(const ReadParameter& read) {
  bind();
  load_placed(read);
  load_apart(read);
  for (size_t i = 0; i < placed_.matrices.size(); ++i) {
    const WeightMatrix& matrix = placed_.matrices[i];
    const Tensor& plain = by_matrix_[i]->plain;
    if (matrix.is_placed() && plain && !reads_parameter(matrix))
      engine_.cast(parameter_matrix(matrix), plain);
  }
  pack_weights();
  engine_.synchronize();
}

void Model::load_placed(const ReadParameter& read) {
  GroupReader reader(read);
  const auto take = [&](const Piece& piece, std::span<const float> values) {
    const Parameter& placed = placed_.parameters[index_of(*piece.parameter)];
    upload_floats(engine_, values,
                  flat_params_.slice_cols(placed.offset + piece.first, piece.count));
  };
  for (size_t i = 0; i < list_.parameters.size(); ++i) {
    if (!placed_.parameters[i].is_placed()) continue;
    const Parameter& parameter = list_.parameters[i];
    const int64_t part = parameter.is_table() ? kTablePart : parameter.size();
    for (int64_t first = 0; first < parameter.size(); first += part) {
      const int64_t count = std::min(part, parameter.size() - first);
      if (reader.is_full(count)) reader.flush(take);
      reader.add({&parameter, first, count});
    }
  }
  reader.flush(take);
}

void Model::load_apart(const ReadParameter& read) {
  int64_t largest = 0;
  for (const WeightMatrix& matrix : placed_.matrices) {
    if (!matrix.is_placed()) largest = std::max(largest, matrix.size());
  }
  if (largest == 0) return;
  const DType dtype = engine_.dtypes().parameter;
  const auto staging = engine_.allocate(static_cast<size_t>(largest) * size_of(dtype));
  const auto staged = [&](int64_t rows, int64_t cols) {
    return Tensor{staging->data(), dtype, rows, cols, cols};
  };
  size_t next = 0;     // matrix to complete
  int64_t filled = 0;  // its values in the staging memory
  const auto take = [&](const Piece& piece, std::span<const float> values) {
    while (placed_.matrices[next].is_placed()) ++next;
    const WeightMatrix& matrix = placed_.matrices[next];
    upload_floats(engine_, values, staged(1, largest).slice_cols(filled, piece.count));
    filled += piece.count;
    if (filled < matrix.size()) return;
    const LinearWeight& weight = *by_matrix_[next++];
    const Tensor whole = staged(matrix.out, matrix.in);
    if (weight.plain) engine_.cast(whole, weight.plain);
    if (weight.forward)
      engine_.pack({.weight = whole, .forward = weight.forward, .backward = weight.backward});
    filled = 0;
  };
  GroupReader reader(read);
  for (const WeightMatrix& matrix : placed_.matrices) {
    if (matrix.is_placed()) continue;
    if (reader.is_full(matrix.size())) reader.flush(take);
    for (size_t i = matrix.first; i < matrix.first + matrix.count; ++i)
      reader.add({&list_.parameters[i], 0, list_.parameters[i].size()});
  }
  reader.flush(take);
}

void Model::load(std::span<const float> values) {
  CHECK(values.size() == static_cast<size_t>(list_.size));
  load([&](const Parameter& parameter, size_t first, std::span<float> out) {
    const auto from = values.subspan(static_cast<size_t>(parameter.offset) + first, out.size());
    std::copy(from.begin(), from.end(), out.begin());
  });
}

void Model::save(std::span<float> values) const {
  CHECK(matrices_ == Matrices::kInPlace);
  download_floats(engine_, flat_params_, values);
}

std::vector<float> Model::save_gradients() const {
  std::vector<float> values(static_cast<size_t>(list_.size));
  download_floats(engine_, flat_gradients_, values);
  return values;
}

size_t Model::index_of(const Parameter& parameter) const {
  return static_cast<size_t>(&parameter - list_.parameters.data());
}

Tensor Model::parameter_matrix(const WeightMatrix& matrix) const {
  Tensor view = flat_params_.slice_cols(matrix.offset, matrix.size());
  view.rows = matrix.out;
  view.cols = view.stride = matrix.in;
  return view;
}

Tensor Model::weight_copy(const Parameter& parameter) const {
  if (engine_.dtypes().activation == engine_.dtypes().parameter) return {};
  for (size_t i = 0; i < list_.matrices.size(); ++i) {
    const WeightMatrix& matrix = list_.matrices[i];
    const int64_t begin = parameter.offset - matrix.offset;
    if (begin < 0 || begin >= matrix.size()) continue;
    const Tensor& plain = by_matrix_[i]->plain;
    if (!plain) return {};
    const Tensor flat{plain.data, plain.dtype, 1, matrix.size(), matrix.size()};
    return flat.slice_cols(begin, parameter.size());
  }
  return {};
}

void Model::pack_weights() {
  for (size_t i = 0; i < placed_.matrices.size(); ++i) {
    const LinearWeight& weight = *by_matrix_[i];
    if (!placed_.matrices[i].is_placed() || (!weight.forward && !weight.backward)) continue;
    engine_.pack({.weight = parameter_matrix(placed_.matrices[i]),
                  .forward = weight.forward,
                  .backward = weight.backward});
  }
}

}  // namespace bertune
