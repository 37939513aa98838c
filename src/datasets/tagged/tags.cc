// SPDX-License-Identifier: Apache-2.0
#include "datasets/tagged/tags.h"

#include <algorithm>
#include <set>

#include "base/check.h"

namespace bertune {
namespace {

bool is_inside(const Tag& tag) { return tag.prefix == 'I' || tag.prefix == 'E'; }
bool is_open(const Tag& tag) { return tag.prefix == 'B' || tag.prefix == 'I'; }

// Whether `tag` continues the entity of `before`, by the rules of every scheme.
bool continues(const Tag& before, const Tag& tag) {
  return is_inside(tag) && is_open(before) && before.type == tag.type;
}

// Whether an entity begins at `tag`, by conlleval's rules.
bool begins_entity(const Tag& before, const Tag& tag) {
  if (tag.prefix == 'O') return false;
  return !continues(before, tag);
}

std::vector<Tag> parse(std::span<const std::string> tags) {
  std::vector<Tag> parsed;
  for (const std::string& tag : tags) parsed.push_back(parse_tag(tag));
  return parsed;
}

Entity entity_of(const Tag& tag, size_t first, size_t last) {
  return {std::string(tag.type), static_cast<int32_t>(first), static_cast<int32_t>(last)};
}

char prefix_at(const Entity& entity, int32_t word, TagScheme scheme) {
  const bool first = word == entity.first, last = word == entity.last;
  if (scheme == TagScheme::kIo) return 'I';
  if (first && last && scheme != TagScheme::kIob2) return 'S';
  if (first) return 'B';
  return last && scheme == TagScheme::kBioes ? 'E' : 'I';
}

bool is_broken(const Tag& before, const Tag& tag, const Tag& after, TagScheme scheme) {
  const bool stray = is_inside(tag) && !continues(before, tag);
  switch (scheme) {
    case TagScheme::kIob1:
      return tag.prefix == 'B' && (before.prefix == 'O' || before.type != tag.type);
    case TagScheme::kBioes:
      return stray || (is_open(tag) && !continues(tag, after));
    default:
      return stray;
  }
}

}  // namespace

const char* name_of(TagScheme scheme) {
  switch (scheme) {
    case TagScheme::kIob1:
      return "IOB1";
    case TagScheme::kIob2:
      return "IOB2";
    case TagScheme::kBioes:
      return "BIOES";
    case TagScheme::kBios:
      return "BIOS";
    case TagScheme::kIo:
      return "IO";
    default:
      return "tags without prefixes";
  }
}

Tag parse_tag(std::string_view tag) {
  if (tag == "O") return {};
  constexpr std::string_view kWritten = "BIESLMU", kMeant = "BIESEIS";
  const size_t prefix = tag.size() > 2 && tag[1] == '-' ? kWritten.find(tag[0]) : tag.npos;
  if (prefix == tag.npos) return {.prefix = '\0', .type = tag};
  return {.prefix = kMeant[prefix], .type = tag.substr(2)};
}

std::string usual_spelling(std::string_view tag) {
  const Tag parsed = parse_tag(tag);
  if (parsed.prefix == 'O' || parsed.prefix == '\0') return std::string(tag);
  return std::string{parsed.prefix, '-'} + std::string(parsed.type);
}

std::vector<Entity> find_entities(std::span<const std::string> tags) {
  std::vector<Entity> entities;
  Tag before;
  for (size_t i = 0; i < tags.size(); ++i) {
    Tag tag = parse_tag(tags[i]);
    if (tag.prefix == '\0')
      tag.prefix = 'I';  // a label without scheme: equal neighbours belong together
    if (begins_entity(before, tag)) {
      entities.push_back(entity_of(tag, i, i));
    } else if (tag.prefix != 'O') {
      entities.back().last = static_cast<int32_t>(i);
    }
    before = tag;
  }
  return entities;
}

std::vector<Entity> find_entities_strictly(std::span<const std::string> tags, TagScheme scheme) {
  CHECK(scheme != TagScheme::kIob1);
  // Any sequence of such tags is well-formed.
  if (scheme == TagScheme::kIo || scheme == TagScheme::kPlain) return find_entities(tags);
  std::vector<Entity> entities;
  const std::vector<Tag> parsed = parse(tags);
  for (size_t i = 0; i < parsed.size();) {
    const Tag& first = parsed[i];
    size_t last = i;
    if (first.prefix == 'B') {
      while (last + 1 < parsed.size() && continues(parsed[last], parsed[last + 1])) ++last;
    }
    const bool whole = scheme != TagScheme::kBioes || parsed[last].prefix == 'E';
    if (first.prefix == 'S' || (first.prefix == 'B' && whole)) {
      entities.push_back(entity_of(first, i, last));
    }
    i = last + 1;
  }
  return entities;
}

std::vector<std::string> write_tags(std::span<const Entity> entities, int32_t words,
                                    TagScheme scheme) {
  CHECK(scheme != TagScheme::kIob1);
  std::vector<std::string> tags(words, "O");
  for (const Entity& entity : entities) {
    CHECK(entity.first <= entity.last && entity.last < words);
    for (int32_t word = entity.first; word <= entity.last; ++word) {
      const bool plain = scheme == TagScheme::kPlain;
      const std::string prefix = plain ? "" : std::string{prefix_at(entity, word, scheme), '-'};
      tags[word] = prefix + entity.type;
    }
  }
  return tags;
}

std::vector<std::string> tag_set(std::span<const std::string> types, TagScheme scheme) {
  CHECK(scheme != TagScheme::kIob1);
  std::string_view prefixes = "BI";
  if (scheme == TagScheme::kBioes) prefixes = "BIES";
  if (scheme == TagScheme::kBios) prefixes = "BIS";
  if (scheme == TagScheme::kIo) prefixes = "I";
  std::vector<std::string> tags{"O"};
  if (scheme == TagScheme::kPlain) {
    tags.insert(tags.end(), types.begin(), types.end());
    return tags;
  }
  for (const std::string& type : types) {
    for (const char prefix : prefixes) tags.push_back(std::string{prefix, '-'} + type);
  }
  return tags;
}

TagScheme scheme_of(std::span<const std::string> tags) {
  std::set<char> prefixes;
  for (const std::string& tag : tags) prefixes.insert(parse_tag(tag).prefix);
  if (prefixes.contains('E')) return TagScheme::kBioes;
  if (prefixes.contains('S')) return TagScheme::kBios;
  if (prefixes.contains('B')) return TagScheme::kIob2;
  if (prefixes.contains('I')) return TagScheme::kIo;
  return prefixes.contains('\0') ? TagScheme::kPlain : TagScheme::kIob2;
}

void SchemeFinder::add(std::span<const std::string> tags) {
  Tag before;
  for (const std::string& text : tags) {
    const Tag tag = parse_tag(text);
    ends_ |= tag.prefix == 'E';
    singles_ |= tag.prefix == 'S';
    plain_ |= tag.prefix == '\0';
    stray_insides_ += tag.prefix == 'I' && !continues(before, tag);
    free_begins_ += tag.prefix == 'B' && (before.prefix == 'O' || before.type != tag.type);
    before = tag;
  }
}

TagScheme SchemeFinder::found() const {
  if (plain_) return TagScheme::kPlain;
  if (ends_) return TagScheme::kBioes;
  if (singles_) return TagScheme::kBios;
  return stray_insides_ > 0 && free_begins_ == 0 ? TagScheme::kIob1 : TagScheme::kIob2;
}

std::vector<int32_t> find_broken_tags(std::span<const std::string> tags, TagScheme scheme) {
  std::vector<int32_t> broken;
  const std::vector<Tag> parsed = parse(tags);
  const Tag outside;
  for (size_t i = 0; i < parsed.size(); ++i) {
    const Tag& before = i > 0 ? parsed[i - 1] : outside;
    const Tag& after = i + 1 < parsed.size() ? parsed[i + 1] : outside;
    if (is_broken(before, parsed[i], after, scheme)) broken.push_back(static_cast<int32_t>(i));
  }
  return broken;
}

}  // namespace bertune
