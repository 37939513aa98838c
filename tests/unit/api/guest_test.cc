// SPDX-License-Identifier: Apache-2.0
// The library is a guest in its process: after every public call, also one that throws, OpenMP's
// number of threads, the floating-point modes, signal handlers, locale and file mode mask of the
// calling thread are as before.
#include <gtest/gtest.h>
#include <omp.h>
#include <signal.h>
#include <sys/stat.h>
#include <xmmintrin.h>

#include <clocale>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "unit/api/trained.h"

namespace bertune {
namespace {

struct Settings {
  int threads = 0;
  unsigned modes = 0;  // MXCSR without the flags that record what has happened
  std::vector<std::pair<sighandler_t, int>> handlers;
  std::vector<int> blocked;
  std::string locale;
  mode_t mask = 0;
  std::filesystem::path folder;

  friend bool operator==(const Settings&, const Settings&) = default;
};

mode_t mode_mask() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return mask;
}

Settings settings() {
  constexpr unsigned kHappened = 0x3F;
  Settings now{.threads = omp_get_max_threads(),
               .modes = _mm_getcsr() & ~kHappened,
               .locale = std::setlocale(LC_ALL, nullptr),
               .mask = mode_mask(),
               .folder = std::filesystem::current_path()};
  sigset_t blocked;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction action {};
    ::sigaction(signal, nullptr, &action);
    now.handlers.emplace_back(action.sa_handler, action.sa_flags);
    now.blocked.push_back(::sigismember(&blocked, signal));
  }
  return now;
}

// Makes the settings unlike any that the library would choose, until the end.
class UnusualHost {
 public:
  UnusualHost() : locale_(std::setlocale(LC_ALL, nullptr)), mask_(::umask(027)) {
    std::setlocale(LC_ALL, "C.UTF-8");
    for (const int signal : kSignals) {
      handlers_.push_back(::signal(signal, [](int) {}));
    }
  }
  ~UnusualHost() {
    ::umask(mask_);
    std::setlocale(LC_ALL, locale_.c_str());
    for (size_t i = 0; i < std::size(kSignals); ++i) ::signal(kSignals[i], handlers_[i]);
  }
  UnusualHost(const UnusualHost&) = delete;
  UnusualHost& operator=(const UnusualHost&) = delete;

  void call(const std::function<void()>& calls) const {
    std::thread thread([&] {
      omp_set_num_threads(7);
      _mm_setcsr(_mm_getcsr() | _MM_ROUND_TOWARD_ZERO);
      sigset_t blocked;
      ::sigemptyset(&blocked);
      ::sigaddset(&blocked, SIGUSR2);
      ::pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
      calls();
    });
    thread.join();
  }

 private:
  static constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ, SIGUSR1};
  std::string locale_;
  mode_t mask_;
  std::vector<sighandler_t> handlers_;
};

void returns(const char* door, const std::function<void()>& call) {
  const Settings before = settings();
  EXPECT_NO_THROW(call()) << door;
  EXPECT_EQ(settings(), before) << door;
}

void throws(const char* door, const std::function<void()>& call) {
  const Settings before = settings();
  EXPECT_THROW(call(), Error) << door;
  EXPECT_EQ(settings(), before) << door;
}

const std::vector<Input> kInputs(80, "m n o p q r - n"), kWrong{"no question"};

TEST_F(Trained, TrainerLeavesTheHostAsItWas) {
  const TemporaryFolder folder;
  TrainOptions options = options_in(folder);
  options.optimizer.epochs = 2;
  options.validation.eval_epochs = 1;
  options.compute.threads = 2;
  UnusualHost().call([&] {
    Trainer trainer(options);
    returns("train", [&] { trainer.train({.events = TrainEvents{}}); });
    returns("evaluate", [&] { trainer.evaluate(); });
    returns("predict", [&] { trainer.predict({.input_data = kInputs}); });
    returns("console_events", [&] { trainer.train(); });
    const TrainEvents failing{
        .step = [](const StepReport&) { throw Error(ErrorKind::kUsage, ""); }};
    throws("train", [&] { trainer.train({.events = failing}); });
    throws("evaluate", [&] { trainer.evaluate({.eval_checkpoint = "/no/model"}); });
    throws("predict", [&] { trainer.predict({.input_data = kWrong}); });
    throws("Trainer", [] { Trainer({.task = "no_task"}); });
  });
}

TEST_F(Trained, PredictorLeavesTheHostAsItWas) {
  const TemporaryFolder folder;
  const std::string data = options_in(folder).eval_dataset.path;
  const std::string answers = (folder / "answers.json").string();
  UnusualHost().call([&] {
    returns("Predictor", [&] { const Predictor predictor(result_->checkpoint.string()); });
    const Predictor predictor(result_->checkpoint.string(), {.compute = {.threads = 2}});
    returns("predict", [&] { predictor.predict({.inputs = kInputs}); });
    returns("evaluate", [&] {
      predictor.evaluate({.eval_dataset = data, .files = {.predictions = answers}},
                         console_evaluating());
    });
    returns("score", [&] { score({.predictions = answers, .eval_dataset = data}); });
    throws("Predictor", [] { const Predictor none("/no/model"); });
    throws("predict", [&] { predictor.predict({.inputs = kWrong}); });
    throws("evaluate", [&] { predictor.evaluate({.eval_dataset = "/no/data"}); });
    throws("score", [&] { score({.predictions = "/no/file", .eval_dataset = data}); });
  });
}

TEST_F(Trained, FunctionsLeaveTheHostAsItWas) {
  const TemporaryFolder folder;
  const std::string model = tiny_model().string(), output = (folder / "exported").string();
  const std::string inputs = put_file(folder / "inputs.jsonl", "\"a - b\"\n\"no dash\"\n").string();
  const std::vector<TextToEncode> texts(100, TextToEncode{"a b c", {}});
  UnusualHost().call([&] {
    returns("export_model", [&] { export_model({.model = model, .output = output}); });
    throws("export_model", [&] { export_model({.model = "/no/model", .output = output}); });
    returns("pull", [&] { pull(model, console_fetching()); });
    throws("pull", [] { pull("/no/model"); });
    returns("models", [] { models(); });
    returns("tasks", [] { tasks(); });
    returns("find_task", [] { is_flat(find_task("fill_mask"), 1); });
    throws("find_task", [] { find_task("no_task"); });
    returns("find_checkpoint", [&] { find_checkpoint((*folder_ / "out").string()); });
    throws("find_checkpoint", [] { find_checkpoint("/no/output"); });
    returns("load_tokenizer", [&] { load_tokenizer(model); });
    throws("load_tokenizer", [] { load_tokenizer("/no/model"); });
    returns("encode_batch", [&] { encode_batch(load_tokenizer(model), texts); });
    returns("encode", [&] { encode_pair(load_tokenizer(model), "a", "b"); });
    InputReader reader(inputs, "question_answering");
    returns("InputReader", [&] { reader.next(1); });
    throws("InputReader", [&] { reader.next(1); });
    throws("InputReader", [] { InputReader("/no/file", "question_answering"); });
  });
}

// A name of no known model and of no folder is sought on the hub, whose address here is closed.
TEST(Guest, AFailedDownloadLeavesTheHostAsItWas) {
  const TemporaryFolder folder;
  ::setenv("HF_ENDPOINT", "http://127.0.0.1:1", 1);
  ::setenv("HF_HUB_CACHE", folder.path().c_str(), 1);
  UnusualHost().call([] { throws("pull", [] { pull("no-one/no-model"); }); });
}

}  // namespace
}  // namespace bertune
