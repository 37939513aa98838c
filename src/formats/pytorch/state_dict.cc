// SPDX-License-Identifier: Apache-2.0
#include "formats/pytorch/state_dict.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "bertune/error.h"
#include "formats/safetensors/file.h"
#include "text/utf8.h"

namespace bertune {
namespace {

constexpr std::string_view kTensor = "torch._utils._rebuild_tensor_v2";
constexpr std::string_view kOldTensor = "torch._utils._rebuild_tensor";
constexpr std::string_view kParameter = "torch._utils._rebuild_parameter";

constexpr PyTorchType kTypes[] = {
    {"torch.FloatStorage", "F32", 4},        {"torch.DoubleStorage", "F64", 8},
    {"torch.HalfStorage", "F16", 2},         {"torch.BFloat16Storage", "BF16", 2},
    {"torch.LongStorage", "I64", 8},         {"torch.IntStorage", "I32", 4},
    {"torch.ShortStorage", "I16", 2},        {"torch.CharStorage", "I8", 1},
    {"torch.ByteStorage", "U8", 1},          {"torch.BoolStorage", "BOOL", 1},
    {"torch.ComplexFloatStorage", "C64", 8}, {"torch.ComplexDoubleStorage", "C128", 16},
};

constexpr std::string_view kFunctions[] = {
    "collections.OrderedDict", kTensor,           kOldTensor,         kParameter,
    kTypes[0].storage,         kTypes[1].storage, kTypes[2].storage,  kTypes[3].storage,
    kTypes[4].storage,         kTypes[5].storage, kTypes[6].storage,  kTypes[7].storage,
    kTypes[8].storage,         kTypes[9].storage, kTypes[10].storage, kTypes[11].storage,
};
static_assert(std::size(kFunctions) == 4 + std::size(kTypes));

// PyTorch's own limit.
constexpr size_t kMostDimensions = 64;

class StateDictReader {
 public:
  StateDictReader(const Pickle& pickle, const PickleSource& source)
      : pickle_(pickle), source_(source) {}

  StateDict read() {
    const PickleValue& root = pickle_[pickle_.root];
    if (root.kind != PickleKind::kDict) refuse_contents("it holds no state dict");
    for (size_t i = 0; i < root.items.size(); i += 2)
      add(pickle_[root.items[i]], root.items[i + 1]);
    if (dict_.tensors.empty()) refuse_contents(without_tensors(root));
    return std::move(dict_);
  }

 private:
  [[noreturn]] void refuse_contents(const std::string& reason) const {
    throw Error(ErrorKind::kInput, fmt::format("{}: {}", source_.file, reason),
                "save the tensors alone: torch.save(model.state_dict(), 'pytorch_model.bin')");
  }

  [[noreturn]] void refuse(const std::string& reason) const {
    throw Error(ErrorKind::kInput, fmt::format("{}: tensor '{}' {}", source_.file, name_, reason),
                "the file may be damaged; download the file or save it with torch.save again");
  }

  std::string without_tensors(const PickleValue& root) const {
    std::vector<std::string> keys;
    for (size_t i = 0; i < root.items.size(); i += 2) {
      const PickleValue& key = pickle_[root.items[i]];
      if (key.kind == PickleKind::kText) keys.push_back(replace_invalid_utf8(key.text));
    }
    return keys.empty() ? "its dict is empty"
                        : "its dict has no tensors, only the keys " + excerpt_list(keys);
  }

  void add(const PickleValue& key, uint32_t index) {
    const PickleValue& value = pickle_[index];
    if (value.kind != PickleKind::kCall) return;
    if (key.kind != PickleKind::kText) refuse_contents("a tensor's name is not a text");
    name_ = excerpt(replace_invalid_utf8(key.text));
    PyTorchView view = view_of(without_parameter(value));
    if (!dict_.tensors.emplace(key.text, std::move(view)).second) refuse("occurs twice");
  }

  // A parameter is a tensor in a wrapper.
  const PickleValue& without_parameter(const PickleValue& value) const {
    if (value.text != kParameter) return value;
    return argument(value, 0, PickleKind::kCall);
  }

  const PickleValue& argument(const PickleValue& call, size_t position, PickleKind kind) const {
    const std::vector<uint32_t>& arguments = pickle_.arguments(call);
    if (position >= arguments.size() || pickle_[arguments[position]].kind != kind)
      refuse(fmt::format("has no valid argument {} of {}", position,
                         call.text.empty() ? "its storage" : call.text));
    return pickle_[arguments[position]];
  }

