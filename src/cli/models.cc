// SPDX-License-Identifier: Apache-2.0
#include "cli/models.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bertune/fetch.h"
#include "cli/print_result.h"
#include "console/table.h"
#include "hub/list.h"
#include "hub/resolve.h"

namespace bertune {
namespace {

using Json = nlohmann::ordered_json;

Json as_json(const ListedModel& model) {
  Json object = {{"name", model.name}, {"meaning", model.meaning}};
  object["hub_id"] = model.hub_id.empty() ? Json() : Json(model.hub_id);
  object["folder"] = model.folder ? Json(model.folder->string()) : Json();
  return object;
}

void print_json(const HubSettings& settings) {
  Json root = {{"cache", settings.cache.string()},
               {"aliases", settings.aliases.string()},
               {"hub", settings.endpoint},
               {"offline", settings.offline},
               {"models", Json::array()}};
  for (const ListedModel& model : list_models(settings)) root["models"].push_back(as_json(model));
  print_result(root.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string state_of(const ListedModel& model, const HubSettings& settings) {
  if (model.folder) return "here";
  if (!model.hub_id.empty()) return settings.offline ? "not here (offline)" : "to be fetched";
  return model.is_alias ? "folder is missing" : "needs an alias";
}

void print_table(const HubSettings& settings) {
  std::vector<TableRow> rows = {{"name", "is", "hub id", "state"}};
  for (const ListedModel& model : list_models(settings)) {
    rows.push_back({model.name, model.meaning, model.hub_id.empty() ? "-" : model.hub_id,
                    state_of(model, settings)});
  }
  for (const std::string& line : align(rows, 4)) print_result(line);
  print_result("");
  print_result("cache:   " + settings.cache.string());
  print_result("aliases: " + settings.aliases.string());
  print_result("hub:     " + settings.endpoint + (settings.offline ? " (offline)" : ""));
}

}  // namespace

void add_models(CLI::App& app) {
  CLI::App& models = *app.add_subcommand("models", "list the models that can be given by name");
  auto json = std::make_shared<bool>(false);
  models.add_flag("--json", *json, "print one JSON object");
  models.callback([json] {
    const HubSettings settings = hub_settings();
    if (*json) {
      print_json(settings);
    } else {
      print_table(settings);
    }
  });
  CLI::App& pull = *app.add_subcommand("pull", "fetch a model and print its folder");
  auto name = std::make_shared<std::string>();
  pull.add_option("name", *name, "a name that bertune models lists, or a hub id ORG/NAME")
      ->required();
  pull.callback([name] { print_result(resolve_model(*name, console_fetching()).string()); });
}

}  // namespace bertune
