#include "app/commands.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "app/config.hpp"
#include "app/demonstration.hpp"
#include "app/init.hpp"
#include "app/keep_commands.hpp"
#include "app/serve.hpp"
#include "app/verify_command.hpp"
#include "embedded/build_info.hpp"

namespace probity::app {
namespace {

int exit_code_of(const Error& error) {
  switch (error.code) {
    case Code::Conflict: return k_exit_slug_taken;
    case Code::Locked: return k_exit_locked;
    default: return k_exit_failed;
  }
}

/// What a code means at a terminal, where there are neither routes nor pages.
std::string_view sentence_of(Code code) {
  if (code == Code::BadRequest) return "What was given cannot be used.";
  if (code == Code::NotFound) return "There is no such thing here.";
  if (code == Code::KeyUnavailable)
    return "The key file cannot be used, or is not the one this data was made with. --key-file "
           "names it.";
  return code_info(code).sentence;
}

/// Prints an error for the person at the terminal: what is wrong, where, and the remedy.
int report(const Error& error) {
  std::string text = error.hint.empty() ? std::string(sentence_of(error.code)) : error.hint;
  for (const FieldError& field : error.fields)
    text += "\n  " + field.field + ": " + field.reason;
  if (!error.detail.empty() && error.detail != error.hint) text += "\n  (" + error.detail + ")";
  std::fprintf(stderr, "probity: %s\n", text.c_str());
  return exit_code_of(error);
}

int finish(const Result<void>& result) { return result ? k_exit_done : report(result.error()); }

struct Options {
  Config config;
  std::string config_file;
  InitOptions init;
  VerifyOptions verify;
  bool wants_configuration = false;
  KeepOptions keep;
  bool wants_new_master = false;
  bool keeps_old_master = false;
};

/// A command that reads or writes copies of the data.
struct KeepCommand {
  CLI::App* command;
  Result<void> (*run)(const Config&, const KeepOptions&);
};

void add_data_options(CLI::App& command, Options& options) {
  command.add_option("--data", options.config.data, "Directory of everything stored")
      ->capture_default_str();
  command.add_option("--key-file", options.config.key_file,
                     "Master keys (default: the data directory's name + .key)");
  command.add_option("--database", options.config.database,
                     "PostgreSQL URL; without it, encrypted files");
}

CLI::App* add_serve(CLI::App& app, Options& options) {
  CLI::App* command = app.add_subcommand("serve", "Run the server");
  add_data_options(*command, options);
  command->add_option("--listen", options.config.listen, "ADDR:PORT, repeatable")->delimiter(',');
  command->add_option("--config", options.config_file, "TOML file; see docs/configuration.md");
  command->add_option("--public-url", options.config.public_url, "https://… as people type it");
  command->add_option("--trusted-proxy", options.config.trusted_proxies, "CIDR, repeatable");
  command->add_option("--log-level", options.config.log_level, "debug, info, warning, failure");
  command->add_flag("--test-mode", options.config.is_test_mode,
                    "Loopback only, with a clock that can be moved; never for real data");
  command->add_option("--test-fault", options.config.test_faults, "Plan a fault of the store");
  return command;
}

CLI::App* add_init(CLI::App& app, Options& options) {
  CLI::App* command = app.add_subcommand("init", "Make a tenant, and what is missing for it");
  add_data_options(*command, options);
  CLI::Option* demonstration =
      command->add_flag("--demo", options.init.is_demonstration,
                        "The tenant demo, with invented surveys and answers");
  const std::array needed{
      command->add_option("--tenant", options.init.slug, "Short name: a–z, 0–9, -"),
      command->add_option("--name", options.init.name, "Name of the organisation"),
      command->add_option("--owner", options.init.owner_email, "E-mail address of the owner")};
  for (CLI::Option* option : needed)
    demonstration->excludes(option);
  demonstration->excludes(
      command->add_option("--region", options.init.region, "Label of the place, such as eu"));
  command->callback([needed, &options] {
    for (const CLI::Option* option : needed)
      if (!options.init.is_demonstration && option->count() == 0)
        throw CLI::RequiredError(option->get_name());
  });
  command->add_option("--public-url", options.config.public_url,
                      "https://… that the set-up link begins with");
  command->add_option("--app-role", options.init.app_role,
                      "PostgreSQL role that will serve (default probity_app)");
  return command;
}

CLI::App* add_verify(CLI::App& app, Options& options) {
  CLI::App* command =
      app.add_subcommand("verify", "Check a saved statement, or the audit log of the data");
  command->add_option("file", options.verify.statement_file, "A saved probity-statement.json");
  command->add_option("--key", options.verify.public_key,
                      "Public key it must be signed with (as in probity-keys.json)");
  command->add_flag("--audit", options.verify.wants_audit, "Walk the audit chains instead");
  command->add_option("--tenant", options.verify.tenant, "Only this tenant's chain");
  add_data_options(*command, options);
  return command;
}

std::vector<KeepCommand> add_keep(CLI::App& app, Options& options) {
  std::vector<KeepCommand> commands;
  const auto add = [&](const char* name, const char* text, auto run) {
    CLI::App* command = app.add_subcommand(name, text);
    add_data_options(*command, options);
    commands.push_back({command, run});
    return command;
  };
  CLI::App* command = add("export", "Write everything of a tenant, in clear", run_export);
  command->add_option("--tenant", options.keep.tenant, "Short name of the tenant")->required();
  command->add_option("--out", options.keep.file, "New file, a .tar.gz")->required();
  command = add("import", "Make the tenant of an exported archive", run_import);
  command->add_option("file", options.keep.file, "The archive")->required();
  command = add("backup", "Write a sealed copy of all data, and restore it to check", run_backup);
  command->add_option("--to", options.keep.file, "New file")->required();
  command = add("restore", "Make a data directory, or a database, from a backup", run_restore);
  command->add_option("--from", options.keep.file, "The backup")->required();
  command->add_option("--app-role", options.keep.app_role,
                      "PostgreSQL role that will serve (default probity_app)");
  command =
      add("reset-link", "Print a new set-up link for an owner who is shut out", run_reset_link);
  command->add_option("--tenant", options.keep.tenant, "Short name of the tenant")->required();
  command->add_option("--owner", options.keep.owner_email, "E-mail address of the member")
      ->required();
  command->add_flag("--reset-factors", options.keep.resets_factors,
                    "Take the member's second factors away as well");
  command->add_option("--public-url", options.config.public_url, "https://… as people type it");
  command =
      add("reset-network", "Let a tenant's members in from every network again", run_reset_network);
  command->add_option("--tenant", options.keep.tenant, "Short name of the tenant")->required();
  command = add("rotate-keys", "New sealing keys, also while the server runs", run_rotate_keys);
  CLI::Option* master =
      command->add_flag("--master", options.wants_new_master, "A new master key as well");
  command
      ->add_flag("--keep-old", options.keeps_old_master,
                 "Leave older master keys in the key file, for older backups")
      ->needs(master);
  return commands;
}

/// The configuration file must be read before the command line is, which wins over it.
Result<void> read_named_config(int argc, char** argv, Options& options) {
  constexpr std::string_view k_option = "--config";
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == k_option && i + 1 < argc) return read_config(argv[i + 1], options.config);
    if (word.starts_with("--config="))
      return read_config(std::string(word.substr(k_option.size() + 1)), options.config);
  }
  return {};
}

