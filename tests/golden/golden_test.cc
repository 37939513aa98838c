// SPDX-License-Identifier: Apache-2.0
// The whole model compared with transformers and PyTorch: logits, loss, every gradient, and ten
// AdamW steps. The values come from tools/make_golden.py, which also describes the files.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <ostream>
#include <string>
#include <vector>

#include "base/io.h"
#include "engine/cpu/cpu_engine.h"
#include "engine/reference_engine.h"
#include "formats/safetensors/file.h"
#include "formats/weights.h"
#include "model/heads/heads.h"
#include "model/optimizer.h"
#include "model/task_model.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct EngineCase {
  std::string name;
  std::function<std::unique_ptr<Engine>()> make;
  // The largest error of a value, relative to the largest value of its tensor. The golden values
  // are float64 rounded to float32, so unit roundoff 6e-8 bounds their own error. fp32 accumulates
  // rounding errors over about 20 consecutive operations with sums of up to 100 terms, and so does
  // bf16 (unit roundoff 3.9e-3).
  double tolerance;
};
void PrintTo(const EngineCase& engine, std::ostream* out) { *out << engine.name; }

const std::vector<EngineCase>& engines() {
  static const std::vector<EngineCase> cases = {
      {"ReferenceDouble", [] { return make_reference_engine<double>(); }, 2e-7},
      {"ReferenceFloat", [] { return make_reference_engine<float>(); }, 2e-5},
      {"CpuFp32", [] { return make_cpu_engine(Precision::kFp32); }, 2e-5},
      {"CpuBf16", [] { return make_cpu_engine(Precision::kBf16); }, 8e-2},
  };
  return cases;
}

std::vector<float> read_tensor(const SafetensorsFile& file, const std::string& name) {
  const StoredTensor* tensor = file.find(name);
  if (tensor == nullptr) throw std::runtime_error("no golden tensor " + name);
  std::vector<float> values(tensor->size);
  file.read(name, 0, values);
  return values;
}

double largest_of(const std::vector<float>& values) {
  double largest = 0.0;
  for (const float value : values) largest = std::max<double>(largest, std::abs(value));
  return largest;
}

class Golden : public testing::TestWithParam<std::tuple<std::string, EngineCase>> {
 protected:
  Golden()
      : folder_(fs::path(BERTUNE_TEST_DATA) / "golden" / std::get<0>(GetParam())),
        golden_(json::parse(read_file(folder_ / "golden.json"))),
        config_(read_config(find_model_files(folder_))),
        engine_(std::get<1>(GetParam()).make()) {
    config_.hidden_dropout_prob = config_.attention_probs_dropout_prob = 0.0;
  }

  double tolerance() const { return std::get<1>(GetParam()).tolerance; }
  bool is_bf16() const { return engine_->dtypes().activation == DType::kBF16; }

  HeadKind head() const { return head_of_architecture(config_.architecture).value(); }

  void add_targets(const json& window, Batch& batch) const {
    if (window.contains("value")) batch.target_values.push_back(window["value"]);
    for (const float value : window.value("values", std::vector<float>())) {
      batch.target_values.push_back(value);
    }
    for (const char* name : {"start", "end", "target"}) {
      if (window.contains(name)) batch.targets.push_back(window[name]);
    }
    if (!window.contains("targets")) return;
    int32_t row = batch.offsets.back();
    for (const int32_t target : window["targets"].get<std::vector<int32_t>>()) {
      if (head() != HeadKind::kMaskedLanguageModel) {
        batch.targets.push_back(target);
      } else if (target != kIgnoredTarget) {
        batch.targets.push_back(target);
        batch.masked_rows.push_back(row);
      }
      ++row;
    }
  }

  // The weight of one loss in the mean over all targets of a batch.
  double scale_of(const Batch& batch) const {
    return 1.0 / static_cast<double>(count_targets(batch));
  }

