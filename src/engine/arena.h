// SPDX-License-Identifier: Apache-2.0
// The one owner of a model's memory: tensors are planned by group, taken in one allocation before
// the first step, and counted by group, so that the need is known and printed before it is met.
// The memory itself is the engine's; nothing here reads or writes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "engine/tensor.h"

namespace bertune {

// Plan every tensor, then commit once. A slot is written by plan (shape) and by commit (data), so
// it must stay where it is until commit; the memory lives as long as the arena.
class Arena {
 public:
  explicit Arena(Engine& engine) : engine_(engine) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Gives `slot` its shape, dense, and room in the allocation: zeroed and 64-byte aligned. A tensor
  // without elements gets no room and stays empty.
  void plan(Tensor& slot, std::string_view group, DType dtype, int64_t rows, int64_t cols);

  size_t bytes() const { return bytes_; }  // planned so far, with the padding for alignment

  // The groups in the order of their first tensor, each with its bytes; they add up to bytes().
  std::vector<std::pair<std::string, size_t>> groups() const { return groups_; }

  void commit();  // allocates and fills the data of every slot

 private:
  struct Planned {
    Tensor* slot;
    size_t offset;
  };

  void count(std::string_view group, size_t bytes);

  Engine& engine_;
  size_t bytes_ = 0;
  std::vector<Planned> planned_;
  std::vector<std::pair<std::string, size_t>> groups_;
  std::unique_ptr<Buffer> buffer_;
  bool committed_ = false;
};

}  // namespace bertune
