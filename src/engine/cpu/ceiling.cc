// SPDX-License-Identifier: Apache-2.0
#include "engine/cpu/ceiling.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "base/compute_thread.h"
#include "base/random.h"
#include "base/statistics.h"
#include "base/stopwatch.h"
#include "engine/cpu/matmul.h"
#include "engine/cpu/rows.h"
#include "engine/host_buffer.h"

namespace bertune {
namespace {

// Values between -1 and 1, because products of zeros may be faster.
void fill(const Tensor& out) {
  std::vector<float> values(static_cast<size_t>(out.size()));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(mix64(i) >> 40) * 0x1.0p-23f - 1.0f;
  }
  cpu::cast({values.data(), DType::kF32, out.rows, out.cols, out.cols}, out);
}

class Operand {
 public:
  Operand(DType dtype, int64_t rows, int64_t cols)
      : buffer_(size_of(dtype) * static_cast<size_t>(rows * cols)),
        tensor_{buffer_.data(), dtype, rows, cols, cols} {
    fill(tensor_);
  }
  const Tensor& tensor() const { return tensor_; }

 private:
  HostBuffer buffer_;
  Tensor tensor_;
};

}  // namespace

struct CeilingProbe::Impl {
  // The seconds of each round.
  struct Times {
    std::vector<double> forward, backward_x, backward_weight;
  };
  struct Shape {
    Shape(DType format, const ProductShape& shape)
        : x(format, kRows, shape.in),
          weight(format, shape.out, shape.in),
          out(format, kRows, shape.out),
          d_weight(DType::kF32, shape.out, shape.in) {}

    double flop() const {
      return 2.0 * static_cast<double>(kRows) * static_cast<double>(weight.tensor().size());
    }

    Operand x, weight, out, d_weight;
    Times times;
  };

  Impl(DType product_format, CeilingKind wanted) : format(product_format), kind(wanted) {}

  void measure_shape(Shape& shape) {
    const auto time = [](std::vector<double>& seconds, const auto& product) {
      const Stopwatch watch;
      product();
      seconds.push_back(watch.seconds());
    };
    const Tensor &x = shape.x.tensor(), &weight = shape.weight.tensor(), &out = shape.out.tensor();
    time(shape.times.forward, [&] { matmul.forward(x, weight, {}, out); });
    if (kind == CeilingKind::kInference) return;
    time(shape.times.backward_x, [&] { matmul.backward_x(out, weight, x); });
    time(shape.times.backward_weight,
         [&] { matmul.backward_weight(out, x, shape.d_weight.tensor()); });
  }

  double rate(std::vector<double> Times::*seconds) const {
    double flop = 0.0, total = 0.0;
    for (const auto& shape : shapes) {
      flop += shape->flop();
      total += median(shape->times.*seconds);
    }
    return flop / total;
  }

  DType format;
  CeilingKind kind;
  cpu::MatMul matmul{format};
  std::vector<std::unique_ptr<Shape>> shapes;
};

CeilingProbe::CeilingProbe(bool bf16, std::vector<ProductShape> shapes, CeilingKind kind)
    : impl_(std::make_unique<Impl>(bf16 && cpu::multiplies_bf16() ? DType::kBF16 : DType::kF32,
                                   kind)) {
  for (const ProductShape& shape : shapes) {
    impl_->shapes.push_back(std::make_unique<Impl::Shape>(impl_->format, shape));
  }
  measure();
  for (auto& shape : impl_->shapes) shape->times = {};
}
CeilingProbe::~CeilingProbe() = default;

void CeilingProbe::measure(int rounds) {
  on_compute_thread([&] {
    const WithOpenMp with(true);
    for (int round = 0; round < rounds; ++round) {
      for (auto& shape : impl_->shapes) impl_->measure_shape(*shape);
    }
  });
}

Ceiling CeilingProbe::medians() const {
  Ceiling ceiling{.forward = impl_->rate(&Impl::Times::forward)};
  if (impl_->kind == CeilingKind::kInference) return ceiling;
  ceiling.backward_x = impl_->rate(&Impl::Times::backward_x);
  ceiling.backward_weight = impl_->rate(&Impl::Times::backward_weight);
  return ceiling;
}

}  // namespace bertune
