// SPDX-License-Identifier: Apache-2.0
#include "cli/predict.h"

#include <fmt/format.h>

#include <functional>
#include <memory>
#include <vector>

#include "bertune/bertune.h"
#include "cli/choose_model.h"
#include "cli/flags.h"
#include "cli/print_result.h"
#include "console/results.h"

namespace bertune {
namespace {

// Large enough to fill many passes, small enough to be held in memory.
constexpr size_t kInputsInPart = 1024;

struct PredictFlags {
  CheckpointFlags checkpoint;
  std::string input;
  std::string text_pair;
  std::string context;
  std::string question;
  std::string file;
  bool json = false;
  PredictRequest request;
  PredictorOptions predictor;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    CheckpointFlags::visit(self.checkpoint, visitor);
    visitor(Option{"input", "a text; for question answering \"context - question\""}, self.input);
    visitor(Option{"text_pair", "the second text of a pair; used with --input"}, self.text_pair);
    visitor(Option{"context", "the context; used with --question"}, self.context);
    visitor(Option{"question", "the question; used with --context"}, self.question);
    visitor(Option{"file",
                   "JSON lines, each a text or an object with its parts; for text and token "
                   "classification also a .tsv or .csv file; - reads JSON from standard input"},
            self.file);
    visitor(Option{"json", "print one JSON list and nothing else on standard output"}, self.json);
    PredictRequest::visit(self.request, visitor);
    PredictorOptions::visit(self.predictor, visitor);
  }
};

void check_input(const PredictFlags& flags) {
  if (!flags.text_pair.empty() && flags.input.empty()) {
    throw Error(ErrorKind::kUsage, option("text_pair") + " is given without " + option("input"),
                "give the first text with " + option("input"));
  }
  const bool pair = !flags.context.empty() || !flags.question.empty();
  const int forms = !flags.input.empty() + pair + !flags.file.empty();
  if (forms == 1 && !(pair && (flags.context.empty() || flags.question.empty()))) return;
  throw Error(
      ErrorKind::kUsage, "predict needs one input",
      fmt::format("give {} (\"context - question\" for question answering), or {} and {}, "
                  "or {}",
                  option("input", "TEXT"), option("context"), option("question"), option("file")));
}

Input given_input(const PredictFlags& flags) {
  if (!flags.text_pair.empty()) return TextPair{flags.input, flags.text_pair};
  if (!flags.input.empty()) return flags.input;
  return ContextQuestion{flags.context, flags.question};
}

void predict_file(const PredictFlags& flags, const Predictor& predictor,
                  const std::function<void(const std::vector<Input>&)>& answer) {
  InputReader file = predictor.read_inputs(flags.file);
  std::vector<Input> part = file.next(kInputsInPart);
  if (part.empty()) {
    throw Error(ErrorKind::kInput, fmt::format("'{}' has no line with an input", flags.file),
                "write one JSON string or object on each line, or a table in .tsv or .csv");
  }
  for (; !part.empty(); part = file.next(kInputsInPart)) answer(part);
}

// Prints results block by block, so that memory does not grow with the file.
void run_prediction(const PredictFlags& flags) {
  check_input(flags);
  const Predictor predictor(choose_model(flags.checkpoint), flags.predictor, console_fetching());
  const bool flat = predictor.is_flat(flags.request.top_k);
  std::string open = flags.json ? "[" : "output result is: [";
  const auto answer = [&](const std::vector<Input>& inputs) {
    PredictRequest request = flags.request;
    request.inputs = inputs;
    const Predictions part = predictor.predict(request);
    const std::string list =
        flags.json ? predictions_json(part, flat) : predictions_text(part, flat);
    print_part(open + list.substr(1, list.size() - 2));
    open = ", ";
  };
  if (flags.file.empty()) {
    answer({given_input(flags)});
  } else {
    predict_file(flags, predictor, answer);
  }
  print_result("]");
}

}  // namespace

void add_predict(CLI::App& app) {
  CLI::App& subcommand = *app.add_subcommand("predict", "run a model on texts or questions");
  auto flags = std::make_shared<PredictFlags>();
  bind_flags(subcommand, *flags);
  subcommand.callback([flags] { run_prediction(*flags); });
}

}  // namespace bertune
