// SPDX-License-Identifier: Apache-2.0
#include "cli/bench.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "bench/infer.h"
#include "bench/ops.h"
#include "bench/tokenize.h"
#include "bench/train.h"
#include "bertune/options.h"
#include "cli/flags.h"
#include "cli/print_result.h"
#include "console/table.h"

namespace bertune {
namespace {

using Json = nlohmann::ordered_json;

// ---- shared by all benchmarks

Json machine_json(const Machine& machine) {
  const auto text = [](const std::string& value) { return value.empty() ? Json() : Json(value); };
  return {{"processor", machine.processor},
          {"description", text(machine.description)},
          {"precision", text(machine.precision)},
          {"threads", machine.threads}};
}

// Rows of the form "name  value".
std::vector<TableRow> first_rows(const Machine& machine, const std::string& model,
                                 const std::string& data) {
  return {{"machine", machine.processor},
          {"engine", machine.description},
          {"model", model},
          {"data", data}};
}

std::string tera(double flops) { return fmt::format("{:.3f} TFLOP/s", flops / 1e12); }

void print_lines(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) print_result(line);
}

// Adds `bench NAME` with flags for its options and --json. `run` returns the result; `print` prints
// it as a table or as JSON.
template <typename Options, typename Run, typename Print>
void add(CLI::App& bench, const char* name, const char* help, Run run, Print print) {
  CLI::App& subcommand = *bench.add_subcommand(name, help);
  auto options = std::make_shared<Options>();
  auto json = std::make_shared<bool>(false);
  bind_flags(subcommand, *options);
  subcommand.add_flag("--json", *json, "print one JSON object and nothing else on standard output");
  subcommand.callback([=] { print(run(*options), *json); });
}

// ---- train

Json to_json(const Profile& profile) {
  Json rows = Json::array();
  for (const ProfileRow& row : profile.rows) {
    rows.push_back({{"op", row.op},
                    {"place", row.place},
                    {"calls", row.calls},
                    {"ms", 1e3 * row.seconds},
                    {"share", row.seconds / profile.step_seconds},
                    {"flops_per_second", row.flop / row.seconds},
                    {"bytes_per_second", row.bytes / row.seconds}});
  }
  return {{"steps", profile.steps},
          {"ms", 1e3 * profile.step_seconds},
          {"outside_ops_share", profile.outside_ops() / profile.step_seconds},
          {"ops", std::move(rows)}};
}

Json to_json(const TrainBench& bench) {
  return {{"machine", machine_json(bench.machine)},
          {"model", bench.model},
          {"data", bench.data},
          {"task", bench.task},
          {"steps", bench.steps},
          {"batch_size", bench.batch_size},
          {"tokens_per_window", bench.tokens_per_window},
          {"median_step_ms", 1e3 * bench.median_step_seconds},
          {"windows_per_second", bench.windows_per_second},
          {"tokens_per_second", bench.tokens_per_second},
          {"flops_per_second", bench.flops_per_second},
          {"ceiling_flops_per_second", bench.ceiling.training()},
          {"ceiling_share", bench.ceiling_share()},
          {"profile", to_json(bench.profile)}};
}

void print_train(const TrainBench& bench, bool json) {
  if (json) return print_result(to_json(bench).dump());
  std::vector<TableRow> rows = first_rows(bench.machine, bench.model, bench.data);
  const auto row = [&](const char* name, std::string value) {
    rows.push_back({name, std::move(value)});
  };
  row("task", bench.task);
  row("steps", fmt::format("{} of {} windows", bench.steps, bench.batch_size));
  row("median step", fmt::format("{:.1f} ms", 1e3 * bench.median_step_seconds));
  row("windows/s",
      fmt::format("{:.2f} (of {:.2f} tokens)", bench.windows_per_second, bench.tokens_per_window));
  row("tokens/s", fmt::format("{:.0f}", bench.tokens_per_second));
  row("useful work", tera(bench.flops_per_second));
  row("ceiling", fmt::format("{} (forward {}, by data {}, by weights {})",
                             tera(bench.ceiling.training()), tera(bench.ceiling.forward),
                             tera(bench.ceiling.backward_x), tera(bench.ceiling.backward_weight)));
  row("share of the ceiling", format_percent(bench.ceiling_share()));
  print_lines(align(rows, 2));
  print_result(fmt::format("\ntime of {} more steps, by op", bench.profile.steps));
  print_lines(profile_lines(bench.profile));
}

// ---- ops

Json to_json(const OpsBench& bench) {
  Json ops = Json::array();
  for (const OpRate& op : bench.ops) {
    ops.push_back({{"op", op.op},
                   {"place", op.place},
                   {"calls", op.calls},
                   {"rows", op.rows},
                   {"cols", op.cols},
                   {"depth", op.depth},
                   {"ms", 1e3 * op.seconds},
                   {"flops_per_second", op.flops_per_second},
                   {"bytes_per_second", op.bytes_per_second},
                   {"ceiling_share", op.ceiling_share > 0 ? Json(op.ceiling_share) : Json()}});
  }
  return {{"machine", machine_json(bench.machine)},
          {"model", bench.model},
          {"data", bench.data},
          {"ceiling_forward_flops_per_second", bench.ceiling.forward},
          {"ceiling_backward_flops_per_second", bench.ceiling.backward_mean()},
          {"ops", std::move(ops)}};
}

TableRow op_row(const OpRate& op) {
  const auto number = [](int64_t value) {
    return value < 0 ? "various" : value == 0 ? "" : fmt::format("{}", value);
  };
  return {op.op,
          op.place,
          number(op.calls),
          number(op.rows),
          number(op.cols),
          number(op.depth),
          fmt::format("{:.3f}", 1e3 * op.seconds),
          format_rate(op.flops_per_second, op.bytes_per_second, 1.0),
          op.ceiling_share > 0 ? format_percent(op.ceiling_share) : ""};
}

void print_ops(const OpsBench& bench, bool json) {
  if (json) return print_result(to_json(bench).dump());
  std::vector<TableRow> rows = first_rows(bench.machine, bench.model, bench.data);
  rows.push_back({"ceiling", fmt::format("forward {}, backward {}", tera(bench.ceiling.forward),
                                         tera(bench.ceiling.backward_mean()))});
  print_lines(align(rows, 2));
  rows = {{"op", "place", "calls", "rows", "cols", "depth", "ms", "rate", "of the ceiling"}};
  for (const OpRate& op : bench.ops) rows.push_back(op_row(op));
  print_result("");
  print_lines(align(rows, 2));
}

// ---- tokenize

Json to_json(const TokenizeBench& bench) {
  return {{"machine", machine_json(bench.machine)},
          {"model", bench.model},
          {"data", bench.data},
          {"texts", bench.texts},
          {"bytes", bench.bytes},
          {"tokens", bench.tokens},
          {"megabytes_per_second", bench.megabytes_per_second},
          {"code_points_megabytes_per_second", bench.code_points_megabytes_per_second},
          {"all_threads_megabytes_per_second", bench.all_threads_megabytes_per_second}};
}

void print_tokenize(const TokenizeBench& bench, bool json) {
  if (json) return print_result(to_json(bench).dump());
  const auto rate = [](double value) { return fmt::format("{:.1f} MB/s", value); };
  print_lines(
      align({{"machine", bench.machine.processor},
             {"vocabulary", bench.model},
             {"data", fmt::format("{}: {} texts, {:.1f} MB, {} tokens", bench.data, bench.texts,
                                  1e-6 * static_cast<double>(bench.bytes), bench.tokens)},
             {"one thread", rate(bench.megabytes_per_second)},
             {"with offsets in code points", rate(bench.code_points_megabytes_per_second)},
             {fmt::format("{} threads", bench.machine.threads),
              rate(bench.all_threads_megabytes_per_second)}},
            2));
}

// ---- infer

Json to_json(const InferBench& bench) {
  Json latency = Json::array();
  for (const Latency& one : bench.latency) {
    latency.push_back({{"tokens", one.tokens},
                       {"runs", one.runs},
                       {"median_ms", 1e3 * one.median_seconds},
                       {"p99_ms", 1e3 * one.p99_seconds}});
  }
  return {{"machine", machine_json(bench.machine)},
          {"model", bench.model},
          {"data", bench.data},
          {"throughput",
           {{"windows", bench.windows},
            {"windows_per_second", bench.windows_per_second},
            {"tokens_per_second", bench.tokens_per_second},
            {"flops_per_second", bench.flops_per_second},
            {"ceiling_flops_per_second", bench.ceiling.forward},
            {"ceiling_share", bench.ceiling_share()}}},
          {"latency", std::move(latency)}};
}

void print_infer(const InferBench& bench, bool json) {
  if (json) return print_result(to_json(bench).dump());
  std::vector<TableRow> rows = first_rows(bench.machine, bench.model, bench.data);
  const auto row = [&](std::string name, std::string value) {
    rows.push_back({std::move(name), std::move(value)});
  };
  row("windows/s", fmt::format("{:.2f} ({} per round)", bench.windows_per_second, bench.windows));
  row("tokens/s", fmt::format("{:.0f}", bench.tokens_per_second));
  row("useful work", tera(bench.flops_per_second));
  row("ceiling", tera(bench.ceiling.forward));
  row("share of the ceiling", format_percent(bench.ceiling_share()));
  for (const Latency& one : bench.latency) {
    row(fmt::format("latency, {} tokens", one.tokens),
        fmt::format("median {:.2f} ms, p99 {:.2f} ms ({} runs)", 1e3 * one.median_seconds,
                    1e3 * one.p99_seconds, one.runs));
  }
  print_lines(align(rows, 2));
}

}  // namespace

void add_bench(CLI::App& app) {
  CLI::App& bench = *app.add_subcommand("bench", "measure the speed of this machine");
  bench.require_subcommand(1);
  add<BenchTrainOptions>(bench, "train", "whole training steps", bench_train, print_train);
  add<BenchOpsOptions>(bench, "ops", "each op of a training step", bench_ops, print_ops);
  add<BenchTokenizeOptions>(bench, "tokenize", "megabytes of text per second", bench_tokenize,
                            print_tokenize);
  add<BenchInferOptions>(bench, "infer", "windows per second, and latency", bench_infer,
                         print_infer);
}

}  // namespace bertune