  PyTorchView view_of(const PickleValue& call) {
    if (call.text != kTensor && call.text != kOldTensor)
      refuse(fmt::format("is a call of {}", call.text));
    PyTorchView view;
    const PickleValue& storage = argument(call, 0, PickleKind::kPersistent);
    view.storage = argument(storage, 2, PickleKind::kText).text;
    view.first = argument(call, 1, PickleKind::kInteger).number;
    view.shape = numbers(argument(call, 2, PickleKind::kTuple));
    view.strides = numbers(argument(call, 3, PickleKind::kTuple));
    const int64_t size = add_storage(storage, view.storage);
    apply_storage_view(storage, size, view);
    return view;
  }

  std::vector<int64_t> numbers(const PickleValue& tuple) const {
    if (tuple.items.size() > kMostDimensions)
      refuse(fmt::format("has {} dimensions", tuple.items.size()));
    std::vector<int64_t> numbers;
    for (const uint32_t item : tuple.items) {
      const PickleValue& number = pickle_[item];
      if (number.kind != PickleKind::kInteger || number.number < 0)
        refuse("has a shape or strides that are not integers >= 0");
      numbers.push_back(number.number);
    }
    return numbers;
  }

  // ("storage", class, key, location, elements). Returns the elements.
  int64_t add_storage(const PickleValue& storage, const std::string& key) {
    if (argument(storage, 0, PickleKind::kText).text != "storage")
      refuse("has something else than a storage");
    const std::string_view kind = argument(storage, 1, PickleKind::kFunction).text;
    const auto type = std::find_if(std::begin(kTypes), std::end(kTypes),
                                   [&](const PyTorchType& t) { return t.storage == kind; });
    if (type == std::end(kTypes)) refuse(fmt::format("has a storage of class {}", kind));
    const int64_t size = argument(storage, 4, PickleKind::kInteger).number;
    if (size < 0) refuse(fmt::format("has a storage of {} elements", size));
    const auto [other, added] = dict_.storages.emplace(key, PyTorchStorage{type, size});
    if (other->second.type != type || other->second.size != size)
      refuse("has a storage of another type or size than elsewhere");
    return size;
  }

  // Files of PyTorch before 0.2 may use a part of a storage: (key of the part, first, elements).
  void apply_storage_view(const PickleValue& storage, int64_t size, PyTorchView& view) const {
    const std::vector<uint32_t>& arguments = pickle_.arguments(storage);
    int64_t part_first = 0, part_size = size;
    if (arguments.size() > 5 && pickle_[arguments[5]].kind != PickleKind::kNone) {
      const PickleValue& part = argument(storage, 5, PickleKind::kTuple);
      if (part.items.size() != 3) refuse("has an invalid part of a storage");
      part_first = pickle_[part.items[1]].number;
      part_size = pickle_[part.items[2]].number;
    }
    if (part_first < 0 || part_size < 0 || part_first > size || part_size > size - part_first)
      refuse("uses a part outside its storage");
    check_inside(part_size, view);
    view.first += part_first;
  }

  // Sets view.size. Shapes may be as large as they claim, because elements may repeat.
  void check_inside(int64_t storage_size, PyTorchView& view) const {
    if (view.shape.size() != view.strides.size()) refuse("has a stride too few or too many");
    int64_t last = view.first;
    bool fits = view.first >= 0;
    for (size_t i = 0; i < view.shape.size(); ++i) {
      int64_t step = 0;
      const int64_t steps = std::max<int64_t>(view.shape[i] - 1, 0);
      fits = fits && !__builtin_mul_overflow(view.size, view.shape[i], &view.size) &&
             !__builtin_mul_overflow(steps, view.strides[i], &step) &&
             !__builtin_add_overflow(last, step, &last);
    }
    const bool empty = fits && view.size == 0;
    if (!fits || (!empty && last >= storage_size)) {
      refuse(
          fmt::format("of shape {} with strides {} from element {} on is outside its storage of "
                      "{} elements",
                      shape_text(view.shape), shape_text(view.strides), view.first, storage_size));
    }
    if (empty) view.first = 0;
  }

  const Pickle& pickle_;
  const PickleSource& source_;
  std::string name_;  // of the current tensor, for messages
  StateDict dict_;
};

}  // namespace

std::span<const std::string_view> state_dict_functions() { return kFunctions; }

StateDict read_state_dict(const Pickle& pickle, const PickleSource& source) {
  return StateDictReader(pickle, source).read();
}

}  // namespace bertune
