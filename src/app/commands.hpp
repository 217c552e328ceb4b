#pragma once

namespace probity::app {

/// Exit codes of every command.
inline constexpr int k_exit_done = 0;
inline constexpr int k_exit_failed = 1;
inline constexpr int k_exit_usage = 2;
inline constexpr int k_exit_slug_taken = 3;
inline constexpr int k_exit_locked = 4;

/// Parses the command line and runs one subcommand. Answers go to standard output, everything else
/// to standard error.
[[nodiscard]] int run_command(int argc, char** argv);

}  // namespace probity::app
