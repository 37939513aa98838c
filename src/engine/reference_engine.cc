// SPDX-License-Identifier: Apache-2.0
// Implements the device contract with the ops of reference.h in the memory of the process. Every op
// is complete when its call returns, so synchronize does nothing.
#include "engine/reference_engine.h"

#include <cstring>

#include "engine/bfloat16.h"
#include "engine/contract.h"
#include "engine/host_buffer.h"
#include "engine/reference.h"

namespace bertune {
namespace {

double load(Tensor x, int64_t row, int64_t col) {
  switch (x.dtype) {
    case DType::kF32:
      return static_cast<double>(x.as<float>()(row, col));
    case DType::kF64:
      return x.as<double>()(row, col);
    case DType::kBF16:
      return static_cast<double>(to_float(x.as<BFloat16>()(row, col)));
    default:
      CHECK(!"a number format that can be cast");
      return 0.0;
  }
}

void store(double value, Tensor out, int64_t row, int64_t col) {
  switch (out.dtype) {
    case DType::kF32:
      out.as<float>()(row, col) = static_cast<float>(value);
      return;
    case DType::kF64:
      out.as<double>()(row, col) = value;
      return;
    case DType::kBF16:
      out.as<BFloat16>()(row, col) = to_bfloat16(static_cast<float>(value));
      return;
    default:
      CHECK(!"a number format that can be cast");
  }
}

template <typename Scalar>
class ReferenceEngine : public Engine {
 public:
  std::string description() const override {
    return sizeof(Scalar) == 8 ? "reference loops, fp64, 1 thread"
                               : "reference loops, fp32, 1 thread";
  }
  DTypes dtypes() const override { return {dtype_of<Scalar>(), dtype_of<Scalar>()}; }

  std::unique_ptr<Buffer> allocate(size_t bytes) override {
    auto buffer = std::make_unique<HostBuffer>(bytes);
    std::memset(buffer->data(), 0, bytes);
    return buffer;
  }
  size_t reserve(int64_t, int64_t) override { return 0; }
  void upload(const void* host, Tensor out) override {
    CHECK(out.is_dense());
    if (out.size() > 0) std::memcpy(out.data, host, bytes_of(out));
  }
  void download(Tensor x, void* host) override {
    CHECK(x.is_dense());
    if (x.size() > 0) std::memcpy(host, x.data, bytes_of(x));
  }
  void zero(Tensor out) override {
    for (int64_t r = 0; r < out.rows; ++r) {
      const Tensor row = out.slice_rows(r, 1);
      std::memset(row.data, 0, bytes_of(row));
    }
  }
  void synchronize() override {}

  PackedSizes packed_sizes(int64_t, int64_t, Purpose) const override { return {}; }
  void pack(const Pack& p) override { CHECK(!p.forward && !p.backward); }

  void embed(const Embed& e) override {
    check_contract(e, dtypes());
    reference::embed<Scalar>(e);
  }
  void embed_backward(const EmbedBackward& e) override {
    check_contract(e, dtypes());
    reference::embed_backward<Scalar>(e);
  }
  void linear(const Linear& l) override {
    check_contract(l, dtypes());
    reference::linear<Scalar>(l);
  }
  void linear_backward(const LinearBackward& l) override {
    check_contract(l, dtypes());
    reference::linear_backward<Scalar>(l);
  }
  void attention(const Attention& a) override {
    check_contract(a, dtypes());
    reference::attention<Scalar>(a);
  }
  void attention_backward(const AttentionBackward& a) override {
    check_contract(a, dtypes());
    reference::attention_backward<Scalar>(a);
  }
  void add_norm(const AddNorm& n) override {
    check_contract(n, dtypes());
    reference::add_norm<Scalar>(n);
  }
  void add_norm_backward(const AddNormBackward& n) override {
    check_contract(n, dtypes());
    reference::add_norm_backward<Scalar>(n);
  }
  void dropout(const DropoutRows& d) override {
    check_contract(d, dtypes());
    reference::dropout<Scalar>(d);
  }
  void gather_rows(const GatherRows& g) override {
    check_contract(g, dtypes());
    reference::gather_rows<Scalar>(g);
  }
  void scatter_add_rows(const ScatterAddRows& s) override {
    check_contract(s, dtypes());
    reference::scatter_add_rows<Scalar>(s);
  }
  void cross_entropy(const CrossEntropy& e) override {
    check_contract(e, dtypes());
    reference::cross_entropy<Scalar>(e);
  }
  void squared_error(const SquaredError& e) override {
    check_contract(e, dtypes());
    reference::squared_error<Scalar>(e);
  }
  void adamw(const AdamW& a) override {
    check_contract(a, dtypes());
    reference::adamw<Scalar>(a);
  }
  void squared_norm(Tensor x, Tensor out) override {
    CHECK(out && out.dtype == DType::kF64 && out.size() == 1);
    reference::squared_norm<Scalar>(x, out);
  }
  void cast(Tensor x, Tensor out) override {
    CHECK(x.rows == out.rows && x.cols == out.cols);
    for (int64_t r = 0; r < x.rows; ++r) {
      for (int64_t c = 0; c < x.cols; ++c) store(load(x, r, c), out, r, c);
    }
  }

 private:
  static size_t bytes_of(Tensor x) { return static_cast<size_t>(x.size()) * size_of(x.dtype); }
};

}  // namespace

template <typename Scalar>
std::unique_ptr<Engine> make_reference_engine() {
  return std::make_unique<ReferenceEngine<Scalar>>();
}
template std::unique_ptr<Engine> make_reference_engine<float>();
template std::unique_ptr<Engine> make_reference_engine<double>();

}  // namespace bertune
