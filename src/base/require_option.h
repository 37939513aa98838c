// SPDX-License-Identifier: Apache-2.0
// Checks of single options, with the same wording for all of them. Relies on bertune/error.h; the
// front ends spell the options.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>

#include "bertune/error.h"

namespace bertune {

// Throws Error{kUsage}: "NAME is VALUE", with the hint "NAME must be ALLOWED".
template <typename T>
void require_option(bool holds, const char* name, const T& value, const char* allowed) {
  if (holds) return;
  throw Error(ErrorKind::kUsage, fmt::format("{} is {}", option(name), value),
              fmt::format("{} must be {}", option(name), allowed));
}

template <typename T, typename Holds>
void require_if_given(const std::optional<T>& value, const Holds& holds, const char* name,
                      const char* allowed) {
  if (value) require_option(holds(*value), name, *value, allowed);
}

// Throws Error{kUsage} with an example value if `value` is empty.
inline void require_given(const std::string& value, const char* name, const char* example) {
  if (!value.empty()) return;
  throw Error(ErrorKind::kUsage, option(name) + " is missing",
              "give it, for example " + option(name, example));
}

}  // namespace bertune
