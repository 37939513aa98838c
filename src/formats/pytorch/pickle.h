// SPDX-License-Identifier: Apache-2.0
// A machine for the pickles that torch.save writes, which runs no code. Values are built as data:
// calls of functions that the caller allows are recorded and never made, and every other function,
// class or opcode is refused by name. Opcodes are described in CPython's Lib/pickletools.py.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bertune {

enum class PickleKind {
  kNone,
  kBool,
  kInteger,     // number
  kLong,        // text: little-endian bytes of an integer that does not fit into 64 bits
  kFloat,       // ignored
  kText,        // text
  kTuple,       // items
  kList,        // items
  kDict,        // items: keys and values alternate; also collections.OrderedDict
  kFunction,    // text: "MODULE.NAME"
  kCall,        // text: "MODULE.NAME"; number: the index of the tuple of arguments
  kPersistent,  // number: the index of the tuple that identifies an object outside the pickle
};

struct PickleValue {
  PickleKind kind = PickleKind::kNone;
  int64_t number = 0;
  std::string_view text;        // in the bytes of the pickle, or in the list of allowed functions
  std::vector<uint32_t> items;  // indices of Pickle::values; an item may occur in several places
};

struct Pickle {
  std::deque<PickleValue> values;
  uint32_t root = 0;
  size_t bytes = 0;  // of the pickle

  const PickleValue& operator[](uint32_t index) const { return values[index]; }

  // The items of the tuple of a kCall or a kPersistent. They are not copied into every value that
  // refers to them, because a small pickle could then fill the memory.
  const std::vector<uint32_t>& arguments(const PickleValue& value) const {
    return values[static_cast<size_t>(value.number)].items;
  }
};

// Where a pickle is, for messages: "'FILE'", "data.pkl".
struct PickleSource {
  std::string file;
  std::string part;
};

// Reads the first pickle of `bytes`, which must outlive the result, as must `allowed`, the
// functions and classes that it may name as "MODULE.NAME". Time and memory are linear in the
// pickle's length. Throws Error{kInput} that names what is refused, and the place, for anything
// that is not allowed and for a damaged pickle.
Pickle read_pickle(std::string_view bytes, std::span<const std::string_view> allowed,
                   const PickleSource& source);

}  // namespace bertune
