// SPDX-License-Identifier: Apache-2.0
// Fine-tunes BERT on SQuAD v1.1, evaluates the last checkpoint and answers one question with it.
// The folder ./squad/ holds train-v1.1.json and dev-v1.1.json. Checkpoints are written to
// ./output/.
#include <bertune/bertune.h>

#include <cstdio>

namespace {

void run() {
  bertune::Trainer trainer({.task = "question_answering",
                            .model = "qa_bert_base_uncased",
                            .train_dataset = "./squad/",
                            .eval_dataset = "./squad/"});
  trainer.train(
      {.resume_or_finetune_from_checkpoint = "qa_bert_base_uncased", .do_finetune = true});
  trainer.evaluate({.eval_checkpoint = true});
  const bertune::Predictions answers = trainer.predict(
      {.predict_checkpoint = true,
       .input_data = {"My name is Wolfgang and I live in Berlin - Where do I live?"}});

  const auto& answer = std::get<bertune::Answer>(answers[0][0]);
  std::printf("%s, score %.4f, from %ld to %ld\n", answer.text.c_str(), answer.score,
              static_cast<long>(answer.start), static_cast<long>(answer.end));
}

}  // namespace

int main() {
  try {
    run();
  } catch (const bertune::Error& error) {
    std::fprintf(stderr, "error: %s\nhint: %s\n", error.message().c_str(), error.hint().c_str());
    return 1;
  }
  return 0;
}
