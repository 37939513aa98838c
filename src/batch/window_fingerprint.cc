// SPDX-License-Identifier: Apache-2.0
#include "batch/window_fingerprint.h"

#include <cstdint>
#include <span>
#include <vector>

#include "base/fingerprint.h"

namespace bertune {
namespace {

template <typename... Numbers>
void add(Fingerprint& fingerprint, Numbers... numbers) {
  (fingerprint.add(static_cast<uint64_t>(numbers)), ...);
}

void add_targets(Fingerprint& fingerprint, const WindowSet& set) {
  add(fingerprint, set.targets_per_window, set.targets.size());
  for (const int32_t target : set.targets) add(fingerprint, target);
  fingerprint.add(std::span<const float>(set.target_values));
  add(fingerprint, set.token_targets.size());
  for (const std::vector<int32_t>& of_window : set.token_targets) {
    add(fingerprint, of_window.size());
    for (const int32_t target : of_window) add(fingerprint, target);
  }
}

void add_texts(Fingerprint& fingerprint, const WindowSet& set) {
  add(fingerprint, set.texts.size());
  for (const std::vector<Token>& text : set.texts) {
    add(fingerprint, text.size());
    for (const Token& token : text) add(fingerprint, token.id);
  }
}

// Adds what add_texts would for the same texts in memory.
void add_id_file(Fingerprint& fingerprint, const WindowSet& set) {
  add(fingerprint, set.windows.size());
  std::vector<int32_t> ids;
  for (size_t w = 0; w < set.windows.size(); ++w) {
    ids.resize(static_cast<size_t>(set.windows[w].first_length));
    set.id_file->read(static_cast<int32_t>(w), ids);
    add(fingerprint, ids.size());
    for (const int32_t id : ids) add(fingerprint, id);
  }
}

}  // namespace

std::string fingerprint_of(const WindowSet& set) {
  Fingerprint fingerprint;
  const SpecialTokens& special = set.special;
  add(fingerprint, special.pad, special.unk, special.cls, special.sep, special.mask);
  set.id_file ? add_id_file(fingerprint, set) : add_texts(fingerprint, set);
  add(fingerprint, set.windows.size());
  for (const Window& window : set.windows) {
    add(fingerprint, window.first, window.first_begin, window.first_length, window.second,
        window.second_begin, window.second_end);
  }
  add_targets(fingerprint, set);
  const Masking masking = set.masking.value_or(Masking{.probability = 0.0});
  const auto probability = static_cast<float>(masking.probability);
  add(fingerprint, set.predicts_words, masking.vocabulary, masking.continues.size());
  fingerprint.add(std::span(&probability, 1));
  return fingerprint.text();
}

}  // namespace bertune
