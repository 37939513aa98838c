// SPDX-License-Identifier: Apache-2.0
#include "datasets/tagged/census.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

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

std::string tag_hint() {
  return "tags are O or a prefix and a type, as in B-PER, or no tag in the file has a prefix; "
         "check " +
         option("tag_column");
}

bool is_whole_number(std::string_view tag) {
  return !tag.empty() &&
         std::all_of(tag.begin(), tag.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

void TagCensus::TagPlace::fail(const std::string& what, const std::string& hint) const {
  throw Error(ErrorKind::kInput,
              fmt::format("'{}', {}: {}", path.string(), place_of(text, word), what), hint);
}

std::string TagCensus::named(const TagPlace& place) {
  const std::string& tag = place.tag();
  if (!is_whole_number(tag)) return tag;
  numbered_ = true;
  const std::vector<std::string>& names = columns_.names;
  if (names.empty()) {
    place.fail(fmt::format("the tag {} is a number", excerpt(tag)),
               "name the tags in the order of their numbers, for example " +
                   option("labels", "O,B-PER,I-PER"));
  }
  size_t number = 0;
  std::from_chars(tag.data(), tag.data() + tag.size(), number);
  if (tag.size() > 9 || number >= names.size()) {
    place.fail(fmt::format("the tag {} is a number, but the labels are numbered 0 to {}",
                           excerpt(tag), names.size() - 1),
               "give all names in " + option("labels"));
  }
  return names[number];
}

// Detects a wrong column: tags with and without prefixes are mixed, or there are too many tags.
void TagCensus::check(const TagPlace& place) {
  const std::string& tag = place.tag();
  if (tag == "O") return;
  const bool plain = parse_tag(tag).prefix == '\0';
  if (plain) plain_types_.insert(tag);
  if (!plain && first_prefixed_.empty()) first_prefixed_ = tag;
  const bool mixed = !plain_types_.empty() && !first_prefixed_.empty();
  if (tag.empty()) place.fail("a word has no tag", tag_hint());
  if (mixed) {
    const std::string& other = plain ? first_prefixed_ : *plain_types_.begin();
    place.fail(fmt::format("the tags '{}' and '{}' cannot be mixed: only one of them has a prefix",
                           excerpt(tag), excerpt(other)),
               tag_hint());
  }
  if (plain_types_.size() > kMostPlainTags)
    place.fail(fmt::format("there are more than {} different tags", kMostPlainTags), tag_hint());
}

void TagCensus::name_tags(const std::filesystem::path& path, WrittenTags& text) {
  for (size_t i = 0; i < text.tags.size(); ++i) {
    const TagPlace place{path, text, i};
    text.tags[i] = named(place);
    check(place);
  }
}

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
  const std::optional<TagScheme>& strict = columns_.strict;
  return strict ? find_entities_strictly(tags, *strict) : find_entities(tags);
}

void TagCensus::report(const std::filesystem::path& path, TagScheme scheme) const {
  const auto index = std::find(kTagSchemes.begin(), kTagSchemes.end(), scheme);
  const auto& [count, shown] = broken_[static_cast<size_t>(index - kTagSchemes.begin())];
  if (count == 0) return;
  log_warning("'{}': {} tags break {}, at {}{}; entities are read as conlleval reads them",
              path.string(), count, name_of(scheme), fmt::join(shown, ", "),
              count > static_cast<int64_t>(kShownPlaces) ? ", ..." : "");
}

TaggedText read_tags(const std::filesystem::path& path, WrittenTags written, TagCensus& census) {
  CHECK(written.tags.empty() || written.tags.size() == written.words.size());
  census.name_tags(path, written);
  census.add(written);
  TaggedText text = join_words(written.words);
  text.entities = census.entities_of(written.tags);
  if (!written.places.empty()) text.place = written.places.front();
  return text;
}

}  // namespace bertune
