// SPDX-License-Identifier: Apache-2.0
// Reading question answering data in both layouts, and the error messages for other files.
#include <gtest/gtest.h>

#include "datasets/squad/reader.h"
#include "expect_error.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

constexpr const char* kTwoQuestions = R"({"version": "1.1", "data": [{"title": "t", "paragraphs": [
  {"context": "Berlin is a city. München too.", "qas": [
    {"id": "q1", "question": "Where?", "answers": [{"text": "Berlin", "answer_start": 0},
                                                   {"text": "a city", "answer_start": 10}]},
    {"id": "q2", "question": "Too?", "answers": [{"answer_start": 26, "text": "too"}]}]},
  {"context": "No one asks.", "qas": []},
  {"context": "Third.", "qas": [
    {"id": "q3", "question": "Which?", "answers": [{"text": "Third", "answer_start": 0}]}]}]}]})";

// One question in SQuAD's layout.
std::string squad(const std::string& context, const std::string& question) {
  return R"({"data": [{"paragraphs": [{"context": ")" + context + R"(", "qas": [)" + question +
         "]}]}]}";
}

class Squad : public testing::Test {
 protected:
  SquadStream::Whole read(const std::string& content, Split split = Split::kTrain) {
    testing::internal::CaptureStderr();
    try {
      SquadStream::Whole whole =
          SquadStream(put_file(folder_ / "file.json", content), split).read_all();
      log_ = testing::internal::GetCapturedStderr();
      return whole;
    } catch (...) {
      log_ = testing::internal::GetCapturedStderr();
      throw;
    }
  }
  void refuse(const std::string& content, std::initializer_list<std::string> parts,
              Split split = Split::kTrain) {
    expect_error(ErrorKind::kInput, parts, [&] { read(content, split); });
  }
  bool logged(const std::string& part) const { return log_.find(part) != std::string::npos; }

  TemporaryFolder folder_;
  std::string log_;
};

TEST_F(Squad, ReadsTheOfficialLayout) {
  const auto [data, info] = read(kTwoQuestions);
  EXPECT_FALSE(info.version2);
  EXPECT_EQ(info.examples, 3);
  EXPECT_EQ(info.answered, 3);
  EXPECT_EQ(data.contexts, (std::vector<std::string>{"Berlin is a city. München too.", "Third."}));
  ASSERT_EQ(data.examples.size(), 3u);
  EXPECT_EQ(data.examples[0].id, "q1");
  EXPECT_EQ(data.examples[0].question, "Where?");
  EXPECT_EQ(data.examples[0].context, 0);
  ASSERT_EQ(data.examples[0].answers.size(), 2u);
  EXPECT_EQ(data.examples[0].answers[1].text, "a city");
  EXPECT_EQ(data.examples[0].answers[1].begin, 10);
  EXPECT_EQ(data.examples[1].answers[0].begin, 27);  // one byte further, because of the ü
  EXPECT_EQ(data.examples[2].context, 1);
  EXPECT_EQ(log_, "");
}

TEST_F(Squad, ReadsItOnOneLineAndWithAByteOrderMark) {
  std::string line = kTwoQuestions;
  std::erase(line, '\n');
  EXPECT_EQ(read(line).data.size(), 3u);
  EXPECT_EQ(read("\uFEFF" + line + "\n\n").data.size(), 3u);
}

TEST_F(Squad, FindsVersion2) {
  const char* kAnswer = R"("answers": [{"text": "C", "answer_start": 0}])";
  const std::string head = R"({"id": "1", "question": "q", )";
  EXPECT_FALSE(read(squad("C", head + kAnswer + "}")).info.version2);
  EXPECT_TRUE(read(squad("C", head + kAnswer + R"(, "is_impossible": false})")).info.version2);
  const auto [data, info] = read(squad("C", head + R"("answers": [], "plausible_answers": []})"));
  EXPECT_TRUE(info.version2);
  EXPECT_EQ(info.unanswered(), 1);
  EXPECT_TRUE(data.examples[0].answers.empty());
}

