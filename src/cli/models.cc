// SPDX-License-Identifier: Apache-2.0
#include "cli/models.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bertune/fetch.h"
#include "bertune/models.h"
#include "cli/print_result.h"
#include "console/table.h"

namespace bertune {
namespace {

using Json = nlohmann::ordered_json;

Json as_json(const ListedModel& model) {
  Json object = {{"name", model.name}, {"meaning", model.meaning}};
  object["hub_id"] = model.hub_id.empty() ? Json() : Json(model.hub_id);
  object["folder"] = model.folder ? Json(model.folder->string()) : Json();
  return object;
}

void print_json(const ModelList& list) {
  Json root = {{"cache", list.cache.string()},
               {"aliases", list.aliases.string()},
               {"hub", list.hub},
               {"offline", list.offline},
               {"models", Json::array()}};
  for (const ListedModel& model : list.models) root["models"].push_back(as_json(model));
  print_result(root.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string state_of(const ListedModel& model, bool offline) {
  if (model.folder) return "here";
  if (!model.hub_id.empty()) return offline ? "not here (offline)" : "to be fetched";
  return model.is_alias ? "folder is missing" : "needs an alias";
}

void print_table(const ModelList& list) {
  std::vector<TableRow> rows = {{"name", "is", "hub id", "state"}};
  for (const ListedModel& model : list.models) {
    rows.push_back({model.name, model.meaning, model.hub_id.empty() ? "-" : model.hub_id,
                    state_of(model, list.offline)});
  }
  for (const std::string& line : align(rows, 4)) print_result(line);
  print_result("");
  print_result("cache:   " + list.cache.string());
  print_result("aliases: " + list.aliases.string());
  print_result("hub:     " + list.hub + (list.offline ? " (offline)" : ""));
}

}  // namespace

void add_models(CLI::App& app) {
  CLI::App& subcommand = *app.add_subcommand("models", "list the models that can be given by name");
  auto json = std::make_shared<bool>(false);
  subcommand.add_flag("--json", *json, "print one JSON object");
  subcommand.callback([json] {
    if (*json) {
      print_json(models());
    } else {
      print_table(models());
    }
  });
  CLI::App& fetch = *app.add_subcommand("pull", "fetch a model and print its folder");
  auto name = std::make_shared<std::string>();
  fetch.add_option("name", *name, "a name that bertune models lists, or a hub id ORG/NAME")
      ->required();
  fetch.callback([name] { print_result(bertune::pull(*name, console_fetching()).string()); });
}

}  // namespace bertune
