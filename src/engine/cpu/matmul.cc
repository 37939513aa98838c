// SPDX-License-Identifier: Apache-2.0
// fp32 uses oneDNN's sgemm, which is as fast as a matmul primitive and needs no kernel per number
// of rows. bf16 uses matmul primitives, cached by shape. On a processor without bf16 products,
// operands are widened to fp32 instead, which gives the same sums three times faster than oneDNN's
// emulation.
#include "engine/cpu/matmul.h"

#include <array>
#include <iterator>
#include <map>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>

#include "engine/cpu/activation.h"
#include "engine/cpu/rows.h"

namespace bertune::cpu {
namespace {

bool runs(dnnl::cpu_isa wanted) {
  const auto bits = static_cast<unsigned>(wanted);
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & bits) == bits;
}

[[noreturn]] void refuse(const std::string& reason) {
  throw Error(ErrorKind::kInternal, "oneDNN refused a matrix product: " + reason,
              "please report it with the processor's name and oneDNN's version");
}

}  // namespace

bool multiplies_bf16() { return runs(dnnl::cpu_isa::avx512_core_bf16); }
bool has_amx() { return runs(dnnl::cpu_isa::avx512_core_amx); }

std::string instruction_set() {
  if (has_amx()) return "AMX";
  if (runs(dnnl::cpu_isa::avx512_core_bf16)) return "AVX512-BF16";
  if (runs(dnnl::cpu_isa::avx512_core)) return "AVX-512";
  return runs(dnnl::cpu_isa::avx2) ? "AVX2" : "SSE4.1";
}

// out = a b (+ bias), or out += a b. A transposed operand is stored as the rows of its transpose.
struct MatMul::Product {
  Tensor a, b;
  bool transposed_a = false, transposed_b = false;
  Tensor bias;
  bool accumulate = false;
  Tensor out;

  int64_t depth() const { return transposed_a ? a.rows : a.cols; }
};

// bf16: oneDNN primitives.

class MatMul::Primitives {
 public:
  void run(const Product& p) {
    const dnnl::matmul& primitive = find(p);
    std::unordered_map<int, dnnl::memory> arguments{
        {DNNL_ARG_SRC, memory(p.a, desc(p.a, p.transposed_a))},
        {DNNL_ARG_WEIGHTS, memory(p.b, desc(p.b, p.transposed_b))},
        {DNNL_ARG_DST, memory(p.out, desc(p.out, false))}};
    if (p.bias) arguments.emplace(DNNL_ARG_BIAS, memory(p.bias, desc(p.bias, false)));
    primitive.execute(stream_, arguments);
    stream_.wait();
  }

 private:
  // Everything that determines a primitive: rows, cols, depth, the three strides, the kind of
  // product, and the format of the result.
  using Key = std::array<int64_t, 8>;
  // Enough for the batch shapes that recur within an epoch; each entry contains generated code.
  static constexpr size_t kCapacity = 512;

  static Key key_of(const Product& p) {
    const int64_t kind = p.transposed_a + 2 * p.transposed_b + 4 * bool(p.bias) + 8 * p.accumulate;
    return {p.out.rows, p.out.cols,   p.depth(), p.a.stride,
            p.b.stride, p.out.stride, kind,      static_cast<int64_t>(p.out.dtype)};
  }

  static dnnl::memory::desc desc(const Tensor& x, bool transposed) {
    using Type = dnnl::memory::data_type;
    const Type type = x.dtype == DType::kBF16 ? Type::bf16 : Type::f32;
    if (transposed) return {{x.cols, x.rows}, type, dnnl::memory::dims{1, x.stride}};
    return {{x.rows, x.cols}, type, dnnl::memory::dims{x.stride, 1}};
  }

  dnnl::memory memory(const Tensor& x, const dnnl::memory::desc& desc) {
    return {desc, engine_, x.data};
  }

  const dnnl::matmul& find(const Product& p) {
    const Key key = key_of(p);
    const auto found = built_.find(key);
    if (found != built_.end()) return found->second;
    if (built_.size() >= kCapacity) built_.clear();
    return built_.emplace(key, build(p)).first->second;
  }