TEST_F(Squad, ReadsJsonLines) {
  const auto [data, info] = read(
      R"({"id": "a", "context": "In Köln.", "question": "q", "answers": {"text": ["Köln"], "answer_start": [3]}}

{"context": "In Köln.", "question": "r", "answers": [{"text": "In", "answer_start": 0}]}
{"id": 7, "context": "Else", "question": "s", "answers": {"text": ["Else", "Els"], "answer_start": [0, 0]}}
)");
  EXPECT_EQ(data.contexts, (std::vector<std::string>{"In Köln.", "Else"}));
  ASSERT_EQ(data.examples.size(), 3u);
  EXPECT_EQ(data.examples[0].answers[0].begin, 3);
  EXPECT_EQ(data.examples[1].id, "3");  // its line number
  EXPECT_EQ(data.examples[1].context, 0);
  EXPECT_EQ(data.examples[2].id, "7");
  EXPECT_EQ(data.examples[2].answers.size(), 2u);
  EXPECT_FALSE(info.version2);
}

TEST_F(Squad, ReadsOffsetsOnlyWhereTheyAreNeeded) {
  const std::string line = R"({"id": "a", "context": "c", "question": "q"})";
  refuse(line, {"line 1", "'answers' is missing"});
  refuse(line, {"line 1", "'answers' is missing"}, Split::kEvaluate);
  const std::string text = R"({"context": "c", "question": "q", "answers": {"text": ["c"]}})";
  EXPECT_EQ(read(text, Split::kEvaluate).data.examples[0].answers[0].begin, -1);
  refuse(text, {"'answer_start' is missing"});
}

TEST_F(Squad, SkipsAnswersThatDoNotStandAtTheirOffset) {
  const std::string content = squad("Berlin", R"(
    {"id": "1", "question": "q", "answers": [{"text": "Bonn", "answer_start": 0}]},
    {"id": "2", "question": "q", "answers": [{"text": "erlin", "answer_start": 2},
                                             {"text": "Ber", "answer_start": 0}]},
    {"id": "3", "question": "q", "answers": [{"text": "lin", "answer_start": 99}]},
    {"id": "4", "question": "q", "answers": [{"text": "lin", "answer_start": -1}]},
    {"id": "5", "question": "q", "answers": [{"text": "", "answer_start": 0}]})");
  const auto [data, info] = read(content);
  ASSERT_EQ(data.examples.size(), 1u);
  EXPECT_EQ(data.examples[0].id, "2");
  EXPECT_EQ(data.examples[0].answers[0].text, "Ber");
  EXPECT_FALSE(info.version2);
  EXPECT_TRUE(logged("5 answers")) << log_;
  EXPECT_TRUE(logged("4 questions")) << log_;
  EXPECT_EQ(read(content, Split::kEvaluate).data.examples[0].answers[0].text, "Bonn");
  EXPECT_EQ(log_, "");
}

TEST_F(Squad, ReplacesInvalidUtf8WithAWarning) {
  const SquadStream::Whole whole =
      read(squad("a\xff\uFFFD\xe4\xb8z", R"({"id": "1", "question": "q",
    "answers": [{"text": "z", "answer_start": 4}]})"));
  const SquadData& data = whole.data;
  EXPECT_EQ(data.contexts[0], "a\uFFFD\uFFFD\uFFFDz");
  EXPECT_EQ(data.examples[0].answers[0].begin, 10);
  EXPECT_TRUE(logged("not valid UTF-8: 2 ")) << log_;
}

TEST_F(Squad, KeepsNulAndEscapes) {
  const SquadStream::Whole whole = read(squad(R"(a\u0000\"\n\ud83d\ude00b)", R"({"id": "1",
    "question": "q", "answers": [{"text": "b", "answer_start": 5}]})"));
  const SquadData& data = whole.data;
  EXPECT_EQ(data.contexts[0], std::string("a\0\"\n\U0001f600b", 9));
  EXPECT_EQ(data.examples[0].answers[0].begin, 8);
}

