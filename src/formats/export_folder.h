// SPDX-License-Identifier: Apache-2.0
// Exports a model for other programs: either a folder with the weights in the chosen format, the
// config, the tokenizer and a README with instructions, or the weights file alone. See
// docs/formats.md.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "formats/model_format.h"

namespace bertune {

// The formats that models can be exported to.
std::vector<const ModelFormat*> export_formats();

// Throws Error{kUsage} for an unknown name. The hint lists the formats and suggests the closest
// one.
const ModelFormat& find_export_format(const std::string& name);

// Writes the files into `folder`, which must exist and be empty. Throws Error{kSystem, kInput}.
void write_export_folder(const std::filesystem::path& folder, const ModelContents& contents,
                         const ModelFormat& format);

// Writes the weights alone. Not atomic. Throws Error{kSystem}, and Error{kUsage} when the format
// would need a second file.
void write_export_file(const std::filesystem::path& file, const ModelContents& contents,
                       const ModelFormat& format);

// Whether everything in the folder was written by write_export_folder, so that replacing it loses
// nothing else. True for an empty folder.
bool is_export_folder(const std::filesystem::path& folder);

}  // namespace bertune
