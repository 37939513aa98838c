// SPDX-License-Identifier: Apache-2.0
// Text classification data: formats, columns, GLUE's files, and error messages for invalid files.
#include <gtest/gtest.h>

#include <functional>

#include "datasets/table/reader.h"
#include "expect_error.h"
#include "temporary_folder.h"
#include "text/utf8.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

TextStream::Whole read_whole(const std::string& name, std::string_view content,
                             const TextColumns& columns = {}) {
  const TemporaryFolder folder;
  return TextStream(put_file(folder / name, content), Split::kTrain, columns).read_all();
}

TextData read(const std::string& name, std::string_view content, const TextColumns& columns = {}) {
  return read_whole(name, content, columns).data;
}

TextInfo info_of(const std::string& name, std::string_view content) {
  return read_whole(name, content).info;
}

std::string log_of(const std::function<void()>& work) {
  testing::internal::CaptureStderr();
  work();
  return testing::internal::GetCapturedStderr();
}

std::vector<std::string> fields(const TextData& data, std::string TextExample::*member) {
  std::vector<std::string> values;
  for (const TextExample& example : data.examples) values.push_back(example.*member);
  return values;
}

using Strings = std::vector<std::string>;

TEST(TextData, FindsColumnsByTheirUsualNames) {
  const auto [single, info] =
      read_whole("a.csv", "id,label,text\n1,pos,\"good, really\"\n2,neg,bad\n");
  EXPECT_EQ(fields(single, &TextExample::text), (Strings{"good, really", "bad"}));
  EXPECT_EQ(fields(single, &TextExample::label), (Strings{"pos", "neg"}));
  EXPECT_FALSE(info.pairs);
  const TextStream::Whole pair = read_whole("a.tsv", "premise\thypothesis\tlabel\na\tb\tyes\n");
  EXPECT_TRUE(pair.info.pairs);
  EXPECT_EQ(pair.data.examples[0].text_pair, "b");
  const TextData other = read("a.tsv", "tweet\tlabel\thello\na\tb\tc\n",
                              {.text = "tweet", .text_pair = "", .label = "hello"});
  EXPECT_EQ(other.examples[0].label, "c");
  EXPECT_EQ(read("a.csv", "label,tweet\nx,hi\n").examples[0].text, "hi");  // the only other column
}

TEST(TextData, TakesNumbersOfColumnsWhereThereIsNoHeader) {
  const TextData data = read("a.tsv", "7\tfirst\tpos\n8\tsecond\tneg\n",
                             {.text = "2", .text_pair = "", .label = "3"});
  EXPECT_EQ(fields(data, &TextExample::text), (Strings{"first", "second"}));
  EXPECT_EQ(fields(data, &TextExample::label), (Strings{"pos", "neg"}));
}

TEST(TextData, ReadsSeveralLabels) {
  const TextColumns columns{.label = "rude,\"odd\" one"};
  const auto [data, info] =
      read_whole("a.tsv", "text\trude\t\"odd\" one\nx\t1\t0\ny\t0\t0\n", columns);
  EXPECT_TRUE(info.multi_label);
  EXPECT_EQ(info.label_columns, (Strings{"rude", "\"odd\" one"}));
  EXPECT_EQ(data.examples[0].labels, (Strings{"rude"}));
  EXPECT_TRUE(data.examples[1].all_labels().empty());
  const auto read_json = [](const std::string& rest, const TextColumns& of) {
    return read("a.json", "[{\"text\": \"x\", " + rest + "}]", of).examples[0].labels;
  };
  EXPECT_EQ(read_json("\"label\": [\"b\", 1]", {}), (Strings{"b", "1"}));
  EXPECT_EQ(read_json("\"a\": true, \"b\": 0", {.label = "a,b"}), (Strings{"a"}));
  EXPECT_EQ(read_json("\"label\": \"a | b|\"", {.separator = "|"}), (Strings{"a", "b"}));
}

