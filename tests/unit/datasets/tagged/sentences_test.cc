// SPDX-License-Identifier: Apache-2.0
// Token classification data: CoNLL columns, JSON lines, CLUENER's spans, and error messages for
// invalid files.
#include <gtest/gtest.h>

#include "datasets/tagged/reader.h"
#include "expect_error.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

using Entities = std::vector<Entity>;

TaggedStream::Whole read_whole(const std::string& name, std::string_view content) {
  const TemporaryFolder folder;
  return TaggedStream(put_file(folder / name, content), Split::kTrain).read_all();
}

TaggedData read(const std::string& name, std::string_view content,
                const TaggedColumns& columns = {}) {
  const TemporaryFolder folder;
  return TaggedStream(put_file(folder / name, content), Split::kTrain, columns).read_all().data;
}

TEST(TaggedData, ReadsConllColumns) {
  const auto [data, info] =
      read_whole("a.conll",
                 "-DOCSTART- -X- O O\n\nEU NNP I-NP I-ORG\nrejects VBZ I-VP O\n\n\n"
                 "Peter NNP I-NP I-PER\nBlackburn NNP I-NP I-PER\n");
  ASSERT_EQ(data.texts.size(), 2u);
  EXPECT_EQ(data.texts[0].text, "EU rejects");
  EXPECT_EQ(data.texts[0].entities, (Entities{{"ORG", 0, 0}}));
  EXPECT_EQ(data.texts[1].entities, (Entities{{"PER", 0, 1}}));
  EXPECT_EQ(data.texts[1].words[1].begin, 6u);
  EXPECT_EQ(info.scheme, TagScheme::kIob2);  // converted from IOB1
  EXPECT_EQ(info.types, (std::map<std::string, int64_t>{{"ORG", 1}, {"PER", 1}}));
  EXPECT_EQ(find_types(info), (std::vector<std::string>{"ORG", "PER"}));
}

TEST(TaggedData, TakesTheColumnsThatAreAskedFor) {
  const TaggedData data = read("a.txt", "1 B-X Anna O\n2 O went O\n", {.word = 3, .tag = 2});
  EXPECT_EQ(data.texts[0].text, "Anna went");
  EXPECT_EQ(data.texts[0].entities, (Entities{{"X", 0, 0}}));
}

TEST(TaggedData, SplitsAtTabsWhereThereAreSome) {
  const TaggedData data = read("a.tsv", "New York\tS-LOC\n.\tO\n\n\uFEFF\n");
  EXPECT_EQ(data.texts[0].text, "New York .");
  EXPECT_EQ(data.texts[0].entities, (Entities{{"LOC", 0, 0}}));
  EXPECT_EQ(data.texts.size(), 1u);  // a byte order mark from a concatenated file is not a word
}

TEST(TaggedData, SaysWhatIsWrongWithColumns) {
  expect_error(ErrorKind::kInput, {"line 2", "3 columns, but the lines before have 2"},
               [] { read("a.conll", "a O\nb c O\n"); });
  expect_error(ErrorKind::kInput, {"line 1", "1 columns, but column 2"},
               [] { read("a.conll", "a\nb\n"); });
  expect_error(ErrorKind::kInput, {"line 1", "column 7"},
               [] { read("a.conll", "a O\n", {.word = 1, .tag = 7}); });
  expect_error(ErrorKind::kInput, {"line 2", "the tags 'NN' and 'B-X' cannot be mixed"},
               [] { read("a.conll", "a B-X\nb NN\n"); });
  expect_error(ErrorKind::kInput, {"line 2", "the tags 'B-X' and 'NN' cannot be mixed"},
               [] { read("a.conll", "a NN\nb B-X\n"); });
  expect_error(ErrorKind::kInput, {"line 1", "a word has no tag"}, [] { read("a.tsv", "a\t\n"); });
  expect_error(ErrorKind::kInput, {"no text"}, [] { read("a.conll", "\n\n"); });
  expect_error(ErrorKind::kInput, {"every word is O"},
               [] { find_types(read_whole("a.conll", "a O\n").info); });
}

