// SPDX-License-Identifier: Apache-2.0
// Converts between option structs and Python dicts. Keys are the names of visit(); an unknown key
// is a TypeError with the nearest name.
#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bertune/options.h"

namespace bertune {

pybind11::str to_python(const std::filesystem::path& path);

// Each throws TypeError, with the argument's name, for a wrong type, and Error{kUsage} for an int
// that does not fit in 64 bits. Numbers of NumPy are accepted; a bool is not a number.
void from_python(const std::string& argument, pybind11::handle given, std::string& value);
void from_python(const std::string& argument, pybind11::handle given, int64_t& value);
void from_python(const std::string& argument, pybind11::handle given, double& value);
void from_python(const std::string& argument, pybind11::handle given, bool& value);

template <typename T>
void from_python(const std::string& argument, pybind11::handle given, std::optional<T>& value) {
  from_python(argument, given, value.emplace());
}

// Returns the argument's value; throws as from_python does.
template <typename T>
T argument_of(const std::string& argument, pybind11::handle given) {
  T value{};
  from_python(argument, given, value);
  return value;
}

// Like argument_of, but accepts None.
template <typename T>
std::optional<T> optional_argument_of(const std::string& argument, pybind11::handle given) {
  if (given.is_none()) return {};
  return argument_of<T>(argument, given);
}

// Throws TypeError for a key that is not in `names`. `call` is the function that the user called.
void check_names(const pybind11::dict& given, const std::vector<std::string>& names,
                 const char* call);

struct ListNames {
  std::vector<std::string>& names;

  template <typename T>
  void operator()(const Option& option, const T&) const {
    names.emplace_back(option.name);
  }
};

// A value of None keeps the default.
struct SetFromDict {
  const pybind11::dict& given;

  template <typename T>
  void operator()(const Option& option, T& value) const {
    if (!given.contains(option.name)) return;
    const pybind11::object object = given[option.name];
    if (!object.is_none()) from_python(option.name, object, value);
  }
};

struct AddToDict {
  pybind11::dict& dict;

  template <typename T>
  void operator()(const Option& option, const T& value) const {
    dict[option.name] = pybind11::cast(value);
  }
  template <typename T>
  void operator()(const char* name, const T& value) const {
    dict[name] = pybind11::cast(value);
  }
  void operator()(const char* name, const std::filesystem::path& value) const {
    dict[name] = to_python(value);
  }
  void operator()(const char* name, const std::optional<std::filesystem::path>& value) const {
    dict[name] = value ? pybind11::object(to_python(*value)) : pybind11::none();
  }
};

template <typename Options>
void set_options(Options& options, const pybind11::dict& given, const char* call) {
  std::vector<std::string> names;
  Options::visit(options, ListNames{names});
  check_names(given, names, call);
  Options::visit(options, SetFromDict{given});
}

// The fields of any struct with a visit().
template <typename Struct>
pybind11::dict to_dict(const Struct& fields) {
  pybind11::dict dict;
  Struct::visit(fields, AddToDict{dict});
  return dict;
}

}  // namespace bertune
