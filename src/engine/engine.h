// SPDX-License-Identifier: Apache-2.0
// The device contract: the ops that BERT consists of, forward and backward next to each other.
// Formulas: docs/math.md. Specification in plain loops: engine/reference.h.
// Laws:
//  * Inputs first, outputs last. Activation gradients are assigned, parameter gradients accumulate.
//  * Only `allocate` takes memory for data. A kernel may be built and cached at the first use of a
//    shape.
//  * All ops are asynchronous until `synchronize` or `download`. Errors in values, such as a row
//    index out of range, and device errors are reported there at the latest.
//  * Host memory belongs to the caller again when `upload` or an op returns.
//  * An op on zero rows is a no-op. A tensor without elements needs no memory.
//  * Reductions run in fixed blocks, so that results do not depend on the thread count.
//  * The gradient of `x` is `d_x`. A row is a token unless stated otherwise.
//  * Element types: dtypes().activation for activations and plain weights, dtypes().parameter for
//    parameters, their gradients, moments and all statistics, kI32 for indices, kBytes for packed
//    weights. Rows may be int8 with scales where an op says so.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>

#include "engine/tensor.h"

namespace bertune {

// The arithmetic of an engine. kAuto is only a request; an engine's precision is one of the
// others.
enum class Precision { kAuto, kFp32, kBf16 };

enum class Activation { kNone, kGelu, kGeluTanh, kTanh, kRelu, kSilu, kQuickGelu, kMish };

// Training keeps every layer's activations for the backward pass; inference reuses one set.
enum class Purpose { kTraining, kInference };

// Dropout whose mask is a function of (key, row key, column) and is recomputed instead of stored.
// An element is kept, scaled by 1 / (1 - p), if random_bits(fold(row_key, key), column) >=
// threshold. In attention the row is the query, the column is the key's index in its window, and
// the head is folded into `key` first.
struct Dropout {
  uint32_t threshold = 0;  // p in units of 1 / 65,536; 0: no dropout
  uint64_t key = 0;        // a function of (seed, step, layer, site)

  explicit operator bool() const { return threshold > 0; }
  double scale() const { return 65536.0 / (65536.0 - threshold); }
};
Dropout make_dropout(double probability, uint64_t key);

// The assignment of rows to windows, on the device.
struct Packing {
  Tensor offsets;   // [1, windows + 1] kI32: first row of each window; the last entry is `rows`
  Tensor row_keys;  // [1, rows] kU64: (window, index in window) of each row, for dropout
  int32_t windows = 0;
  int32_t rows = 0;
  int32_t max_length = 0;
  double squared_lengths = 0.0;  // sum over the windows, for the cost of attention
};

// Quantised rows: row r stands for scales[r] * values[r]. Its scale is the largest magnitude of the
// row / 127.5, or the smallest normal float for a row of zeros; values are rounded to nearest, ties
// to even, and clamped to [-128, 127].
struct Int8Rows {
  Tensor values;  // [rows, width] kI8
  Tensor scales;  // [1, rows] kF32

