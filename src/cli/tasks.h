// SPDX-License-Identifier: Apache-2.0
// bertune tasks: lists the tasks, with data formats and an example of each.
#pragma once

namespace CLI {
class App;
}

namespace bertune {

void add_tasks(CLI::App& app);

}  // namespace bertune
