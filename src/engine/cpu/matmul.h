// SPDX-License-Identifier: Apache-2.0
// The products of a linear op, by oneDNN: the only header through which the rest of the engine
// sees that library. Operands of another format than the one multiplied in are converted on the
// way.
#pragma once

#include <memory>
#include <string>

#include "engine/cpu/scratch.h"
#include "engine/tensor.h"

namespace bertune::cpu {

// Whether this processor multiplies bf16 itself (AVX512-BF16, AMX), so that it gains by it.
bool multiplies_bf16();
// Whether it does so in tiles of its own.
bool has_amx();
// Whether oneDNN multiplies bf16 here at all, be it by emulation.
bool can_multiply_bf16();
// The instruction set that oneDNN generates code for.
std::string instruction_set();

// Sums are kept in fp32 whatever the format. In bf16 a kernel is built at a shape's first use and
// cached. For one shape and number of threads a product is the same bit for bit; with another
// number of threads oneDNN may add up in another order.
class MatMul {
 public:
  explicit MatMul(DType format);  // that operands are multiplied in: kF32 or kBF16
  ~MatMul();

  // Takes the copies that products of `activation` matrices of up to rows x cols need; returns
  // their bytes and about those that oneDNN takes for itself.
  size_t reserve(DType activation, int64_t rows, int64_t cols);

  MatMul(const MatMul&) = delete;
  MatMul& operator=(const MatMul&) = delete;

  // out = x weight^T + bias
  void forward(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& out);
  // d_x = d_out weight
  void backward_x(const Tensor& d_out, const Tensor& weight, const Tensor& d_x);
  // d_weight += d_out^T x
  void backward_weight(const Tensor& d_out, const Tensor& x, const Tensor& d_weight);

 private:
  struct Product;
  class Primitives;

  Tensor operand(const Tensor& x, Scratch& scratch);
  void multiply(const Product& product);
  void multiply_fp32(const Product& product);

  DType format_;
  Scratch scratch_[3];  // copies of the operands and of the result in another format
  std::unique_ptr<Primitives> primitives_;
};

}  // namespace bertune::cpu