  Batch batch_of(const std::vector<int32_t>& indices) const {
    Batch batch;
    batch.offsets.push_back(0);
    for (const int32_t index : indices) {
      const json& window = golden_["windows"][index];
      const auto ids = window["ids"].get<std::vector<int32_t>>();
      const auto types = window["types"].get<std::vector<int32_t>>();
      batch.windows.push_back(index);
      batch.ids.insert(batch.ids.end(), ids.begin(), ids.end());
      batch.types.insert(batch.types.end(), types.begin(), types.end());
      for (size_t i = 0; i < ids.size(); ++i) batch.positions.push_back(static_cast<int32_t>(i));
      add_targets(window, batch);
      batch.offsets.push_back(batch.rows());
      batch.max_length = std::max(batch.max_length, static_cast<int32_t>(ids.size()));
    }
    return batch;
  }

  Batch all_windows() const {
    std::vector<int32_t> all(golden_["windows"].size());
    std::iota(all.begin(), all.end(), 0);
    return batch_of(all);
  }

  std::unique_ptr<TaskModel> make_model() {
    return std::make_unique<TaskModel>(*engine_, config_, head(), Purpose::kTraining,
                                       Capacity{1000, 100});
  }

  void load(TaskModel& model) {
    model.arena().commit();
    const HostWeights weights = read_weights(find_model_files(folder_), model.model().list());
    ASSERT_TRUE(weights.missing_head.empty());
    model.model().load(weights.values);
  }

  // Compares a flat buffer with the golden tensors `prefix` + name, relative to the largest value
  // of each tensor.
  void expect_close(const ParameterList& list, const std::vector<float>& flat,
                    const std::string& prefix, double relative) const {
    const SafetensorsFile file(folder_ / "golden.safetensors");
    for (const Parameter& parameter : list.parameters) {
      const std::vector<float> expected = read_tensor(file, prefix + parameter.name);
      ASSERT_EQ(static_cast<int64_t>(expected.size()), parameter.size());
      double difference = 0.0;
      for (int64_t i = 0; i < parameter.size(); ++i) {
        const double value = flat[parameter.offset + i];
        difference = std::max(difference, std::abs(value - expected[i]));
      }
      EXPECT_LE(difference, relative * largest_of(expected)) << prefix << parameter.name;
    }
  }

  // Softmax is invariant to a shift of all its inputs, so the gradients of key biases, of the
  // head's bias and of the last LayerNorm's bias are zero in exact arithmetic. What remains is
  // rounding, which is judged by the size of the terms, about 1. Adam enlarges it to steps of up to
  // the learning rate.
  bool gradient_is_zero(const SafetensorsFile& file, const std::string& name) const {
    return largest_of(read_tensor(file, "gradient." + name)) < 1e-6;
  }

  void expect_gradients(const ParameterList& list, const std::vector<float>& flat) const {
    const SafetensorsFile file(folder_ / "golden.safetensors");
    ParameterList zero, other;
    for (const Parameter& parameter : list.parameters) {
      (gradient_is_zero(file, parameter.name) ? zero : other).parameters.push_back(parameter);
    }
    EXPECT_FALSE(zero.parameters.empty());
    expect_close(other, flat, "gradient.", tolerance());
    for (const Parameter& parameter : zero.parameters) {
      for (int64_t i = 0; i < parameter.size(); ++i) {
        EXPECT_NEAR(flat[parameter.offset + i], 0.0, tolerance()) << parameter.name;
      }
    }
  }

  void expect_trained(const ParameterList& list, const std::vector<float>& flat) const {
    const SafetensorsFile file(folder_ / "golden.safetensors");
    ParameterList other;
    double rates = 0.0;
    for (const json& step : golden_["steps"]) rates += step["rate"].get<double>();
    for (const Parameter& parameter : list.parameters) {
      if (!gradient_is_zero(file, parameter.name)) {
        other.parameters.push_back(parameter);
        continue;
      }
      const std::vector<float> expected = read_tensor(file, "trained." + parameter.name);
      for (int64_t i = 0; i < parameter.size(); ++i) {
        EXPECT_NEAR(flat[parameter.offset + i], expected[i], 2 * rates) << parameter.name;
      }
    }
    // A step divides the gradient by its own magnitude, so it carries the gradient's relative
    // error, which is far larger for the smallest elements than for the largest.
    expect_close(other, flat, "trained.", 100 * tolerance());
  }