TEST(TextData, RefusesSeveralLabelsThatItCannotRead) {
  const auto refuses = [](const std::string& name, const std::string& content,
                          const TextColumns& columns, ErrorKind kind, const char* part) {
    expect_error(kind, {part}, [&] { read(name, content, columns); });
  };
  const std::string rows = "text,a,b\nx,1,0\ny,2,\n";
  refuses("a.csv", rows, {.label = "a,b"}, ErrorKind::kInput,
          "line 3: '2' in column 'a' is neither 0 nor 1");
  refuses("a.csv", rows, {.label = "a,c"}, ErrorKind::kInput, "there is no column 'c'");
  refuses("a.csv", rows, {.label = "a,a"}, ErrorKind::kUsage, "a name is empty or comes twice");
  refuses("a.jsonl", "{\"text\": \"x\", \"label\": [\"\"]}", {}, ErrorKind::kInput,
          "line 1: a label is empty");
  refuses("a.jsonl", "{\"text\": \"x\", \"label\": [[]]}", {}, ErrorKind::kInput, "line 1");
}

TEST(TextData, ReadsJsonLinesAndLists) {
  const auto [lines, info] =
      read_whole("a.jsonl",
                 "{\"sentence1\": \"a\", \"sentence2\": \"b\", \"label\": 1, \"idx\": 0}\n"
                 "\n{\"sentence1\": \"c\", \"sentence2\": \"d\", \"label\": 0.5}\n");
  EXPECT_TRUE(info.pairs);
  EXPECT_EQ(fields(lines, &TextExample::label), (Strings{"1", "0.5"}));
  EXPECT_EQ(lines.places, (Strings{"line 1", "line 3"}));
  const TextData list = read("a.json", "[{\"text\": \"a\", \"label\": true}]");
  EXPECT_EQ(list.examples[0].label, "true");
}

TEST(TextData, FindsTheFileOfAFolder) {
  const TemporaryFolder folder;
  put_file(folder / "train.csv", "text,label\na,x\n");
  put_file(folder / "validation.jsonl", "{\"text\": \"b\", \"label\": \"y\"}\n");
  const auto first_text = [&](Split split) {
    return TextStream(folder.path(), split).read_all().data.examples[0].text;
  };
  EXPECT_EQ(first_text(Split::kTrain), "a");
  EXPECT_EQ(first_text(Split::kEvaluate), "b");
  const TemporaryFolder empty;
  expect_error(ErrorKind::kInput, {"has no file named train", "it is empty"},
               [&] { TextStream(empty.path(), Split::kTrain); });
}

struct GlueCase {
  const char* name;
  const char* content;
  const char* text;
  const char* pair;
  const char* label;
};

TEST(TextData, RecognisesTheFilesOfGlue) {
  const GlueCase cases[] = {
      {"CoLA", "gj04\t1\t\tOne \"more.\ncj99\t0\t*\tWords not.\n", "One \"more.", "", "acceptable"},
      {"SST-2", "sentence\tlabel\ngood \t1\n", "good ", "", "positive"},
      {"MRPC", "\uFEFFQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\n0\t1\t2\t\"a\tb\n", "\"a", "b",
       "not_equivalent"},
      {"QQP", "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n1\t2\t3\ta\tb\t1\n", "a", "b",
       "duplicate"},
      {"STS-B",
       "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n"
       "0\tg\tf\ty\to\ts\tt\ta\tb\t3.250\n",
       "a", "b", "3.250"},
      {"MNLI",
       "index\tpromptID\tpairID\tgenre\tsentence1_binary_parse\tsentence2_binary_parse\t"
       "sentence1_parse\tsentence2_parse\tsentence1\tsentence2\tlabel1\tgold_label\n"
       "0\t1\t2\tg\tp\tp\tp\tp\ta\tb\tneutral\tcontradiction\n",
       "a", "b", "contradiction"},
      {"QNLI", "index\tquestion\tsentence\tlabel\n0\ta\tb\tnot_entailment\n", "a", "b",
       "not_entailment"},
      {"RTE", "index\tsentence1\tsentence2\tlabel\n0\ta\tb\tentailment\n", "a", "b", "entailment"},
      {"WNLI", "index\tsentence1\tsentence2\tlabel\n0\ta\tb\t1\n", "a", "b", "1"},
  };
  for (const GlueCase& c : cases) {
    SCOPED_TRACE(c.name);
    testing::internal::CaptureStderr();
    const auto [data, info] = read_whole("train.tsv", c.content);
    EXPECT_NE(testing::internal::GetCapturedStderr().find(c.name), std::string::npos);
    ASSERT_NE(info.glue, nullptr);
    EXPECT_STREQ(info.glue->name, c.name);
    EXPECT_EQ(data.examples[0].text, c.text);
    EXPECT_EQ(data.examples[0].text_pair, c.pair);
    EXPECT_EQ(data.examples[0].label, c.label);
  }
}