  dnnl::matmul build(const Product& p) {
    dnnl::primitive_attr attributes;
    if (p.accumulate) {
      dnnl::post_ops sum;
      sum.append_sum(1.0f);
      attributes.set_post_ops(sum);
    }
    const auto a = desc(p.a, p.transposed_a), b = desc(p.b, p.transposed_b);
    const auto bias = p.bias ? desc(p.bias, false) : dnnl::memory::desc();
    const auto out = desc(p.out, false);
#if DNNL_VERSION_MAJOR >= 3
    return dnnl::matmul({engine_, a, b, bias, out, attributes});
#else
    return dnnl::matmul({{a, b, bias, out}, attributes, engine_});
#endif
  }

  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  std::map<Key, dnnl::matmul> built_;
};

// Choice between sgemm and primitives.

MatMul::MatMul(DType format) : format_(format) {
  CHECK(format == DType::kF32 || format == DType::kBF16);
  if (format == DType::kBF16) primitives_ = std::make_unique<Primitives>();
}
MatMul::~MatMul() = default;

// Measured with oneDNN 2.6: 7 MiB at the first product, and up to 16 MiB for the copies of sgemm,
// depending on shapes and threads.
constexpr size_t kLibraryBytes = size_t{16} << 20;

size_t MatMul::reserve(DType activation, int64_t rows, int64_t cols) {
  if (activation == format_) return kLibraryBytes;
  for (Scratch& scratch : scratch_) scratch.take(rows * cols);
  return kLibraryBytes + std::size(scratch_) * static_cast<size_t>(rows * cols) * sizeof(float);
}

// x, converted to the format of the product if necessary.
Tensor MatMul::operand(const Tensor& x, Scratch& scratch) {
  if (x.dtype == format_) return x;
  const Tensor converted{scratch.take(x.size()), format_, x.rows, x.cols, x.cols};
  cast(x, converted);
  return converted;
}

void MatMul::multiply(const Product& product) {
  if (product.out.size() == 0 || (product.accumulate && product.depth() == 0)) return;
  Product p = product;
  p.a = operand(p.a, scratch_[0]);
  p.b = operand(p.b, scratch_[1]);
  if (format_ == DType::kF32) return multiply_fp32(p);
  try {
    primitives_->run(p);
  } catch (const dnnl::error& error) {
    refuse(error.message);
  }
}

void MatMul::multiply_fp32(const Product& p) {
  Tensor sums = p.out;
  if (p.out.dtype != DType::kF32) {
    CHECK(!p.accumulate);
    sums = {scratch_[2].take(p.out.size()), DType::kF32, p.out.rows, p.out.cols, p.out.cols};
  }
  if (p.bias) broadcast_bias(p.bias, sums);
  const dnnl_status_t status =
      dnnl_sgemm(p.transposed_a ? 'T' : 'N', p.transposed_b ? 'T' : 'N', sums.rows, sums.cols,
                 p.depth(), 1.0f, static_cast<const float*>(p.a.data), p.a.stride,
                 static_cast<const float*>(p.b.data), p.b.stride,
                 p.accumulate || p.bias ? 1.0f : 0.0f, static_cast<float*>(sums.data), sums.stride);
  if (status != dnnl_success) refuse("sgemm returned " + std::to_string(status));
  if (sums.dtype != p.out.dtype) cast(sums, p.out);
}

// The three products of a linear op.

void MatMul::forward(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& out) {
  multiply({.a = x, .b = weight, .transposed_b = true, .bias = bias, .out = out});
}

void MatMul::backward_x(const Tensor& d_out, const Tensor& weight, const Tensor& d_x) {
  multiply({.a = d_out, .b = weight, .bias = {}, .out = d_x});
}

void MatMul::backward_weight(const Tensor& d_out, const Tensor& x, const Tensor& d_weight) {
  multiply(
      {.a = d_out, .b = x, .transposed_a = true, .bias = {}, .accumulate = true, .out = d_weight});
}

}  // namespace bertune::cpu