TEST(TaggedData, CountsTagsThatBreakTheScheme) {
  testing::internal::CaptureStderr();
  const TaggedData data = read("a.conll", "a B-X\nb O\nc I-X\n\nd I-Y\n");
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("2 tags break IOB2, at line 3 (c I-X), line 5 (d I-Y)"), std::string::npos)
      << log;
  EXPECT_EQ(data.texts[0].entities, (Entities{{"X", 0, 0}, {"X", 2, 2}}));
}

TEST(TaggedData, ReadsWordsAndTagsInJson) {
  const auto [data, info] =
      read_whole("a.jsonl",
                 "{\"tokens\": [\"Anna\", \"K\"], \"ner_tags\": [\"B-P\", \"E-P\"]}\n"
                 "{\"words\": [\"x\"], \"tags\": [\"S-P\"]}\n");
  EXPECT_EQ(info.scheme, TagScheme::kBioes);
  EXPECT_EQ(data.texts[0].entities, (Entities{{"P", 0, 1}}));
  EXPECT_FALSE(info.characters);
  expect_error(ErrorKind::kInput, {"line 1", "2 words, but 1 tags"},
               [] { read("a.jsonl", "{\"words\": [\"a\", \"b\"], \"tags\": [\"O\"]}"); });
  expect_error(ErrorKind::kInput, {"line 1", "the tag 3 is a number"},
               [] { read("a.jsonl", "{\"words\": [\"a\"], \"tags\": [3]}"); });
  expect_error(ErrorKind::kInput, {"line 1", "'text' is missing"}, [] { read("a.jsonl", "{}"); });
}

TEST(TaggedData, ReadsTagsWithoutPrefixes) {
  const auto [data, info] = read_whole("a.conll", "The DET\nred ADJ\nfire NOUN\ntruck NOUN\n");
  EXPECT_EQ(info.scheme, TagScheme::kPlain);
  EXPECT_FALSE(info.outside);
  EXPECT_EQ(data.texts[0].entities, (Entities{{"DET", 0, 0}, {"ADJ", 1, 1}, {"NOUN", 2, 3}}));
  std::string words;
  for (int i = 0; i < 5000; ++i) words += "a w" + std::to_string(i) + "\n";
  expect_error(ErrorKind::kInput, {"line 4097", "more than 4096 different tags"},
               [&] { read("a.conll", words); });
}

TEST(TaggedData, ReadsNumbersByTheirNames) {
  const TemporaryFolder folder;
  const auto path =
      put_file(folder / "a.jsonl", "{\"tokens\": [\"a\", \"b\"], \"ner_tags\": [1, 2]}\n");
  const TaggedColumns columns{.names = {"O", "B-X", "I-X"}};
  const auto [data, info] = TaggedStream(path, Split::kTrain, columns).read_all();
  EXPECT_EQ(data.texts[0].entities, (Entities{{"X", 0, 1}}));
  EXPECT_TRUE(info.numbered);
  EXPECT_EQ(read("a.conll", "a 1\nb 0\n", columns).texts[0].entities, (Entities{{"X", 0, 0}}));
  expect_error(ErrorKind::kInput,
               {"line 2", "the tag 3 is a number, but the labels are numbered 0 to 2"},
               [&] { read("a.conll", "a 1\nb 3\n", columns); });
}

// GermEval's and CoNLL-U's; a text may begin with the word #.
TEST(TaggedData, SkipsComments) {
  const TaggedData data = read("a.tsv",
                               "#\thttp://x\t[2009-10-17]\n1\ta\tB-X\tO\n2\t#\tI-X\tO\n\n"
                               "#\thttp://y\t[2009-10-18]\n1\tb\tO\tO\n",
                               {.word = 2, .tag = 3});
  ASSERT_EQ(data.texts.size(), 2u);
  EXPECT_EQ(data.texts[0].text, "a #");
  EXPECT_EQ(
      read("b.conllu", "# sent_id = 1\n# text = b c d\n1\ta\tDET\n", {.word = 2}).texts[0].text,
      "a");
  EXPECT_EQ(read("c.conll", "# O\nTag B-X\n").texts[0].text, "# Tag");
}

