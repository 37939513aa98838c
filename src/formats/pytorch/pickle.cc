// SPDX-License-Identifier: Apache-2.0
#include "formats/pytorch/pickle.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "base/json.h"
#include "bertune/error.h"
#include "text/utf8.h"

namespace bertune {
namespace {

constexpr std::string_view kOrderedDict = "collections.OrderedDict";

// A model with ten thousand tensors needs a quarter of it.
constexpr size_t kMostValues = size_t{1} << 20;

class PickleMachine {
 public:
  PickleMachine(std::string_view bytes, std::span<const std::string_view> allowed,
                const PickleSource& source)
      : bytes_(bytes), allowed_(allowed), source_(source) {
    none_ = add({.kind = PickleKind::kNone});
    false_ = add({.kind = PickleKind::kBool, .number = 0});
    true_ = add({.kind = PickleKind::kBool, .number = 1});
  }

  Pickle run() {
    while (true) {
      begin_ = next_;
      const auto opcode = static_cast<unsigned char>(take(1)[0]);
      if (opcode == '.') break;
      if (!push_constant(opcode) && !push_number(opcode) && !push_text(opcode) &&
          !use_memo(opcode) && !collect(opcode) && !call(opcode))
        refuse_opcode(opcode);
    }
    pickle_.root = pop();
    pickle_.bytes = next_;
    return std::move(pickle_);
  }

 private:
  [[noreturn]] void fail_damaged(const std::string& reason) const {
    throw Error(ErrorKind::kInput,
                fmt::format("{} is damaged: {} at byte {} of {}", source_.file, reason, begin_,
                            source_.part),
                "download the file or save it with torch.save again");
  }

  [[noreturn]] void refuse_opcode(unsigned char opcode) const {
    throw Error(
        ErrorKind::kInput,
        fmt::format("{} is not loaded: opcode {:#04x} at byte {} of {} does not occur in the "
                    "weights of a model",
                    source_.file, opcode, begin_, source_.part),
        "save the model's state_dict() with torch.save, or as safetensors");
  }

  [[noreturn]] void refuse_function(const std::string& name) const {
    throw Error(
        ErrorKind::kInput,
        fmt::format("{} is not loaded: its pickle names '{}' at byte {} of {}, which the weights "
                    "of a model do not need",
                    source_.file, excerpt(replace_invalid_utf8(name)), begin_, source_.part),
        "nothing of the file was run. If you trust its author, load it in PyTorch and save the "
        "model's state_dict() with torch.save; otherwise do not load it in any program");
  }

  std::string_view take(size_t count) {
    if (count > bytes_.size() - next_) fail_damaged("it ends too early");
    const std::string_view taken = bytes_.substr(next_, count);
    next_ += count;
    return taken;
  }

  template <typename Number>
  Number take_number() {
    Number number;
    std::memcpy(&number, take(sizeof(number)).data(), sizeof(number));
    return number;
  }

  std::string_view take_line() {
    const size_t end = bytes_.find('\n', next_);
    if (end == bytes_.npos) fail_damaged("it ends too early");
    const std::string_view line = take(end - next_);
    take(1);
    return line;
  }

  uint32_t add(PickleValue value) {
    if (pickle_.values.size() == kMostValues)
      fail_damaged(fmt::format("it has more than {} values", kMostValues));
    pickle_.values.push_back(std::move(value));
    return static_cast<uint32_t>(pickle_.values.size() - 1);
  }

  bool push(uint32_t index) {
    stack_.push_back(index);
    return true;
  }
  bool push(PickleValue value) { return push(add(std::move(value))); }

  // Values below the last mark are out of reach until it is taken.
  uint32_t pop() {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) fail_damaged("its stack is empty");
    const uint32_t top = stack_.back();
    stack_.pop_back();
    return top;
  }

  std::vector<uint32_t> pop_last(size_t count) {
    std::vector<uint32_t> items(count);
    for (size_t i = count; i-- > 0;) items[i] = pop();
    return items;
  }

  std::vector<uint32_t> pop_to_mark() {
    if (marks_.empty()) fail_damaged("a mark is missing");
    std::vector<uint32_t> items = pop_last(stack_.size() - marks_.back());
    marks_.pop_back();
    return items;
  }

  // The value on top, which must be of this kind.
  PickleValue& top(PickleKind kind) {
    const uint32_t index = pop();
    push(index);
    PickleValue& value = pickle_.values[index];
    if (value.kind != kind) fail_damaged("a value has another type");
    return value;
  }

  int64_t pop_index(PickleKind kind) {
    top(kind);
    return pop();
  }

  const PickleValue& pop_value(PickleKind kind) {
    return pickle_.values[static_cast<size_t>(pop_index(kind))];
  }

  bool push_constant(unsigned char opcode) {
    switch (opcode) {
      case 0x80:  // PROTO
        if (const int protocol = take(1)[0]; protocol < 2 || protocol > 5)
          fail_damaged(fmt::format("pickle protocol {} is unknown", protocol));
        return true;
      case 0x95:  // FRAME: the length of what follows
        if (take_number<uint64_t>() > bytes_.size() - next_) fail_damaged("it ends too early");
        return true;
      case '(':  // MARK
        marks_.push_back(stack_.size());
        return true;
      case 'N':
        return push(none_);
      case 0x88:  // NEWTRUE
        return push(true_);
      case 0x89:  // NEWFALSE
        return push(false_);
      default:
        return false;
    }
  }