TEST_F(Squad, WarnsOfIdsThatComeTwice) {
  const std::string question =
      R"({"id": "same", "question": "q", "answers": [{"text": "c", "answer_start": 0}]})";
  EXPECT_EQ(read(squad("c", question + "," + question)).data.size(), 2u);
  EXPECT_TRUE(logged("'same'")) << log_;
}

TEST_F(Squad, FindsTheOfficialNamesInAFolder) {
  put_file(folder_ / "train-v1.1.json", kTwoQuestions);
  put_file(folder_ / "dev-v2.0.json", squad("c", R"({"id": "d", "question": "q", "answers": []})"));
  const auto read_folder = [&](Split split) {
    return SquadStream(folder_.path(), split).read_all().data;
  };
  EXPECT_EQ(read_folder(Split::kTrain).examples[0].id, "q1");
  EXPECT_EQ(read_folder(Split::kEvaluate).examples[0].id, "d");
  put_file(folder_ / "dev-v1.1.json", kTwoQuestions);
  expect_error(ErrorKind::kUsage, {"both dev-v1.1.json and dev-v2.0.json"},
               [&] { read_folder(Split::kEvaluate); });
}

TEST_F(Squad, ListsAFolderWithoutThem) {
  const auto read_folder = [&] { SquadStream(folder_.path(), Split::kTrain); };
  expect_error(ErrorKind::kInput, {"train-v1.1.json", "it is empty"}, read_folder);
  put_file(folder_ / "b.json", "{}");
  put_file(folder_ / "a.txt", "");
  expect_error(ErrorKind::kInput, {"it holds a.txt, b.json"}, read_folder);
  for (int i = 0; i < 12; ++i) put_file(folder_ / (std::string("c") + std::to_string(i)), "");
  expect_error(ErrorKind::kInput, {"c5 and 4 more"}, read_folder);
}

TEST_F(Squad, NamesAFileThatIsNotThere) {
  expect_error(ErrorKind::kSystem, {"nowhere.json", "No such file"},
               [&] { SquadStream(folder_ / "nowhere.json", Split::kTrain); });
}

TEST_F(Squad, SaysWhereJsonBreaksOff) {
  const std::string whole = kTwoQuestions;
  refuse(whole.substr(0, whole.size() / 2), {"file.json", "line 4", "ends in the middle"});
  refuse(whole + "}", {"line 8", "not JSON"});
  refuse("", {"is empty"});
  refuse(" \n", {"is empty"});
  refuse("id\tquestion\n", {"line 1, column 1", "not JSON"});
  const auto csv = error_of([&] { read("context,question,answer\na,b,c\n"); });
  ASSERT_TRUE(csv.has_value());
  EXPECT_NE(csv->message().find("not JSON, which question answering needs"), std::string::npos);
  EXPECT_NE(csv->hint().find("convert CSV"), std::string::npos);
  refuse(R"({"context": "c", "question": "q", "answers": []})"
         "\n{\"context\": \n",
         {"line 2", "ends in the middle"});
  refuse(squad(R"(\ud83d)", ""), {"line 1, column"});
}

TEST_F(Squad, SaysWhatIsMissingWhere) {
  refuse("[]", {"the top must be an object, but is a list"});
  refuse("{}", {"the top", "'data' is missing"});
  refuse(R"({"data": {}})", {"data must be a list, but is an object"});
  refuse(R"({"data": [{"title": "t"}]})", {"data[0]", "'paragraphs' is missing"});
  refuse(R"({"data": [{"paragraphs": []}, {"paragraphs": [{"qas": []}]}]})",
         {"data[1].paragraphs[0]", "'context' is missing"});
  refuse(squad("c", R"({"id": "1", "answers": []})"),
         {"data[0].paragraphs[0].qas[0]", "'question' is missing"});
  refuse(squad("c", R"({"question": "q", "answers": []})"), {"'id' is missing"});
  refuse(squad("c", R"({"id": "1", "question": "q", "answers": "c"})"),
         {"answers must be a list, but is a string"});
  refuse(squad("c", R"({"id": "1", "question": "q", "answers": [{"text": "c"}]})"),
         {"qas[0].answers[0]", "'answer_start' is missing"});
  refuse(squad("c",
               R"({"id": "1", "question": "q", "answers": [{"text": "c", "answer_start": "0"}]})"),
         {"answer_start must be a whole number, but is a string"});
  refuse(squad("c", R"({"id": null, "question": "q", "answers": []})"), {"id must be a string"});
}