TEST(TextData, DropsRowsOfGlueWithMissingFieldsWithAWarning) {
  TextData data;
  const std::string log = log_of([&] {
    data = read("train.tsv",
                "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n"
                "1\t2\t3\ta\tb\t1\n1\t2\t3\tcut\n1\t2\t3\tc\td\t0\n");
  });
  EXPECT_EQ(data.examples.size(), 2u);
  EXPECT_NE(log.find("1 rows with missing fields"), std::string::npos) << log;
}

TEST(TextData, LeavesOwnFilesThatLookLikeGlueAlone) {
  EXPECT_EQ(info_of("train.tsv", "sentence\tlabel\ngood\tgreat\n").glue, nullptr);
  EXPECT_EQ(read_whole("train.tsv", "sentence\tlabel\ngood\t1\n",
                       {.text = "sentence", .text_pair = "", .label = "label"})
                .info.glue,
            nullptr);
  expect_error(ErrorKind::kInput, {"line 3", "'2' is no label of GLUE's SST-2"},
               [] { read("train.tsv", "sentence\tlabel\ngood\t1\nbad\t2\n"); });
}

TEST(TextData, ReadsBothDevFilesOfMnli) {
  const std::string header = "index\tpromptID\tgenre\tsentence1\tsentence2\tlabel1\tgold_label\n";
  const TemporaryFolder folder;
  put_file(folder / "dev_matched.tsv", header + "0\t1\tg\ta\tb\tneutral\tneutral\n");
  put_file(folder / "dev_mismatched.tsv", header + "0\t1\tg\tc\td\tneutral\tentailment\n");
  TextStream stream(folder.path(), Split::kEvaluate);
  const TextInfo info = stream.validate();
  EXPECT_EQ(info.examples, 2);
  EXPECT_EQ(info.files, (std::vector<fs::path>{folder.path() / "dev_matched.tsv",
                                               folder.path() / "dev_mismatched.tsv"}));
  TextData data;
  ASSERT_TRUE(stream.next(9, data));
  EXPECT_EQ(data.examples.size(), 1u);
  ASSERT_TRUE(stream.next(9, data));
  EXPECT_NE(data.place_of(0).find("dev_mismatched.tsv', line 2"), std::string::npos);
  EXPECT_FALSE(stream.next(9, data));
}

// The examples, with their locations, of each of two passes over a stream in parts of `count`.
std::vector<Strings> passes(const fs::path& path, size_t count) {
  TextStream stream(path, Split::kEvaluate);
  std::vector<Strings> passes;
  const TextInfo info = stream.validate();
  for (int pass = 0; pass < 2; ++pass, stream.rewind()) {
    Strings& found = passes.emplace_back();
    for (TextData part; stream.next(count, part);) {
      EXPECT_LE(part.examples.size(), count);
      for (size_t e = 0; e < part.examples.size(); ++e) {
        const TextExample& example = part.examples[e];
        found.insert(found.end(),
                     {example.text, example.text_pair, example.label, part.place_of(e)});
      }
    }
    EXPECT_EQ(found.size(), static_cast<size_t>(4 * info.examples));
  }
  return passes;
}