int print(const std::string& text) {
  return std::fputs(text.c_str(), stdout) >= 0 ? k_exit_done : k_exit_failed;
}

std::string build_info() {
  return fmt::format("version {}\ncommit {}\ncompiler {}\nbuild type {}\nsanitizers {}\n",
                     embedded::build_version, embedded::build_commit, embedded::build_compiler,
                     embedded::build_type, embedded::build_sanitizers);
}

}  // namespace

int run_command(int argc, char** argv) {
  Options options;
  if (auto read = read_named_config(argc, argv, options); !read) return report(read.error());
  CLI::App app("Probity: collects what people say in confidence, and proves how it keeps it.");
  app.require_subcommand(0, 1);
  bool wants_version = false;
  bool wants_build_info = false;
  app.add_flag("--version", wants_version, "Print the version");
  app.add_flag("--build-info", wants_build_info, "Print how this program was built");
  CLI::App* serve_command = add_serve(app, options);
  CLI::App* init_command = add_init(app, options);
  CLI::App* remove_demo_command =
      app.add_subcommand("remove-demo", "Take the demonstration away with its keys");
  add_data_options(*remove_demo_command, options);
  CLI::App* verify_command = add_verify(app, options);
  const auto keep_commands = add_keep(app, options);
  CLI::App* doctor_command = app.add_subcommand("doctor", "Print what the program knows of itself");
  doctor_command
      ->add_flag("--configuration", options.wants_configuration,
                 "Print the reference of configuration keys")
      ->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? k_exit_done : k_exit_usage;
  }
  if (wants_version) return print("probity " + std::string(embedded::build_version) + "\n");
  if (wants_build_info) return print(build_info());
  if (doctor_command->parsed()) return print(config_reference());

  if (auto completed = complete_config(options.config); !completed)
    return report(completed.error());
  if (serve_command->parsed()) return finish(serve(std::move(options.config)));
  if (init_command->parsed()) return finish(init(options.config, options.init));
  if (remove_demo_command->parsed()) return finish(remove_demonstration(options.config));
  options.keep.rotation = {keep::Rotation::Master{options.wants_new_master},
                           keep::Rotation::OldMaster{!options.keeps_old_master}};
  for (const KeepCommand& one : keep_commands)
    if (one.command->parsed()) return finish(one.run(options.config, options.keep));
  if (verify_command->parsed()) {
    const auto code = verify(options.config, options.verify);
    return code ? *code : report(code.error());
  }
  std::printf("%s", app.help().c_str());
  return k_exit_usage;
}

}  // namespace probity::app
