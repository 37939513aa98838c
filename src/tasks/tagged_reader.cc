// SPDX-License-Identifier: Apache-2.0
#include "tasks/tagged_reader.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/json.h"
#include "base/log.h"
#include "bertune/error.h"

namespace bertune {
namespace {

constexpr size_t kShownPlaces = 5;

TaggedText to_text(const WrittenTags& written) {
  TaggedText text = join_words(written.words);
  text.entities = find_entities(written.tags);
  return text;
}

}  // namespace

void TagCollector::add(WrittenTags text) {
  CHECK(text.tags.empty() || text.tags.size() == text.words.size());
  for (size_t i = 0; i < text.tags.size(); ++i) {
    if (parse_tag(text.tags[i]).prefix != '\0') continue;
    throw Error(ErrorKind::kInput,
                fmt::format("'{}', {}: '{}' is no tag", path_.string(), place_of(text, i),
                            excerpt(text.tags[i])),
                "tags are O, or B-, I-, E- or S- and a type, as in B-PER; is --tag-column right?");
  }
  texts_.push_back(std::move(text));
}

TaggedData TagCollector::finish(std::optional<TagScheme> scheme) const {
  SchemeFinder finder;
  TaggedData data;
  for (const WrittenTags& text : texts_) {
    finder.add(text.tags);
    data.labelled &= !text.tags.empty();
    data.texts.push_back(to_text(text));
  }
  const TagScheme read_as = scheme.value_or(finder.found());
  warn_of_broken_tags(read_as);
  data.scheme = read_as == TagScheme::kIob1 ? TagScheme::kIob2 : read_as;
  return data;
}

void TagCollector::warn_of_broken_tags(TagScheme scheme) const {
  int64_t broken = 0;
  std::vector<std::string> shown;
  for (const WrittenTags& text : texts_) {
    for (const int32_t word : find_broken_tags(text.tags, scheme)) {
      if (++broken <= static_cast<int64_t>(kShownPlaces)) {
        shown.push_back(fmt::format("{} ({} {})", place_of(text, word), excerpt(text.words[word]),
                                    excerpt(text.tags[word])));
      }
    }
  }
  if (broken == 0) return;
  log_warning("'{}': {} tags break {}, at {}{}; entities are read as conlleval reads them",
              path_.string(), broken, name_of(scheme), fmt::join(shown, ", "),
              broken > static_cast<int64_t>(kShownPlaces) ? ", ..." : "");
}

}  // namespace bertune