// Parts of any size yield the same examples.
void expect_parts(const fs::path& path, size_t count) {
  SCOPED_TRACE(path.filename());
  const std::vector<Strings> whole = passes(path, 1000);
  EXPECT_EQ(whole[0], whole[1]);
  EXPECT_EQ(passes(path, count), whole);
}

TEST(TextData, ComesInPartsAsItDoesAtOnce) {
  const TemporaryFolder folder;
  const std::vector<fs::path> paths = {
      put_file(folder / "a.tsv", "text\tlabel\na\tx\n\nb\ty\nc\tx"),
      put_file(folder / "b.csv", "label,text\nx,\"a\nb\"\ny,c\nx,\"d\ne\"\n"),
      put_file(folder / "c.jsonl",
               "{\"text\": \"a\", \"label\": 1}\n\n{\"text\": \"b\", \"label\": "
               "0}\n{\"premise\": \"c\", \"hypothesis\": \"d\", \"label\": 1}\n"),
      put_file(folder / "d.json",
               "[{\"text\": \"a\", \"label\": 1} ,\n{\"text\": \"b\", \"label\": "
               "0},{\"text\": \"c\", \"label\": 1}]\n"),
      put_file(folder / "cola.tsv", "g\t1\t\ta.\ng\t0\t*\tb.\ng\ng\t1\t\tc.\n"),
  };
  for (const fs::path& path : paths) {
    for (const size_t count : {1u, 2u, 3u, 9u}) expect_parts(path, count);
  }
}

TEST(TextData, PartsAreOfOneFile) {
  const std::string header = "index\tpromptID\tgenre\tsentence1\tsentence2\tlabel1\tgold_label\n";
  const std::string row = "0\t1\tg\ta\tb\tneutral\tneutral\n";
  const TemporaryFolder folder;
  put_file(folder / "dev_matched.tsv", header + row + row + row);
  put_file(folder / "dev_mismatched.tsv", header + row);
  for (const size_t count : {1u, 2u, 9u}) expect_parts(folder.path(), count);
}

TEST(TextData, AStreamSaysWhatIsWrongBeforeItsFirstPart) {
  const TemporaryFolder folder;
  const auto refuses = [&](const std::string& name, const std::string& content,
                           std::initializer_list<std::string> what) {
    const fs::path path = put_file(folder / name, content);
    expect_error(ErrorKind::kInput, what, [&] { TextStream(path, Split::kEvaluate).validate(); });
  };
  refuses("a.csv", "text,label\na,b\nc\n", {"line 3", "1 fields, but the first row has 2"});
  refuses("a.csv", "text,label\n", {"holds no example"});
  const std::string record = R"({"text": "a", "label": "b"})";
  refuses("a.jsonl", record + "\n{}\n", {"line 2", "no column looks like a text"});
  refuses("a.json", "[" + record + ",\n" + record, {"line 2", "ends in the middle"});
  refuses("a.json", "[" + record + "\n" + record + "]", {"line 2, column 1", "not JSON"});
  refuses("a.json", "[" + record + "]\n]", {"line 2, column 1", "not JSON"});
  refuses("a.json", "[" + record + ", 7]", {"entry 2", "expected an object, not a number"});
}

