// SPDX-License-Identifier: Apache-2.0
// Implements the device contract with the ops of reference.h in the memory of the process. Every op
// is complete when its call returns, so synchronize does nothing.
#include "engine/reference_engine.h"

#include <cstring>

#include "engine/bfloat16.h"
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
  Precision precision() const override { return Precision::kFp32; }
  DTypes dtypes() const override { return {dtype_of<Scalar>(), dtype_of<Scalar>()}; }

  std::unique_ptr<Buffer> allocate(size_t bytes) override {
    return std::make_unique<HostBuffer>(bytes);
  }
  size_t reserve(int64_t, int64_t) override { return 0; }
  void synchronize() override {}
  PackedSizes packed_sizes(int64_t, int64_t, Purpose) const override { return {}; }

 private:
  void compute(const AnyOp& op) override {
    std::visit([&](const auto* one) { run(*one); }, op);
  }

  template <typename Op>
  void run(const Op& op) {
    reference::run<Scalar>(op);
  }
  void run(const Upload& u) { copy(u.host, u.out.data, bytes_of(u.out)); }
  void run(const Download& d) { copy(d.x.data, d.host, bytes_of(d.x)); }
  void run(const Zero& z) {
    for (int64_t r = 0; r < z.out.rows; ++r) {
      const Tensor row = z.out.slice_rows(r, 1);
      std::memset(row.data, 0, bytes_of(row));
    }
  }
  void run(const Pack& p) { CHECK(!p.forward && !p.backward); }
  void run(const Cast& cast) {
    for (int64_t r = 0; r < cast.x.rows; ++r) {
      for (int64_t c = 0; c < cast.x.cols; ++c) store(load(cast.x, r, c), cast.out, r, c);
    }
  }

  // Without elements there may be no memory, which memcpy would not accept.
  static void copy(const void* from, void* to, size_t bytes) {
    if (bytes > 0) std::memcpy(to, from, bytes);
  }
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
