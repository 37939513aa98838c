// SPDX-License-Identifier: Apache-2.0
#include "datasets/dataset.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <system_error>

#include "base/io.h"
#include "base/spelling.h"
#include "bertune/error.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

struct Listing {
  std::vector<std::string> names;  // sorted
  std::error_code error;
};

Listing list_folder(const fs::path& folder) {
  Listing listing;
  for (fs::directory_iterator entry(folder, listing.error), end; !listing.error && entry != end;
       entry.increment(listing.error)) {
    listing.names.push_back(entry->path().filename().string());
  }
  std::sort(listing.names.begin(), listing.names.end());
  return listing;
}

// "it holds dev.tsv, train.tsv"
std::string describe_folder(const fs::path& folder) {
  constexpr size_t kShown = 10;
  const auto [names, error] = list_folder(folder);
  if (error) return "it cannot be listed: " + error.message();
  if (names.empty()) return "it is empty";
  const size_t shown = std::min(names.size(), kShown);
  std::string list =
      fmt::format("it holds {}", fmt::join(names.begin(), names.begin() + shown, ", "));
  if (names.size() > kShown) list += fmt::format(" and {} more", names.size() - kShown);
  return list;
}

// "dev_matched.tsv with dev_mismatched.tsv, dev.tsv, dev.csv"
std::string describe_groups(const std::vector<FileGroup>& groups) {
  std::vector<std::string> described;
  for (const FileGroup& group : groups) {
    described.push_back(fmt::format("{}", fmt::join(group, " with ")));
  }
  return fmt::format("{}", fmt::join(described, ", "));
}

bool holds(const fs::path& folder, const FileGroup& group) {
  return std::all_of(group.begin(), group.end(), [&](const std::string& name) {
    std::error_code ignored;  // a file that cannot be inspected is taken for missing
    return fs::exists(folder / name, ignored);
  });
}

[[noreturn]] void fail_exclusive(const fs::path& folder, const std::vector<FileGroup>& groups) {
  std::vector<FileGroup> found;
  std::copy_if(groups.begin(), groups.end(), std::back_inserter(found),
               [&](const FileGroup& group) { return holds(folder, group); });
  throw Error(
      ErrorKind::kUsage,
      fmt::format("'{}' holds both {} and {}", folder.string(), found[0].front(), found[1].front()),
      fmt::format("name the file, for example {}", (folder / found[0].front()).string()));
}

FileGroup find_group(const fs::path& folder, const std::vector<FileGroup>& groups, bool exclusive) {
  const auto is_there = [&](const FileGroup& group) { return holds(folder, group); };
  const auto found = std::find_if(groups.begin(), groups.end(), is_there);
  if (found == groups.end()) {
    throw Error(ErrorKind::kInput,
                fmt::format("'{}' has no file named {}: {}", folder.string(),
                            describe_groups(groups), describe_folder(folder)),
                "name the file, or give a folder with such a file");
  }
  if (exclusive && std::any_of(found + 1, groups.end(), is_there)) fail_exclusive(folder, groups);
  return *found;
}

// Throws if nothing has this name, with the most similar name of the folder in the hint.
void require_existing(const fs::path& path) {
  std::error_code error;
  if (fs::exists(path, error) || error) return;  // opening the file reports other errors
  const std::string name = path.filename().string();
  const Listing beside = list_folder(path.has_parent_path() ? path.parent_path() : ".");
  try {
    require_readable_file(path);
  } catch (const Error& missing) {
    if (beside.names.empty()) throw;
    const std::string nearest = nearest_name(name, beside.names);
    if (2 * edit_distance(name, nearest) > name.size()) throw;
    throw missing.with_hint(fmt::format("; did you mean '{}'?", nearest));
  }
}

}  // namespace

std::vector<FileGroup> usual_names(Split split, std::span<const char* const> endings) {
  const std::vector<const char*> stems = split == Split::kTrain
                                             ? std::vector{"train"}
                                             : std::vector{"dev", "validation", "valid", "test"};
  std::vector<FileGroup> groups;
  for (const char* stem : stems) {
    for (const char* ending : endings) groups.push_back({std::string(stem) + ending});
  }
  return groups;
}

std::vector<fs::path> find_dataset(const fs::path& path, Split split, const KnownFiles& known) {
  require_existing(path);
  std::error_code ignored;  // opening the file reports what is wrong with it
  if (!fs::is_directory(path, ignored)) return {path};
  std::vector<fs::path> files;
  for (const std::string& name :
       find_group(path, split == Split::kTrain ? known.train : known.evaluate, known.exclusive)) {
    files.push_back(path / name);
  }
  return files;
}

}  // namespace bertune
