// SPDX-License-Identifier: Apache-2.0
#include "batch/masking.h"

#include "base/check.h"
#include "base/random.h"

namespace bertune {
namespace {

constexpr double kMasked = 0.8, kRandom = 0.1;

enum Draw : uint64_t { kChoice, kFate, kPiece, kDraws };  // random numbers drawn per token

bool is_special(const SpecialTokens& special, int32_t id) {
  return id == special.pad || id == special.unk || id == special.cls || id == special.sep ||
         id == special.mask;
}

// The id that replaces a selected token.
int32_t hidden_id(const Masking& masking, const SpecialTokens& special, uint64_t window_key,
                  uint64_t first_draw, int32_t id) {
  const double fate = uniform(window_key, first_draw + kFate);
  if (fate < kMasked) return special.mask;
  if (fate >= kMasked + kRandom) return id;
  const double piece = uniform(window_key, first_draw + kPiece);
  return static_cast<int32_t>(piece * static_cast<double>(masking.vocabulary));
}

}  // namespace

Masking make_masking(const std::vector<std::string>& pieces, double probability, bool whole_words) {
  Masking masking{.probability = probability, .vocabulary = static_cast<int32_t>(pieces.size())};
  if (!whole_words) return masking;
  for (const std::string& piece : pieces) masking.continues.push_back(piece.starts_with("##"));
  return masking;
}

void mask_words(const Masking& masking, const SpecialTokens& special, uint64_t key,
                const WindowToMask& window, std::vector<int32_t>& masked_rows,
                std::vector<int32_t>& targets) {
  CHECK(masking.vocabulary > 0);
  const uint64_t window_key = fold(key, masking.first_window + window.index);
  bool chosen = false;
  for (size_t i = 0; i < window.ids.size(); ++i) {
    int32_t& id = window.ids[i];
    const uint64_t first_draw = kDraws * i;
    const bool continues = !masking.continues.empty() && masking.continues[id];
    if (!continues) chosen = uniform(window_key, first_draw + kChoice) < masking.probability;
    if (is_special(special, id)) chosen = false;
    if (!chosen) continue;
    masked_rows.push_back(window.first_row + static_cast<int32_t>(i));
    targets.push_back(id);
    id = hidden_id(masking, special, window_key, first_draw, id);
  }
}

}  // namespace bertune
