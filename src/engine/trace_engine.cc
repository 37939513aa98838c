// SPDX-License-Identifier: Apache-2.0
#include "engine/trace_engine.h"

#include <string_view>
#include <utility>

namespace bertune {

TraceEngine::TraceEngine(std::unique_ptr<Engine> engine, size_t max_events)
    : engine_(std::move(engine)), trace_(max_events) {}

void TraceEngine::mark(const char* place, int64_t layer) {
  engine_->mark(place, layer);
  place_ = place;
  layer_ = layer;
  const std::string_view name = place;
  if (name == kStep) {
    in_step_ = recording_;
    step_ = {.op = kStep, .layer = layer, .begin = watch_.seconds()};
  } else if (name == kBetweenSteps && in_step_) {
    in_step_ = false;
    step_.seconds = watch_.seconds() - step_.begin;
    trace_.add_step(step_);
  }
}

// `cost` is called after the op's time has been taken.
template <typename Call, typename Cost>
void TraceEngine::time(const char* op, const Call& call, const Cost& cost) {
  if (!recording_) return call();
  engine_->synchronize();
  const double begin = watch_.seconds();
  call();
  engine_->synchronize();
  const double seconds = watch_.seconds() - begin;
  const TraceEvent event{.op = op,
                         .place = place_,
                         .layer = layer_,
                         .begin = begin,
                         .seconds = seconds,
                         .cost = cost()};
  in_step_ ? trace_.add(event) : trace_.add_outside(event);
}

double TraceEngine::squared_lengths(const Packing& packing) {
  offsets_.resize(static_cast<size_t>(packing.offsets.cols));
  engine_->download(packing.offsets, offsets_.data());
  double sum = 0.0;
  for (size_t w = 1; w < offsets_.size(); ++w) {
    const double length = offsets_[w] - offsets_[w - 1];
    sum += length * length;
  }
  return sum;
}

void TraceEngine::upload(const void* host, Tensor out) {
  time(
      "upload", [&] { engine_->upload(host, out); }, [&] { return cost_of_copy({}, out); });
}
void TraceEngine::download(Tensor x, void* host) {
  time(
      "download", [&] { engine_->download(x, host); }, [&] { return cost_of_copy(x, {}); });
}
void TraceEngine::zero(Tensor out) {
  time(
      "zero", [&] { engine_->zero(out); }, [&] { return cost_of_copy({}, out); });
}

void TraceEngine::pack(const Pack& p) {
  time(
      "pack", [&] { engine_->pack(p); }, [&] { return cost_of(p); });
}
void TraceEngine::embed(const Embed& e) {
  time(
      "embed", [&] { engine_->embed(e); }, [&] { return cost_of(e); });
}
void TraceEngine::embed_backward(const EmbedBackward& e) {
  time(
      "embed_backward", [&] { engine_->embed_backward(e); }, [&] { return cost_of(e); });
}
void TraceEngine::linear(const Linear& l) {
  time(
      "linear", [&] { engine_->linear(l); }, [&] { return cost_of(l); });
}
void TraceEngine::linear_backward(const LinearBackward& l) {
  time(
      "linear_backward", [&] { engine_->linear_backward(l); }, [&] { return cost_of(l); });
}
void TraceEngine::attention(const Attention& a) {
  time(
      "attention", [&] { engine_->attention(a); },
      [&] { return cost_of(a, squared_lengths(a.packing)); });
}
void TraceEngine::attention_backward(const AttentionBackward& a) {
  time(
      "attention_backward", [&] { engine_->attention_backward(a); },
      [&] { return cost_of(a, squared_lengths(a.packing)); });
}
void TraceEngine::add_norm(const AddNorm& n) {
  time(
      "add_norm", [&] { engine_->add_norm(n); }, [&] { return cost_of(n); });
}
void TraceEngine::add_norm_backward(const AddNormBackward& n) {
  time(
      "add_norm_backward", [&] { engine_->add_norm_backward(n); }, [&] { return cost_of(n); });
}
void TraceEngine::dropout(const DropoutRows& d) {
  time(
      "dropout", [&] { engine_->dropout(d); }, [&] { return cost_of(d); });
}
void TraceEngine::gather_rows(const GatherRows& g) {
  time(
      "gather_rows", [&] { engine_->gather_rows(g); }, [&] { return cost_of(g); });
}
void TraceEngine::scatter_add_rows(const ScatterAddRows& s) {
  time(
      "scatter_add_rows", [&] { engine_->scatter_add_rows(s); }, [&] { return cost_of(s); });
}
void TraceEngine::cross_entropy(const CrossEntropy& e) {
  time(
      "cross_entropy", [&] { engine_->cross_entropy(e); }, [&] { return cost_of(e); });
}
void TraceEngine::squared_error(const SquaredError& e) {
  time(
      "squared_error", [&] { engine_->squared_error(e); }, [&] { return cost_of(e); });
}
void TraceEngine::adamw(const AdamW& a) {
  time(
      "adamw", [&] { engine_->adamw(a); }, [&] { return cost_of(a); });
}
void TraceEngine::squared_norm(Tensor x, Tensor out) {
  time(
      "squared_norm", [&] { engine_->squared_norm(x, out); }, [&] { return cost_of_copy(x, {}); });
}
void TraceEngine::cast(Tensor x, Tensor out) {
  time(
      "cast", [&] { engine_->cast(x, out); }, [&] { return cost_of_copy(x, out); });
}

}  // namespace bertune