  fs::path folder_;
  json golden_;
  BertConfig config_;
  std::unique_ptr<Engine> engine_;
};

TEST_P(Golden, Logits) {
  const auto model = make_model();
  load(*model);
  const Batch batch = all_windows();
  std::vector<float> logits;
  model->logits(batch, logits);
  const SafetensorsFile file(folder_ / "golden.safetensors");
  for (int32_t w = 0; w < batch.size(); ++w) {
    const std::vector<float> expected = read_tensor(file, "logits." + std::to_string(w));
    const auto actual = logits_of_window(head(), batch, logits, w);
    ASSERT_EQ(expected.size(), actual.size());
    const double largest = largest_of(expected);
    for (size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(actual[i], expected[i], tolerance() * largest);
    }
  }
}

TEST_P(Golden, LossAndGradients) {
  const auto model = make_model();
  load(*model);
  const Batch batch = all_windows();
  const double scale = scale_of(batch);
  model->accumulate_gradients(batch, scale, 0);
  const double loss = scale * model->take_loss();
  EXPECT_NEAR(loss, golden_["loss"].get<double>(), tolerance() * golden_["loss"].get<double>());
  expect_gradients(model->model().list(), model->model().save_gradients());
}

TEST_P(Golden, AccumulatedPartsGiveTheSameGradients) {
  const auto model = make_model();
  load(*model);
  const int32_t windows = all_windows().size();
  for (int32_t w = 0; w < windows; ++w) {
    model->accumulate_gradients(batch_of({w}), scale_of(all_windows()), 0);
  }
  expect_gradients(model->model().list(), model->model().save_gradients());
}

TEST_P(Golden, TenStepsOfAdamW) {
  const auto model = make_model();
  const json& recipe = golden_["recipe"];
  Optimizer optimizer(model->model(), model->arena(),
                      {.learning_rate = recipe["learning_rate"],
                       .warmup_ratio = recipe["warmup_ratio"],
                       .total_steps = recipe["total_steps"],
                       .weight_decay = recipe["weight_decay"],
                       .max_grad_norm = recipe["max_grad_norm"],
                       .beta1 = recipe["beta1"],
                       .beta2 = recipe["beta2"],
                       .epsilon = recipe["epsilon"]});
  load(*model);
  for (const json& step : golden_["steps"]) {
    const Batch batch = batch_of(step["windows"].get<std::vector<int32_t>>());
    const double scale = scale_of(batch);
    model->accumulate_gradients(batch, scale, 0);
    const double loss = scale * model->take_loss();
    EXPECT_NEAR(loss, step["loss"].get<double>(), 2 * tolerance() * step["loss"].get<double>());
    EXPECT_DOUBLE_EQ(optimizer.learning_rate(), step["rate"].get<double>());
    const double norm = optimizer.gradient_norm();
    EXPECT_NEAR(norm, step["norm"].get<double>(), 2 * tolerance() * step["norm"].get<double>());
    optimizer.update(norm);
  }
  // In bf16 the relative error of small gradients is as large as a step, so only the losses above
  // are compared.
  if (is_bf16()) return;
  std::vector<float> trained(static_cast<size_t>(model->model().list().size));
  model->model().save(trained);
  expect_trained(model->model().list(), trained);
}

INSTANTIATE_TEST_SUITE_P(
    Models, Golden,
    testing::Combine(testing::Values("tiny_gelu", "tiny_gelu_new", "tiny_sequence",
                                     "tiny_regression", "tiny_token", "tiny_masked", "tiny_silu",
                                     "tiny_multi_label", "tiny_untied", "tiny_distilbert_qa",
                                     "tiny_distilbert_sequence", "tiny_distilbert_token",
                                     "tiny_distilbert_masked", "tiny_electra_qa",
                                     "tiny_electra_sequence", "tiny_electra_token"),
                     testing::ValuesIn(engines())),
    [](const auto& test) { return std::get<0>(test.param) + "_" + std::get<1>(test.param).name; });

}  // namespace
}  // namespace bertune
