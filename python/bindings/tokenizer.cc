// SPDX-License-Identifier: Apache-2.0
// Binds Tokenizer. Ids, types and offsets are NumPy arrays that share an Encoding's memory.
#include <fmt/format.h>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bertune/bertune.h"
#include "bindings/bind.h"
#include "bindings/errors.h"
#include "bindings/events.h"
#include "bindings/inputs.h"
#include "bindings/options.h"

namespace bertune {
namespace {

namespace py = pybind11;

std::string text_of(const std::string& argument, py::handle given) {
  if (!py::isinstance<py::str>(given)) throw_wrong_type(argument, "a str", given);
  return to_text(given);
}

TextToEncode text_from(py::handle given, size_t index) {
  const std::string place = fmt::format("texts[{}]", index);
  if (!py::isinstance<py::tuple>(given)) {
    if (!py::isinstance<py::str>(given)) {
      throw_wrong_type(place, "a str or a tuple of two", given);
    }
    return {to_text(given), {}};
  }
  const auto pair = py::reinterpret_borrow<py::tuple>(given);
  if (pair.size() != 2) {
    throw py::type_error(fmt::format("{} must have two texts, not {}", place, pair.size()));
  }
  return {text_of(place + "[0]", pair[0]), text_of(place + "[1]", pair[1])};
}

// The docstrings are in python/bertune/tokenizer.py.
class TokenizerBinding {
 public:
  TokenizerBinding(py::handle model, py::handle do_lower_case)
      : tokenizer_(load(model, do_lower_case)) {
    const std::vector<std::string>& pieces = tokenizer_.vocabulary();
    for (size_t i = 0; i < pieces.size(); ++i) ids_[pieces[i]] = static_cast<int32_t>(i);
  }

  Encoding encode(py::handle text, py::handle text_pair) const {
    TextToEncode texts{text_of("text", text), {}};
    if (!text_pair.is_none()) texts.text_pair = text_of("text_pair", text_pair);
    const py::gil_scoped_release released;
    return encoded(texts);
  }

  std::vector<Encoding> encode_batch(const py::iterable& given) const {
    std::vector<TextToEncode> texts;
    for (const py::handle item : given) texts.push_back(text_from(item, texts.size()));
    const py::gil_scoped_release released;
    return bertune::encode_batch(tokenizer_, texts);
  }

  std::optional<int32_t> token_to_id(py::handle token) const {
    const auto found = ids_.find(text_of("token", token));
    if (found == ids_.end()) return {};
    return found->second;
  }

  std::string id_to_token(py::handle given) const {
    const auto id = argument_of<int64_t>("id", given);
    if (id >= 0 && id < size()) return tokenizer_.vocabulary()[id];
    throw py::index_error(
        fmt::format("id {} is not in the vocabulary, which has 0 to {}", id, size() - 1));
  }

  int64_t size() const { return static_cast<int64_t>(tokenizer_.vocabulary().size()); }
  const Tokenizer& tokenizer() const { return tokenizer_; }

 private:
  static Tokenizer load(py::handle given_model, py::handle given_case) {
    const auto model = argument_of<std::string>("model", given_model);
    std::optional<bool> lower_case;
    if (!given_case.is_none()) from_python("do_lower_case", given_case, lower_case);
    const py::gil_scoped_release released;
    return load_tokenizer(model, lower_case, interruptible_fetching());
  }

  Encoding encoded(const TextToEncode& texts) const {
    if (!texts.text_pair) return bertune::encode(tokenizer_, texts.text);
    return encode_pair(tokenizer_, texts.text, *texts.text_pair);
  }

  Tokenizer tokenizer_;
  std::unordered_map<std::string, int32_t> ids_;  // the last id of a repeated piece
};

// Arrays keep `self`, the Encoding that owns the numbers, alive.
py::array array_of(const std::vector<int32_t>& values, py::handle self) {
  return py::array_t<int32_t>(static_cast<py::ssize_t>(values.size()), values.data(), self);
}

py::array offsets_of(const Encoding& encoding, py::handle self) {
  static_assert(sizeof(CodePointRange) == 2 * sizeof(int64_t));
  const auto rows = static_cast<py::ssize_t>(encoding.offsets.size());
  return py::array_t<int64_t>({rows, py::ssize_t{2}},
                              reinterpret_cast<const int64_t*>(encoding.offsets.data()), self);
}

void bind_encoding(py::module_& module) {
  py::class_<Encoding>(module, "Encoding", R"(An encoded text or pair of texts.

[CLS] comes first, and [SEP] follows each text. Every field has one entry per token.)")
      .def_property_readonly(
          "ids",
          [](const py::object& self) { return array_of(py::cast<Encoding&>(self).ids, self); },
          "Token ids, int32 [tokens].")
      .def_property_readonly(
          "type_ids",
          [](const py::object& self) { return array_of(py::cast<Encoding&>(self).type_ids, self); },
          "0 up to the first [SEP], 1 after it; int32 [tokens].")
      .def_property_readonly(
          "offsets",
          [](const py::object& self) { return offsets_of(py::cast<Encoding&>(self), self); },
          "Start and end (exclusive) of each token in its text, in code points, so that "
          "text[start:end] is the token. int64 [tokens, 2]; 0, 0 for [CLS] and [SEP].")
      .def_readonly("tokens", &Encoding::tokens, "The tokens as a list of str.")
      .def("__len__", [](const Encoding& self) { return self.ids.size(); })
      .def("__repr__", [](const Encoding& self) {
        return fmt::format("Encoding(tokens={})", std::string(py::repr(py::cast(self.tokens))));
      });
}

}  // namespace

void bind_tokenizer(py::module_& module) {
  bind_encoding(module);
  py::class_<TokenizerBinding>(module, "Tokenizer")
      .def(py::init<py::handle, py::handle>(), py::arg("model"), py::arg("do_lower_case"))
      .def("encode", &TokenizerBinding::encode, py::arg("text"), py::arg("text_pair"))
      .def("encode_batch", &TokenizerBinding::encode_batch, py::arg("texts"))
      .def("token_to_id", &TokenizerBinding::token_to_id, py::arg("token"))
      .def("id_to_token", &TokenizerBinding::id_to_token, py::arg("id"))
      .def("__len__", &TokenizerBinding::size)
      .def_property_readonly(
          "vocabulary", [](const TokenizerBinding& self) { return self.tokenizer().vocabulary(); })
      .def_property_readonly("do_lower_case", [](const TokenizerBinding& self) {
        return self.tokenizer().normalization().lower_case;
      });
}

}  // namespace bertune
