#pragma once

namespace probity::app {

/// What holds for the whole process, before anything else: files for their owner alone, no core
/// dump (one could hold keys), freed memory overwritten, as many open files as are allowed, memory
/// kept for the next request.
void prepare_process();

}  // namespace probity::app