  explicit operator bool() const { return static_cast<bool>(values); }
};

// Copies dense elements between the host and the device.
struct Upload {
  const void* host;
  Tensor out;
};
struct Download {
  Tensor x;
  void* host;
};
struct Zero {
  Tensor out;
};

// out = word[ids] + position[positions] + type[types], summed in fp32. Without a type table the
// last term is left out.
struct Embed {
  Tensor ids, positions, types;  // [1, rows] kI32
  Tensor word, position, type;   // [vocab | positions | types, width] parameters; type may be empty
  Tensor out;                    // [rows, width]
};
struct EmbedBackward {
  Tensor ids, positions, types;
  // [1, rows] kI32: all rows, sorted by id, by position and by type; equal ones ascend. The rows
  // that are added to one row of a table are adjacent, so that no device needs atomics.
  Tensor by_id, by_position, by_type;
  Tensor d_out;                       // [rows, width]
  Tensor d_word, d_position, d_type;  // accumulated; d_type is empty without a type table
};

// The bytes that `pack` writes for a weight [out, in]: for `linear`, and for d_x of
// `linear_backward`. 0: that product reads the plain weight.
struct PackedSizes {
  int64_t forward = 0, backward = 0;
};

// Copies of a weight in a form of the engine's own, scales included, in which products read it.
struct Pack {
  Tensor weight;             // [out, in] parameter type
  Tensor forward, backward;  // [1, n] kBytes with n from packed_sizes; may be empty
};

// out = activation(x weight^T + bias). The weight is given plain, packed or both.
struct Linear {
  Tensor x;              // [rows, in]; empty if `x_int8` is given
  Int8Rows x_int8 = {};  // [rows, in]; may be empty
  Tensor weight;         // [out, in] activation type; may be empty if `packed` is given
  Tensor packed;         // [1, n] `forward` of Pack; may be empty
  Tensor bias;           // [1, out] parameter type
  Activation activation = Activation::kNone;
  Tensor pre;  // [rows, out] x weight^T + bias, for the backward of an activation; may be empty
  Tensor out;  // [rows, out]; parameter or activation type
};
struct LinearBackward {
  Tensor x;
  Tensor weight;  // plain; may be empty if `packed` is given
  Tensor packed;  // [1, n] `backward` of Pack; may be empty
  Activation activation = Activation::kNone;
  Tensor pre;       // [rows, out] as saved; empty without activation
  Tensor d_out;     // [rows, out] overwritten: with an activation it becomes the gradient of `pre`
  Tensor d_x;       // [rows, in]; may be empty
  Tensor d_weight;  // [out, in] accumulated, parameter type
  Tensor d_bias;    // [1, out] accumulated, parameter type
};

// Self-attention of each head within each window: out = dropout(softmax(q k^T / sqrt(d))) v.
struct Attention {
  Tensor qkv;  // [rows, 3 * width]: queries of all heads, keys of all heads, values of all heads
  int32_t heads = 1;
  Packing packing;
  Dropout dropout;
  Tensor log_sum_exp;      // [heads, rows] parameter type; of the scaled scores, for the backward
  Tensor out;              // [rows, width]
  Int8Rows out_int8 = {};  // the same, quantised; may be empty
};
struct AttentionBackward {
  Tensor qkv, log_sum_exp, out;
  int32_t heads = 1;
  Packing packing;
  Dropout dropout;
  Tensor d_out;  // [rows, width]
  Tensor d_qkv;  // [rows, 3 * width]
};

// sum = dropout(x) + residual; out = (sum - mean) * rstd * gamma + beta, with the statistics of
// each row.
struct AddNorm {
  Tensor x;         // [rows, width]
  Tensor residual;  // [rows, width]; may be empty
  Tensor row_keys;  // [1, rows]; read if dropout is on
  Dropout dropout;
  Tensor gamma, beta;  // [1, width] parameters
  double epsilon = 1e-12;
  Tensor sum;              // [rows, width]; may alias x
  Tensor mean, rstd;       // [1, rows] parameter type; may be empty
  Tensor out;              // [rows, width]
  Int8Rows out_int8 = {};  // the same, quantised; may be empty
};
struct AddNormBackward {
  Tensor sum, mean, rstd, gamma;
  Tensor row_keys;
  Dropout dropout;
  Tensor d_out;            // [rows, width] one part of the gradient of `out`
  Tensor d_out_residual;   // [rows, width] the other part; may be empty
  Tensor d_x;              // [rows, width]; may alias d_out; empty if equal to d_sum
  Tensor d_sum;            // [rows, width] gradient of the residual; may alias d_out_residual
  Tensor d_gamma, d_beta;  // accumulated
};

// out = dropout(x). Applied to gradients, it is its own backward. out may alias x.
struct DropoutRows {
  Tensor x;  // [rows, width]
  Tensor row_keys;
  Dropout dropout;
  Tensor out;
};

// out[i] = x[rows[i]]
struct GatherRows {
  Tensor x;     // [n, width]
  Tensor rows;  // [1, m] kI32
  Tensor out;   // [m, width]
};
// The backward of gather_rows for rows that are listed once: out[rows[i]] += x[i]. Unlike other
// activation gradients it accumulates, because most rows are not listed.
struct ScatterAddRows {
  Tensor x;     // [m, width]
  Tensor rows;  // [1, m] kI32, distinct, so that no device needs atomics
  Tensor out;   // [n, width]
};

// The set of logits that one softmax covers.
enum class Segment {
  kRowsOfWindow,  // the target is a row: question answering's start and end
  kColumnsOfRow,  // the target is a column: classes, token ids
};

// Softmax cross-entropy of a segment: logsumexp(its logits) - logit of its target. loss += the sum
// of all losses, each rounded to the parameter type; d_logits = scale * the gradient of that sum.
struct CrossEntropy {
  Tensor logits;  // [rows, columns] parameter type
  Segment segment = Segment::kRowsOfWindow;
  Packing packing;  // read for kRowsOfWindow
  // kI32. kRowsOfWindow: [windows, columns] index in the window. kColumnsOfRow: [rows, 1] column,
  // or below 0 for a row that does not count in the loss.
  Tensor targets;
  double scale = 1.0;
  Tensor loss;      // [1, 1] kF64, accumulated
  Tensor d_logits;  // [rows, columns] parameter or activation type; may alias the logits
};

// loss += the sum of (predictions - targets)^2, each rounded to the parameter type; d_predictions =
// scale * the gradient of that sum.
struct SquaredError {
  Tensor predictions;  // [rows, columns] parameter type
  Tensor targets;      // [rows, columns] parameter type
  double scale = 1.0;
  Tensor loss;           // [1, 1] kF64, accumulated
  Tensor d_predictions;  // [rows, columns] parameter or activation type
};

// Each logit is a separate yes-or-no decision. loss += the sum of log(1 + exp(logit)) - target *
// logit, each rounded to the parameter type; d_logits = scale * the gradient of that sum.
struct BinaryCrossEntropy {
  Tensor logits;   // [rows, columns] parameter type
  Tensor targets;  // [rows, columns] parameter type, 0 to 1
  double scale = 1.0;
  Tensor loss;      // [1, 1] kF64, to which the sum of all losses is added
  Tensor d_logits;  // [rows, columns] parameter or activation type; may alias the logits
};

// A range of the buffers that one AdamW update changes, such as a parameter.
struct AdamWSegment {
  int64_t offset = 0, size = 0;  // elements
  double weight_decay = 0.0;
  Tensor weight;  // [1, size] activation type: the copy that products read; may be empty
};

// One AdamW update in PyTorch's order: weight decay, moments, step. Elements outside the segments
// stay as they are.
struct AdamW {
  std::span<const AdamWSegment> segments;  // ascending, disjoint
  Tensor gradient;                         // [1, n] parameter type
  double gradient_scale = 1.0;             // from gradient clipping
  double learning_rate = 0.0;
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  double bias_correction1 = 1.0, bias_correction2 = 1.0;  // 1 - beta^t
  Tensor parameter, moment1, moment2;                     // [1, n] updated
};

// out = the sum of the squares of all elements.
struct SquaredNorm {
  Tensor x;
  Tensor out;  // [1, 1] kF64
};

// out = x in another element type, element by element.
struct Cast {
  Tensor x;
  Tensor out;  // the shape of x
};

using AnyOp =
    std::variant<const Upload*, const Download*, const Zero*, const Pack*, const Embed*,
                 const EmbedBackward*, const Linear*, const LinearBackward*, const Attention*,
                 const AttentionBackward*, const AddNorm*, const AddNormBackward*,
                 const DropoutRows*, const GatherRows*, const ScatterAddRows*, const CrossEntropy*,
                 const SquaredError*, const BinaryCrossEntropy*, const AdamW*, const SquaredNorm*,
                 const Cast*>;

// Device memory, freed with the object.
class Buffer {
 public:
  virtual ~Buffer() = default;
  virtual void* data() const = 0;
  virtual size_t bytes() const = 0;
};

struct DTypes {
  DType activation;
  DType parameter;
};

// Places with a meaning for `mark`: a training step or an inference pass lies between the two.
inline constexpr const char* kStep = "step";
inline constexpr const char* kBetweenSteps = "between steps";

class Recorder;  // engine/recorder.h

class Engine {
 public:
  virtual ~Engine() = default;

