// SPDX-License-Identifier: Apache-2.0
// Counts the tags of a dataset: which scheme they follow, and how many of them break it. Both are
// known only after the last tag.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "datasets/tagged/sentences.h"
#include "datasets/tagged/tags.h"

namespace bertune {

// Words and tags of a text as they are in the file.
struct WrittenTags {
  std::vector<std::string> words;
  std::vector<std::string> tags;    // [words]; empty: not labelled
  std::vector<std::string> places;  // [words], or one for all
};

class TagCensus {
 public:
  explicit TagCensus(const TaggedColumns& columns = {}) : columns_(columns) {}

  // Replaces numbers by their names. Throws Error{kInput} with its place for a number without one
  // and for a word that is no tag.
  void name_tags(const std::filesystem::path& path, WrittenTags& text);
  void add(const WrittenTags& text);
  void add_unlabelled(const std::string& place);

  const std::string& unlabelled() const { return unlabelled_; }  // the first place; empty: none
  TagScheme scheme() const { return finder_.found(); }
  bool numbered() const { return numbered_; }

  // See TaggedColumns::strict.
  std::vector<Entity> entities_of(std::span<const std::string> tags) const;

  // Logs how many tags break `scheme`, and where.
  void report(const std::filesystem::path& path, TagScheme scheme) const;

 private:
  // Counted for each scheme, because the scheme is known only at the end.
  struct BrokenTags {
    int64_t count = 0;
    std::vector<std::string> shown;
  };

  // Tags without prefixes are any text, so that a wrong column shows only in what they are.
  static constexpr size_t kMostPlainTags = 4096;

  struct TagPlace {
    const std::filesystem::path& path;
    const WrittenTags& text;
    size_t word;

    const std::string& tag() const { return text.tags[word]; }
    [[noreturn]] void fail(const std::string& what, const std::string& hint) const;
  };

  std::string named(const TagPlace& place);
  void check(const TagPlace& place);

  TaggedColumns columns_;
  bool numbered_ = false;
  std::string first_prefixed_;         // the first tag with a prefix
  std::set<std::string> plain_types_;  // of tags without one
  std::string unlabelled_;
  SchemeFinder finder_;
  std::array<BrokenTags, kTagSchemes.size()> broken_;  // by kTagSchemes
};

// The text and its entities. Throws as TagCensus::name_tags does.
TaggedText read_tags(const std::filesystem::path& path, WrittenTags written, TagCensus& census);

}  // namespace bertune