  bool push_number(unsigned char opcode) {
    switch (opcode) {
      case 'J':  // BININT
        return push({.kind = PickleKind::kInteger, .number = take_number<int32_t>()});
      case 'K':  // BININT1
        return push({.kind = PickleKind::kInteger, .number = take_number<uint8_t>()});
      case 'M':  // BININT2
        return push({.kind = PickleKind::kInteger, .number = take_number<uint16_t>()});
      case 0x8a:  // LONG1
        return push_long(take(take_number<uint8_t>()));
      case 'G':  // BINFLOAT
        take(8);
        return push({.kind = PickleKind::kFloat});
      default:
        return false;
    }
  }

  // Two's complement of any length.
  bool push_long(std::string_view bytes) {
    if (bytes.size() > sizeof(int64_t)) return push({.kind = PickleKind::kLong, .text = bytes});
    uint64_t number = !bytes.empty() && (bytes.back() & 0x80) != 0 ? ~uint64_t{0} : 0;
    std::memcpy(&number, bytes.data(), bytes.size());
    return push({.kind = PickleKind::kInteger, .number = static_cast<int64_t>(number)});
  }

  bool push_text(unsigned char opcode) {
    switch (opcode) {
      case 'X':  // BINUNICODE
      case 'T':  // BINSTRING, of Python 2
        return push({.kind = PickleKind::kText, .text = take(take_number<uint32_t>())});
      case 0x8c:  // SHORT_BINUNICODE
      case 'U':   // SHORT_BINSTRING, of Python 2
        return push({.kind = PickleKind::kText, .text = take(take_number<uint8_t>())});
      default:
        return false;
    }
  }

  bool use_memo(unsigned char opcode) {
    switch (opcode) {
      case 'q':  // BINPUT
        return remember(take_number<uint8_t>());
      case 'r':  // LONG_BINPUT
        return remember(take_number<uint32_t>());
      case 0x94:  // MEMOIZE
        return remember(static_cast<uint32_t>(memo_.size()));
      case 'h':  // BINGET
        return recall(take_number<uint8_t>());
      case 'j':  // LONG_BINGET
        return recall(take_number<uint32_t>());
      default:
        return false;
    }
  }

  bool remember(uint32_t key) {
    const uint32_t index = pop();
    memo_[key] = index;
    return push(index);
  }

  bool recall(uint32_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) fail_damaged(fmt::format("memo {} is unknown", key));
    return push(found->second);
  }

  bool collect(unsigned char opcode) {
    switch (opcode) {
      case ')':
        return push({.kind = PickleKind::kTuple});
      case 't':
        return push({.kind = PickleKind::kTuple, .items = pop_to_mark()});
      case 0x85:  // TUPLE1
      case 0x86:  // TUPLE2
      case 0x87:  // TUPLE3
        return push({.kind = PickleKind::kTuple, .items = pop_last(opcode - 0x84u)});
      case ']':
        return push({.kind = PickleKind::kList});
      case 'a':  // APPEND
        return extend(PickleKind::kList, pop_last(1));
      case 'e':  // APPENDS
        return extend(PickleKind::kList, pop_to_mark());
      case '}':
        return push({.kind = PickleKind::kDict});
      case 's':  // SETITEM
        return extend(PickleKind::kDict, pop_last(2));
      case 'u':  // SETITEMS
        return extend(PickleKind::kDict, pop_to_mark());
      default:
        return false;
    }
  }

  bool extend(PickleKind kind, const std::vector<uint32_t>& items) {
    if (kind == PickleKind::kDict && items.size() % 2 != 0) fail_damaged("a key has no value");
    std::vector<uint32_t>& target = top(kind).items;
    target.insert(target.end(), items.begin(), items.end());
    return true;
  }

  bool call(unsigned char opcode) {
    switch (opcode) {
      case 'c': {  // GLOBAL
        const std::string_view module = take_line();
        return push_function(module, take_line());
      }
      case 'i': {  // INST calls what it names
        const std::string_view module = take_line();
        push_function(module, take_line());
        return false;
      }
      case 0x93: {  // STACK_GLOBAL
        const std::string_view name = pop_value(PickleKind::kText).text;
        return push_function(pop_value(PickleKind::kText).text, name);
      }
      case 'R':
        return reduce();
      case 'b':  // BUILD: the attributes of an OrderedDict, such as a state dict's _metadata
        pop();
        top(PickleKind::kDict);
        return true;
      case 'Q':  // BINPERSID
        return push({.kind = PickleKind::kPersistent, .number = pop_index(PickleKind::kTuple)});
      default:
        return false;
    }
  }

  bool push_function(std::string_view module, std::string_view name) {
    const std::string whole = fmt::format("{}.{}", module, name);
    const auto found = std::find(allowed_.begin(), allowed_.end(), whole);
    if (found == allowed_.end()) refuse_function(whole);
    return push({.kind = PickleKind::kFunction, .text = *found});
  }

  bool reduce() {
    const int64_t arguments = pop_index(PickleKind::kTuple);
    const std::string_view name = pop_value(PickleKind::kFunction).text;
    if (name != kOrderedDict)
      return push({.kind = PickleKind::kCall, .number = arguments, .text = name});
    if (!pickle_.values[static_cast<size_t>(arguments)].items.empty())
      fail_damaged("an OrderedDict has arguments");
    return push({.kind = PickleKind::kDict});
  }

  std::string_view bytes_;
  std::span<const std::string_view> allowed_;
  const PickleSource& source_;
  size_t begin_ = 0;  // of the current opcode
  size_t next_ = 0;
  Pickle pickle_;
  std::vector<uint32_t> stack_;
  std::vector<size_t> marks_;  // the height of the stack at each
  std::unordered_map<uint32_t, uint32_t> memo_;
  uint32_t none_ = 0, false_ = 0, true_ = 0;
};

}  // namespace

Pickle read_pickle(std::string_view bytes, std::span<const std::string_view> allowed,
                   const PickleSource& source) {
  return PickleMachine(bytes, allowed, source).run();
}

}  // namespace bertune