TEST_F(Squad, SaysWhatIsMissingOnALine) {
  const std::string good = R"({"context": "c", "question": "q", "answers": []})";
  refuse(good + "\n" + R"({"context": "c"})", {"line 2", "'question' is missing"});
  refuse(good + "\n[1]", {"line 2", "must be an object"});
  refuse(R"({"text": "c"})"
         "\n" +
             good,
         {"line 1", "'context' is missing"});
  refuse(R"({"context": "c", "question": "q", "answers": {"text": ["a"], "answer_start": []}})",
         {"line 1", "1 texts, but 0 offsets"});
}

TEST_F(Squad, RefusesADataSetWithoutAQuestion) {
  refuse(R"({"data": []})", {"no question"});
  refuse(squad("c", ""), {"no question"});
}

// The ids and contexts from a stream that yields `count` questions at a time.
std::vector<std::string> stream(const std::filesystem::path& path, size_t count) {
  SquadStream stream(path, Split::kEvaluate);
  stream.validate();
  std::vector<std::string> found;
  SquadData data;
  while (stream.next(count, data)) {
    for (const SquadExample& example : data.examples)
      found.push_back(example.id + ":" + data.contexts[example.context]);
    found.push_back("|");
  }
  return found;
}

TEST_F(Squad, StreamsWholeParagraphs) {
  const auto path = put_file(folder_ / "a.json", kTwoQuestions);
  const std::string first = ":Berlin is a city. München too.";
  using Strings = std::vector<std::string>;
  EXPECT_EQ(stream(path, 1), (Strings{"q1" + first, "q2" + first, "|", "q3:Third.", "|"}));
  EXPECT_EQ(stream(path, 2), stream(path, 1));
  EXPECT_EQ(stream(path, 3), (Strings{"q1" + first, "q2" + first, "q3:Third.", "|"}));
}

TEST_F(Squad, StreamsLinesAndKnowsTheVersionFromTheStart) {
  const auto path = put_file(folder_ / "a.jsonl",
                             R"({"context": "c", "question": "q", "answers": []})"
                             "\n\n"
                             R"({"context": "c", "question": "q", "answers": [{"text": "c"}]})");
  using Strings = std::vector<std::string>;
  EXPECT_EQ(stream(path, 1), (Strings{"1:c", "|", "3:c", "|"}));
  EXPECT_EQ(stream(path, 9), (Strings{"1:c", "3:c", "|"}));
  EXPECT_TRUE(SquadStream(path, Split::kEvaluate).validate().version2);
}

TEST_F(Squad, AStreamSaysWhatIsWrongBeforeItsFirstPart) {
  const std::string good = R"({"context": "c", "question": "q", "answers": []})";
  const auto path = put_file(folder_ / "a.jsonl", good + "\n" + good + "\n{}");
  expect_error(ErrorKind::kInput, {"line 3", "'context' is missing"},
               [&] { SquadStream(path, Split::kEvaluate).validate(); });
}

TEST(AddQuestion, KeepsAContextOfItsOwn) {
  SquadData data;
  add_question(data, "1", "Köln", "Where?");
  add_question(data, "2", "bad \xff", "Who \xff?");
  EXPECT_EQ(data.contexts, (std::vector<std::string>{"Köln", "bad \uFFFD"}));
  EXPECT_EQ(data.examples[1].question, "Who \uFFFD?");
  EXPECT_EQ(data.examples[1].context, 1);
}

}  // namespace
}  // namespace bertune