TEST(TaggedData, ReadsCluenersSpans) {
  const auto [data, info] = read_whole(
      "a.jsonl",
      "{\"text\": \"彭小 看CS Go，\", \"label\": {\"name\": {\"彭小\": [[0, 1]]}, \"game\": {\"CS "
      "Go\": [[4, 8]]}}}\n");
  EXPECT_TRUE(info.characters);
  EXPECT_EQ(info.scheme, TagScheme::kBios);
  ASSERT_EQ(data.texts[0].words.size(), 8u);  // white space is not a word
  EXPECT_EQ(data.texts[0].entities, (Entities{{"name", 0, 1}, {"game", 3, 6}}));
}

TEST(TaggedData, CountsSpansThatDoNotFit) {
  testing::internal::CaptureStderr();
  const TaggedData data = read("a.jsonl",
                               "{\"text\": \"abcdef\", \"label\": {\"x\": {\"abc\": [[0, 2]], "
                               "\"b\": [[1, 1]]}, \"y\": {\"zz\": [[4, 5]], \"f\": [[5, 9]]}}}");
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(data.texts[0].entities, (Entities{{"x", 0, 2}}));
  EXPECT_NE(log.find("2 spans do not hold their text"), std::string::npos) << log;
  EXPECT_NE(log.find("1 entities overlap"), std::string::npos) << log;
}

TEST(TaggedData, LeavesOutRecordsWithoutWords) {
  testing::internal::CaptureStderr();
  const auto [data, info] = read_whole("a.jsonl",
                                       "{\"words\": [\"a\"], \"tags\": [\"B-X\"]}\n"
                                       "{\"words\": [], \"tags\": []}\n{\"words\": []}\n");
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(data.texts.size(), 1u);
  EXPECT_EQ(info.unlabelled, "");
  EXPECT_NE(log.find("2 records have no words and were left out, the first at line 2"), log.npos)
      << log;
  testing::internal::CaptureStderr();
  EXPECT_EQ(read("b.jsonl", "{\"text\": \" \"}\n{\"text\": \"a\", \"label\": {}}\n").size(), 1u);
  testing::internal::GetCapturedStderr();
}

TEST(TaggedData, KnowsTheFirstTextWithoutTags) {
  const TaggedInfo info =
      read_whole("a.jsonl", "{\"words\": [\"a\"], \"tags\": [\"B-X\"]}\n{\"words\": [\"b\"]}\n")
          .info;
  EXPECT_NE(info.unlabelled.find("a.jsonl', line 2"), std::string::npos) << info.unlabelled;
}

TEST(TaggedData, KnowsWhetherWordsAreCharacters) {
  EXPECT_TRUE(read_whole("a.conll", "\u6211 O\n\u5728 B-X\n2 I-X\n").info.characters);
  EXPECT_FALSE(read_whole("a.conll", "\u6211 O\n\u5728 B-X\n20 I-X\n").info.characters);
}

TEST(TaggedData, SaysWhatIsWrongInFewWords) {
  const std::string many(5000, 'x');
  for (const std::string& content :
       {"a B-X\nb " + many + "\n", "{\"text\": \"ab\", \"label\": {\"" + many + "\": {\"a\": 1}}}",
        "{\"text\": \"ab\", \"label\": {\"x\": {\"" + many + "\": [[0]]}}}"}) {
    const std::optional<Error> error = error_of([&] { read("a", content); });
    ASSERT_TRUE(error.has_value());
    EXPECT_LT(error->message().size(), 300u);
  }
}

