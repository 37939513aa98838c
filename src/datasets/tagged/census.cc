// SPDX-License-Identifier: Apache-2.0
#include "datasets/tagged/census.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/json.h"
#include "base/log.h"
#include "bertune/error.h"

namespace bertune {
namespace {

constexpr size_t kShownPlaces = 5;

const std::string& place_of(const WrittenTags& text, size_t word) {
  return text.places.size() == 1 ? text.places.front() : text.places[word];
}

void require_tags(const std::filesystem::path& path, const WrittenTags& text) {
  for (size_t i = 0; i < text.tags.size(); ++i) {
    if (parse_tag(text.tags[i]).prefix != '\0') continue;
    throw Error(ErrorKind::kInput,
                fmt::format("'{}', {}: '{}' is no tag", path.string(), place_of(text, i),
                            excerpt(text.tags[i])),
                "tags are O, or B-, I-, E- or S- and a type, as in B-PER; is " +
                    option("tag_column") + " right?");
  }
}

}  // namespace

void TagCensus::add_unlabelled(const std::string& place) {
  if (unlabelled_.empty()) unlabelled_ = place;
}

void TagCensus::add(const WrittenTags& text) {
  if (text.tags.empty() && !text.words.empty()) add_unlabelled(text.places.front());
  finder_.add(text.tags);
  for (size_t s = 0; s < kTagSchemes.size(); ++s) {
    for (const int32_t word : find_broken_tags(text.tags, kTagSchemes[s])) {
      ++broken_[s].count;
      if (broken_[s].shown.size() == kShownPlaces) continue;
      broken_[s].shown.push_back(fmt::format("{} ({} {})", place_of(text, word),
                                             excerpt(text.words[word]), excerpt(text.tags[word])));
    }
  }
}

std::vector<Entity> TagCensus::entities_of(std::span<const std::string> tags) const {
  return strict_ ? find_entities_strictly(tags, *strict_) : find_entities(tags);
}

void TagCensus::report(const std::filesystem::path& path, TagScheme scheme) const {
  const auto index = std::find(kTagSchemes.begin(), kTagSchemes.end(), scheme);
  const auto& [count, shown] = broken_[static_cast<size_t>(index - kTagSchemes.begin())];
  if (count == 0) return;
  log_warning("'{}': {} tags break {}, at {}{}; entities are read as conlleval reads them",
              path.string(), count, name_of(scheme), fmt::join(shown, ", "),
              count > static_cast<int64_t>(kShownPlaces) ? ", ..." : "");
}

TaggedText read_tags(const std::filesystem::path& path, const WrittenTags& written,
                     TagCensus& census) {
  CHECK(written.tags.empty() || written.tags.size() == written.words.size());
  require_tags(path, written);
  census.add(written);
  TaggedText text = join_words(written.words);
  text.entities = census.entities_of(written.tags);
  if (!written.places.empty()) text.place = written.places.front();
  return text;
}

}  // namespace bertune
