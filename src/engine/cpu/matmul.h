// SPDX-License-Identifier: Apache-2.0
// The products of a linear op, by oneDNN. This is the only header through which the rest of the
// engine uses that library. Operands in another format than the product's are converted first.
#pragma once

#include <memory>
#include <string>

#include "engine/cpu/scratch.h"
#include "engine/tensor.h"

namespace bertune::cpu {

// Whether this processor multiplies bf16 natively (AVX512-BF16, AMX), so that bf16 is faster.
bool multiplies_bf16();
// Whether it has matrix tiles (AMX).
bool has_amx();
// The instruction set that oneDNN generates code for.
std::string instruction_set();

// Sums are kept in fp32 for every format. In bf16 a kernel is built at the first use of a shape and
// cached. For one shape and thread count a product is deterministic to the bit; with another thread
// count oneDNN may add in another order.
class MatMul {
 public:
  explicit MatMul(DType format);  // the format of the operands: kF32 or kBF16
  ~MatMul();

  // Allocates the copies for products of `activation` matrices of up to rows x cols. Returns their
  // bytes plus an estimate of oneDNN's own.
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
  Scratch scratch_[3];  // converted copies of the operands and the result
  std::unique_ptr<Primitives> primitives_;
};

}  // namespace bertune::cpu
