// SPDX-License-Identifier: Apache-2.0
// Conversion between tags and entities, in every scheme.
#include "datasets/tagged/tags.h"

#include <gtest/gtest.h>

namespace bertune {
namespace {

using Tags = std::vector<std::string>;
using Entities = std::vector<Entity>;

TagScheme scheme_found(const Tags& tags) {
  SchemeFinder finder;
  finder.add(tags);
  return finder.found();
}

TEST(Tags, SpellEntities) {
  const Entities entities{{"PER", 0, 1}, {"LOC", 3, 3}};
  EXPECT_EQ(write_tags(entities, 4, TagScheme::kIob2), (Tags{"B-PER", "I-PER", "O", "B-LOC"}));
  EXPECT_EQ(write_tags(entities, 4, TagScheme::kBioes), (Tags{"B-PER", "E-PER", "O", "S-LOC"}));
  EXPECT_EQ(write_tags(entities, 4, TagScheme::kBios), (Tags{"B-PER", "I-PER", "O", "S-LOC"}));
  for (const TagScheme scheme : {TagScheme::kIob2, TagScheme::kBioes, TagScheme::kBios}) {
    const Tags tags = write_tags(entities, 4, scheme);
    EXPECT_EQ(find_entities(tags), entities);
    EXPECT_EQ(find_entities_strictly(tags, scheme), entities);
    EXPECT_TRUE(find_broken_tags(tags, scheme).empty());
  }
}

TEST(Tags, AreReadByConllevalsRules) {
  EXPECT_EQ(find_entities(Tags{"I-PER", "I-PER", "B-PER", "I-LOC"}),
            (Entities{{"PER", 0, 1}, {"PER", 2, 2}, {"LOC", 3, 3}}));
  EXPECT_EQ(find_entities(Tags{"S-PER", "I-PER", "U-LOC", "L-LOC"}),
            (Entities{{"PER", 0, 0}, {"PER", 1, 1}, {"LOC", 2, 2}, {"LOC", 3, 3}}));
  EXPECT_EQ(find_entities(Tags{"NN", "NN", "VB"}), (Entities{{"NN", 0, 1}, {"VB", 2, 2}}));
}

TEST(Tags, AreReadStrictly) {
  const Tags tags{"I-PER", "O", "B-PER", "I-PER", "I-LOC"};
  EXPECT_EQ(find_entities_strictly(tags, TagScheme::kIob2), (Entities{{"PER", 2, 3}}));
  EXPECT_EQ(find_entities_strictly(tags, TagScheme::kBioes), Entities{});
  EXPECT_EQ(find_entities_strictly(Tags{"S-PER", "B-PER", "I-PER"}, TagScheme::kBios),
            (Entities{{"PER", 0, 0}, {"PER", 1, 2}}));
}

TEST(Tags, TellTheirScheme) {
  EXPECT_EQ(scheme_found({"I-PER", "I-PER", "B-PER", "O"}), TagScheme::kIob1);
  EXPECT_EQ(scheme_found({"B-PER", "I-PER", "O"}), TagScheme::kIob2);
  EXPECT_EQ(scheme_found({"B-PER", "I-PER", "O", "I-LOC"}),
            TagScheme::kIob2);  // violates the scheme
  EXPECT_EQ(scheme_found({"B-PER", "E-PER"}), TagScheme::kBioes);
  EXPECT_EQ(scheme_found({"S-PER", "B-PER", "I-PER"}), TagScheme::kBios);
  EXPECT_EQ(scheme_of(Tags{"O", "B-x", "I-x", "S-x"}), TagScheme::kBios);
  EXPECT_EQ(tag_set(Tags{"a", "b"}, TagScheme::kIob2), (Tags{"O", "B-a", "I-a", "B-b", "I-b"}));
}

TEST(Tags, OfBmesAreThoseOfBioes) {
  const Tags bmes{"B-PER", "M-PER", "E-PER", "O", "S-LOC"};
  EXPECT_EQ(find_entities(bmes), (Entities{{"PER", 0, 2}, {"LOC", 4, 4}}));
  EXPECT_EQ(find_entities_strictly(bmes, TagScheme::kBioes), find_entities(bmes));
  EXPECT_EQ(scheme_found(bmes), TagScheme::kBioes);
  EXPECT_TRUE(find_broken_tags(bmes, TagScheme::kBioes).empty());
  EXPECT_EQ(usual_spelling("M-PER"), "I-PER");
  EXPECT_EQ(usual_spelling("U-PER"), "S-PER");
  EXPECT_EQ(usual_spelling("O"), "O");
  EXPECT_EQ(usual_spelling("NN"), "NN");
}

TEST(Tags, WithoutBeginningsAndWithoutPrefixes) {
  const Entities entities{{"PER", 0, 1}, {"LOC", 2, 2}};
  EXPECT_EQ(write_tags(entities, 4, TagScheme::kIo), (Tags{"I-PER", "I-PER", "I-LOC", "O"}));
  EXPECT_EQ(write_tags(entities, 4, TagScheme::kPlain), (Tags{"PER", "PER", "LOC", "O"}));
  for (const TagScheme scheme : {TagScheme::kIo, TagScheme::kPlain}) {
    EXPECT_EQ(find_entities(write_tags(entities, 4, scheme)), entities);
    EXPECT_EQ(find_entities_strictly(write_tags(entities, 4, scheme), scheme), entities);
    EXPECT_EQ(scheme_of(tag_set(Tags{"PER"}, scheme)), scheme);
  }
  EXPECT_EQ(scheme_found({"DET", "NOUN", "NOUN"}), TagScheme::kPlain);
  EXPECT_EQ(tag_set(Tags{"a", "b"}, TagScheme::kIo), (Tags{"O", "I-a", "I-b"}));
  EXPECT_EQ(tag_set(Tags{"a", "b"}, TagScheme::kPlain), (Tags{"O", "a", "b"}));
}

TEST(Tags, ThatBreakTheSchemeAreFound) {
  using Words = std::vector<int32_t>;
  EXPECT_EQ(find_broken_tags(Tags{"I-PER", "B-PER", "I-LOC"}, TagScheme::kIob2), (Words{0, 2}));
  EXPECT_EQ(find_broken_tags(Tags{"I-PER", "B-PER", "I-LOC", "B-ORG"}, TagScheme::kIob1),
            (Words{3}));
  EXPECT_EQ(find_broken_tags(Tags{"B-PER", "O", "E-PER", "S-x", "B-y", "E-y"}, TagScheme::kBioes),
            (Words{0, 2}));
}

}  // namespace
}  // namespace bertune