  virtual std::string description() const = 0;  // device, instruction set, precision, threads
  virtual Precision precision() const = 0;
  virtual DTypes dtypes() const = 0;

  virtual std::unique_ptr<Buffer> allocate(size_t bytes) = 0;  // zeroed, 64-byte aligned
  // Allocates the working memory of products of up to `rows` rows and `cols` columns in advance, so
  // that it can be planned; otherwise it is allocated at their first use. Returns its bytes,
  // including an estimate for libraries.
  virtual size_t reserve(int64_t rows, int64_t cols) = 0;
  virtual void synchronize() = 0;
  virtual PackedSizes packed_sizes(int64_t out, int64_t in, Purpose) const = 0;

  // Times every op from now on; nullptr: none. It must outlive the engine or the next call.
  void record(Recorder* recorder) { recorder_ = recorder; }
  // Tells the recorder which part of the model calls next; computes nothing. `place` is a string
  // literal. `layer` is -1 outside the layers, or the number of a step.
  void mark(const char* place, int64_t layer);

  void upload(const void* host, Tensor out) { run(Upload{host, out}); }  // copies
  void download(Tensor x, void* host) { run(Download{x, host}); }        // waits
  void zero(Tensor out) { run(Zero{out}); }
  void pack(const Pack& op) { run(op); }

  void embed(const Embed& op) { run(op); }
  void embed_backward(const EmbedBackward& op) { run(op); }
  void linear(const Linear& op) { run(op); }
  void linear_backward(const LinearBackward& op) { run(op); }
  void attention(const Attention& op) { run(op); }
  void attention_backward(const AttentionBackward& op) { run(op); }
  void add_norm(const AddNorm& op) { run(op); }
  void add_norm_backward(const AddNormBackward& op) { run(op); }
  void dropout(const DropoutRows& op) { run(op); }
  void gather_rows(const GatherRows& op) { run(op); }
  void scatter_add_rows(const ScatterAddRows& op) { run(op); }
  void cross_entropy(const CrossEntropy& op) { run(op); }
  void squared_error(const SquaredError& op) { run(op); }
  void binary_cross_entropy(const BinaryCrossEntropy& op) { run(op); }
  void adamw(const AdamW& op) { run(op); }
  void squared_norm(Tensor x, Tensor out) { run(SquaredNorm{x, out}); }
  void cast(Tensor x, Tensor out) { run(Cast{x, out}); }

 private:
  // Computes an op that has at least one row and has passed check_contract.
  virtual void compute(const AnyOp& op) = 0;

  template <typename Op>
  void run(const Op& op) {
    run(AnyOp(&op));
  }
  // Every op passes here: it is checked, timed if there is a recorder, and computed.
  void run(const AnyOp& op);

  Recorder* recorder_ = nullptr;
};

}  // namespace bertune
