// SPDX-License-Identifier: Apache-2.0
// A model for other programs: a folder with the weights in their format, the config, the tokenizer
// and a README that says how to run it; or the file of weights alone. docs/formats.md.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "formats/model_format.h"

namespace bertune {

// The formats that models are exported in.
std::vector<const ModelFormat*> export_formats();

// Throws Error{kUsage} that lists the formats and names the nearest.
const ModelFormat& find_export_format(const std::string& name);

// Writes the folder's files into `folder`, which exists and is empty. Throws Error{kSystem,
// kInput}.
void write_export_folder(const std::filesystem::path& folder, const ModelContents& contents,
                         const ModelFormat& format);

// Writes the weights alone. Not atomic. Throws Error{kSystem}; Error{kUsage} where the format would
// need a second file beside it.
void write_export_file(const std::filesystem::path& file, const ModelContents& contents,
                       const ModelFormat& format);

// Whether all that is in a folder was written by write_export_folder, so that nothing else is lost
// with it. An empty folder counts.
bool is_export_folder(const std::filesystem::path& folder);

}  // namespace bertune