TEST(TaggedData, RefusesATypeWithoutName) {
  expect_error(ErrorKind::kInput, {"line 1", "a type in label has no name"}, [] {
    read("a.jsonl", "{\"text\": \"ab\", \"label\": {\"\": {\"a\": [[0, 0]]}}}\n");
  });
}

// A stream in parts of `count` texts yields the same texts as the whole.
void expect_parts(const std::filesystem::path& path, size_t count) {
  SCOPED_TRACE(path.filename());
  const auto [whole, whole_info] = TaggedStream(path, Split::kEvaluate).read_all();
  TaggedStream stream(path, Split::kEvaluate);
  const TaggedInfo info = stream.validate();
  EXPECT_EQ(info.unlabelled, whole_info.unlabelled);
  EXPECT_EQ(info.characters, whole_info.characters);
  EXPECT_EQ(info.scheme, whole_info.scheme);
  EXPECT_EQ(info.types, whole_info.types);
  size_t read = 0;
  for (TaggedData part; stream.next(count, part);) {
    EXPECT_LE(part.texts.size(), count);
    for (const TaggedText& text : part.texts) {
      ASSERT_LT(read, whole.texts.size());
      EXPECT_EQ(text.text, whole.texts[read].text);
      EXPECT_EQ(text.words.size(), whole.texts[read].words.size());
      EXPECT_EQ(text.entities, whole.texts[read].entities);
      ++read;
    }
  }
  EXPECT_EQ(read, whole.texts.size());
}

TEST(TaggedData, ComesInPartsAsItDoesAtOnce) {
  const TemporaryFolder folder;
  const std::vector<std::filesystem::path> paths = {
      // The scheme is IOB1, which only the last text reveals.
      put_file(folder / "a.conll", "a O\n\n\nb O\nc I-X\n\nd I-Y"),
      put_file(folder / "b.jsonl",
               "{\"words\": [\"a\"], \"tags\": [\"O\"]}\n{\"words\": [\"b\", \"c\"], \"tags\": "
               "[\"B-X\", \"E-X\"]}\n{\"words\": [\"d\"], \"tags\": []}\n"),
      put_file(folder / "c.json",
               "[{\"text\": \"ab\", \"label\": {\"X\": {\"b\": [[1, 1]]}}},"
               "{\"text\": \"c\", \"label\": {}}, {\"text\": \"d\"}]"),
  };
  for (const auto& path : paths) {
    for (const size_t count : {1u, 2u, 9u}) expect_parts(path, count);
  }
}

TEST(TaggedData, AStreamSaysWhatIsWrongBeforeItsFirstPart) {
  const TemporaryFolder folder;
  const auto path = put_file(folder / "a.conll", "a B-X\n\nb NN\n");
  expect_error(ErrorKind::kInput, {"line 3", "the tags 'NN' and 'B-X' cannot be mixed"},
               [&] { TaggedStream(path, Split::kEvaluate).validate(); });
  testing::internal::CaptureStderr();
  TaggedStream stream(put_file(folder / "b.conll", "a O\n\nb I-X\n\nc B-X\n"), Split::kEvaluate);
  stream.validate();
  for (TaggedData part; stream.next(1, part);) continue;
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("1 tags break IOB2, at line 3 (b I-X)"), log.npos) << log;
  EXPECT_EQ(log.find("break IOB2", log.find("break IOB2") + 1), log.npos) << log;
}

TEST(TaggedData, FindsTheFileOfAFolder) {
  const TemporaryFolder folder;
  put_file(folder / "eng.train", "a B-X\n");
  put_file(folder / "dev.conll", "b B-X\n");
  const auto first_text = [&](Split split) {
    return TaggedStream(folder.path(), split).read_all().data.texts[0].text;
  };
  EXPECT_EQ(first_text(Split::kTrain), "a");
  EXPECT_EQ(first_text(Split::kEvaluate), "b");
}

}  // namespace
}  // namespace bertune
