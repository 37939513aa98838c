// SPDX-License-Identifier: Apache-2.0
// Owns a model's memory. Tensors are planned by group and get one allocation before the first step;
// their sizes are summed by group, so that the total can be printed before it is allocated. The
// allocation comes from the engine; the arena itself never reads or writes it.
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

// Plan every tensor, then commit once. plan() sets a slot's shape and commit() its data pointer, so
// the slot must not move before commit(). The memory lives as long as the arena.
class Arena {
 public:
  explicit Arena(Engine& engine) : engine_(engine) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Sets the dense shape of `slot` and reserves its place in the allocation, zeroed and 64-byte
  // aligned. A tensor without elements gets no memory and stays empty.
  void plan(Tensor& slot, std::string_view group, DType dtype, int64_t rows, int64_t cols);

  size_t bytes() const { return bytes_; }  // planned so far, including padding for alignment

  // The groups in the order of their first tensor, with their bytes, which add up to bytes().
  std::vector<std::pair<std::string, size_t>> groups() const { return groups_; }

  void commit();  // allocates and sets every slot's data pointer

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
