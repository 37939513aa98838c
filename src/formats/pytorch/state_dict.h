// SPDX-License-Identifier: Apache-2.0
// The state dict in a pickle of torch.save: each tensor as a view of a storage, whose bytes are
// elsewhere in the file. Views are checked against the sizes of their storages; where the bytes are
// is left to file.h.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/pytorch/pickle.h"

namespace bertune {

// An element type of PyTorch.
struct PyTorchType {
  std::string_view storage;  // the class of its storages: "torch.FloatStorage"
  const char* name;          // as in safetensors: "F32"
  int64_t bytes;             // of an element
};

struct PyTorchStorage {
  const PyTorchType* type = nullptr;
  int64_t size = 0;  // elements
};

// The element at index (i, j, ...) is element `first + i * strides[0] + j * strides[1] + ...` of
// the storage. Elements may repeat, because a stride may be 0.
struct PyTorchView {
  std::string storage;
  int64_t first = 0;
  std::vector<int64_t> shape, strides;
  int64_t size = 1;  // elements
};

struct StateDict {
  std::map<std::string, PyTorchStorage, std::less<>> storages;
  std::map<std::string, PyTorchView, std::less<>> tensors;
};

// The functions and classes that the pickle of a state dict may name.
std::span<const std::string_view> state_dict_functions();

// Values other than tensors are ignored. Throws Error{kInput} for a pickle that is not a dict with
// tensors, for a view outside its storage, and for names that occur twice.
StateDict read_state_dict(const Pickle& pickle, const PickleSource& source);

}  // namespace bertune
