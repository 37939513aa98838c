// SPDX-License-Identifier: Apache-2.0
#include "datasets/tagged/sentences.h"

#include <fmt/format.h>

#include <algorithm>

#include "bertune/error.h"
#include "text/python_text.h"
#include "text/utf8.h"

namespace bertune {

namespace {

bool has_outside(const TaggedText& text) {
  size_t inside = 0;
  for (const Entity& entity : text.entities) inside += entity.last - entity.first + 1;
  return inside < text.words.size();
}

bool has_single_characters(const TaggedText& text) {
  return std::all_of(text.words.begin(), text.words.end(), [&](const WordRange& word) {
    return count_code_points(
               std::string_view(text.text).substr(word.begin, word.end - word.begin)) <= 1;
  });
}

}  // namespace

void TaggedInfo::add(const TaggedData& part) {
  examples += static_cast<int64_t>(part.texts.size());
  for (const TaggedText& text : part.texts) {
    for (const Entity& entity : text.entities) ++types[entity.type];
    characters = characters && has_single_characters(text);
    outside = outside || has_outside(text);
  }
}

TaggedText join_words(const std::vector<std::string>& words) {
  TaggedText joined;
  for (const std::string& word : words) {
    if (!joined.text.empty()) joined.text += ' ';
    const auto begin = static_cast<uint32_t>(joined.text.size());
    joined.text += word;
    joined.words.push_back({begin, static_cast<uint32_t>(joined.text.size())});
  }
  return joined;
}

TaggedText split_characters(std::string_view text) {
  TaggedText split{.text = std::string(text), .words = {}, .entities = {}};
  for (size_t at = 0; at < text.size();) {
    const DecodedCodePoint character = decode_code_point(text, at);
    const auto begin = static_cast<uint32_t>(at);
    at += character.bytes;
    if (!is_python_space(character.value))
      split.words.push_back({begin, static_cast<uint32_t>(at)});
  }
  return split;
}

std::vector<std::string> find_types(const TaggedInfo& info) {
  std::vector<std::string> types;
  for (const auto& [type, count] : info.types) types.push_back(type);
  if (!types.empty()) return types;
  throw Error(ErrorKind::kInput,
              fmt::format("none of the {} texts has an entity: every word is O", info.examples),
              "training needs at least one entity; is " + option("tag_column") + " right?");
}

}  // namespace bertune