TEST(TextData, SaysWhatIsWrongWithAFile) {
  expect_error(ErrorKind::kInput, {"no column 'tweeet'"}, [] {
    read("a.csv", "tweet,label\na,b\n", {.text = "tweeet", .text_pair = "", .label = ""});
  });
  expect_error(ErrorKind::kInput, {"no column looks like a label", "text, stars, id"},
               [] { read("a.csv", "text,stars,id\na,b,c\n"); });
  expect_error(ErrorKind::kInput, {"line 3", "3 fields, but the first row has 2"},
               [] { read("a.csv", "text,label\na,b\nc,d,e\n"); });
  expect_error(ErrorKind::kInput, {"line 2", "no label"},
               [] { read("a.csv", "text,label\na,\n"); });
  expect_error(ErrorKind::kInput, {"line 2", "no column 'label'"}, [] {
    read("a.jsonl", "{\"text\": \"a\", \"label\": 1}\n{\"text\": \"b\"}\n",
         {.text = "text", .text_pair = "", .label = "label"});
  });
  expect_error(ErrorKind::kInput, {"line 1", "text must be a string, but is a number"},
               [] { read("a.jsonl", "{\"text\": 1, \"label\": 1}\n"); });
  expect_error(ErrorKind::kInput, {"no example"}, [] { read("a.csv", "text,label\n"); });
  expect_error(ErrorKind::kInput, {"no example"}, [] { read("a.csv", ""); });
  expect_error(ErrorKind::kSystem, {"nowhere"},
               [] { TextStream("/nowhere/x.csv", Split::kTrain); });
}

TEST(TextData, SaysThatARecordIsEmpty) {
  expect_error(ErrorKind::kInput, {"line 1", "no column 'x'"},
               [] { read("a.jsonl", "{}\n", {.text = "x", .text_pair = "", .label = ""}); });
}

TEST(TextData, CountsEmptyTexts) {
  const std::string log = log_of([] { read("a.csv", "text,label\n,x\nb,y\n \t,x\n"); });
  EXPECT_NE(log.find("2 texts are empty, the first at line 2"), std::string::npos) << log;
}

TEST(TextData, ListsItsLabelsWithTheirFirstPlace) {
  const TextInfo info = info_of("a.csv", "text,label\na,b\nc,x\nd,b\ne,1.5\n");
  ASSERT_EQ(info.labels.size(), 3u);
  EXPECT_EQ(info.labels[1].name, "x");
  EXPECT_TRUE(info.labels[1].place.ends_with("a.csv', line 3")) << info.labels[1].place;
  ASSERT_TRUE(info.not_a_number.has_value());
  EXPECT_EQ(info.not_a_number->name, "b");
  EXPECT_FALSE(info.regression());
}

TEST(TextData, HasNumbersIfAllLabelsAreNumbersAndNotAllWhole) {
  EXPECT_FALSE(info_of("a.csv", "text,label\na,1\nb,5\n").regression());
  EXPECT_TRUE(info_of("a.csv", "text,label\na,1.5\nb,5\n").regression());
  EXPECT_FALSE(info_of("a.csv", "text,label\na,1.5\nb,inf\n").regression());
}

TEST(TextData, KeepsALimitedNumberOfLabels) {
  TextInfo info;
  for (size_t i = 0; i < TextInfo::kMostLabels + 10; ++i) {
    info.add({.path = "f", .examples = {{.label = std::to_string(i)}}, .places = {"line 1"}});
  }
  EXPECT_EQ(info.labels.size(), TextInfo::kMostLabels);
  info.add({.path = "f", .examples = {{.label = "x"}}, .places = {"line 2"}});
  ASSERT_TRUE(info.not_a_number.has_value());
  EXPECT_EQ(info.not_a_number->place, "'f', line 2");
}

// Whatever a file contains, an error message is text that fits on a screen.
TEST(TextData, SaysWhatIsWrongInFewWords) {
  const std::string many(5000, 'x');
  const auto refuses = [](const std::string& name, const std::string& content) {
    const std::optional<Error> error = error_of([&] { read(name, content); });
    ASSERT_TRUE(error.has_value()) << content.substr(0, 50);
    EXPECT_LT(error->message().size() + error->hint().size(), 1000u);
    EXPECT_TRUE(is_valid_utf8(error->message())) << error->message();
  };
  refuses("a.csv", "a," + many + "\n1,2\n");
  refuses("a.jsonl", "{\"" + many + "\": 1}\n");
  refuses("a.csv", "text,label\n\"a\"xé" + std::string(10, 'x') + "éééé,b\n");
  refuses("a.tsv", "index\tsentence1\tsentence2\tlabel\n0\ta\tb\tentailment\n1\ta\tb\t" + many);
}

}  // namespace
}  // namespace bertune
