#include "app/keep_commands.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <optional>
#include <thread>

#include "app/installation.hpp"
#include "app/test_clock.hpp"
#include "attest/archive.hpp"
#include "base/text.hpp"
#include "feature/survey/archive.hpp"
#include "identity/limits.hpp"
#include "identity/settings.hpp"
#include "identity/users.hpp"
#include "keep/archive.hpp"
#include "keep/backup.hpp"
#include "keep/journal.hpp"
#include "keep/platform_tables.hpp"

namespace probity::app {
namespace {

template <typename... Args>
void say(fmt::format_string<Args...> text, Args&&... args) {
  std::printf("%s\n", fmt::format(text, std::forward<Args>(args)...).c_str());
}

Result<std::unique_ptr<Installation>> open_existing(const Config& config) {
  std::error_code error;
  if (config.database.empty() && !std::filesystem::exists(config.data / "store", error))
    return refuse(Code::Config, fmt::format("{} holds no data.", config.data.string()));
  return Installation::open(config, Installation::Keys::MustExist);
}

void say_tables(const keep::TableFacts& tables) {
  for (const auto& [name, fact] : tables)
    say("{:<20} {:>9} rows  sha256 {}{}", name, fact.rows, fact.sha256_hex,
        fact.is_imported ? "" : "  (for reading, not imported)");
}

void say_backup(const keep::BackupReport& report, const std::filesystem::path& file) {
  for (const auto& [space, counts] : report.census) {
    std::string line = space + ":";
    for (const auto& [kind, value] : counts)
      line += fmt::format(" {}={}", kind, value);
    say("{}", line);
  }
  say("{}: {} bytes, {} files, sha256 {}", file.string(), report.bytes, report.files,
      report.sha256_hex);
}

void say_link(const Config& config, const std::string& token) {
  say("{}/setup/{}", config.public_url.empty() ? "https://localhost:8443" : config.public_url,
      token);
}

/// Asks whoever types the command; a script that gives it has decided. Backups made before open
/// only with a copy of the key file as it is now.
Result<void> ask_to_drop_old_master(const std::filesystem::path& key_file) {
  if (::isatty(STDIN_FILENO) == 0) return {};
  std::fprintf(
      stderr,
      "Older master keys leave %s. A backup made before opens only with a copy of the file "
      "as it is now (--keep-old leaves them). Type yes to go on: ",
      key_file.c_str());
  std::array<char, 16> line{};
  if (std::fgets(line.data(), line.size(), stdin) != nullptr && trim(line.data()) == "yes")
    return {};
  return refuse(Code::Config, "Nothing was changed.");
}

/// The address of the first owner who may come in; nothing when there is none.
Result<std::optional<std::string>> first_owner(store::Engine& engine, const TenantId& tenant) {
  constexpr int k_page = 1000;
  const auto space = store::Space::of(tenant);
  PROBITY_TRY(cipher, engine.cipher(space));
  PROBITY_TRY(reader, engine.read(space, store::k_grant_all));
  for (UserId after;;) {
    PROBITY_TRY(users, identity::list_users(*reader, *cipher, after, k_page));
    for (const identity::UserRecord& user : users)
      if (user.role == identity::Role::Owner && user.state != identity::k_state_disabled)
        return user.email;
    if (users.size() < k_page) return std::optional<std::string>();
    after = users.back().id;
  }
}

/// Imported members have no passwords: the first owner gets a link, and invites the others anew.
Result<void> say_owner_link(const Config& config, Installation& installation,
                            const TenantId& tenant) {
  PROBITY_TRY(owner, first_owner(installation.engine(), tenant));
  if (!owner) {
    say("Its members have no passwords, and none of them is an owner who is not disabled: nobody "
        "can manage it. Export it again from a server where it has an owner.");
    return {};
  }
  PROBITY_TRY(token, identity::reissue_link(installation.engine(), tenant, *owner,
                                            installation.clock().now()));
  say("Its members have no passwords; the first owner comes in by this link:");
  say_link(config, token);
  return {};
}

}  // namespace

std::vector<module::ExportTable> archive_tables() {
  auto tables = keep::platform_tables();
  auto evidence = attest::evidence_archive();
  tables.insert(tables.end(), std::make_move_iterator(evidence.begin()),
                std::make_move_iterator(evidence.end()));
  auto surveys = survey::survey_archive();
  tables.insert(tables.end(), std::make_move_iterator(surveys.begin()),
                std::make_move_iterator(surveys.end()));
  return tables;
}

Result<void> run_export(const Config& config, const KeepOptions& options) {
  PROBITY_TRY(installation, open_existing(config));
  PROBITY_TRY(tables, keep::export_tenant(installation->engine(), options.tenant, archive_tables(),
                                          options.file, installation->clock().now()));
  say_tables(tables);
  say("{}: everything of {}, in clear. Keep it as you keep the data.", options.file.string(),
      options.tenant);
  return {};
}

Result<void> run_import(const Config& config, const KeepOptions& options) {
  std::string as_role;
  if (!config.database.empty()) {
    const SystemClock clock;
    Log log(2, clock, LogLevel::Warning);
    PROBITY_TRY(role, store::prepare_postgres(config.database, {}, log));
    as_role = role;
  }
  PROBITY_TRY(installation, Installation::open(config, Installation::Keys::MayBeMade, as_role));
  if (installation->has_new_keys())
    say("Made the key file {}. Keep a copy apart from the data.", config.key_file.string());
  PROBITY_TRY(imported, keep::import_tenant(installation->engine(), options.file, archive_tables(),
                                            installation->clock().now()));
  say_tables(imported.tables);
  say("Imported {} as {}; counts and hashes equal those of the archive.", imported.tenant.slug,
      imported.tenant.id.text());
  say("Sessions, API tokens and links to reports stay behind: they are stored as hashes under the "
      "old keys. Make those that are needed anew.");
  return say_owner_link(config, *installation, imported.tenant.id);
}

Result<void> run_backup(const Config& config, const KeepOptions& options) {
  PROBITY_TRY(installation, open_existing(config));
  std::vector<keep::ExtraFile> extras;
  if (const auto clock = test_clock_file(config.data); std::filesystem::exists(clock))
    extras.push_back({clock, clock.lexically_relative(config.data).string()});
  PROBITY_TRY(report, keep::make_backup(installation->engine(), extras, options.file,
                                        {installation->clock(), installation->log(),
                                         installation->master(), config.database}));
  PROBITY_CHECK(keep::journal(installation->engine(), store::Space::system(), "backup.make",
                              fmt::format("{{\"sha256\":\"{}\"}}", report.sha256_hex),
                              installation->clock().now()));
  say_backup(report, options.file);
  say("Restored into scratch and compared: equal. It opens with a copy of {} alone.",
      config.key_file.string());
  return {};
}

Result<void> run_restore(const Config& config, const KeepOptions& options) {
  const SystemClock clock;
  Log log(2, clock, parse_log_level(config.log_level));
  PROBITY_TRY(master, crypto::MasterKeys::load(config.key_file));
  PROBITY_TRY(report,
              keep::restore_backup(options.file, config.data,
                                   {clock, log, master, config.database, options.app_role}));
  std::string as_role;
  if (!config.database.empty()) {
    PROBITY_TRY(role, store::prepare_postgres(config.database, options.app_role, log));
    as_role = role;
  }
  PROBITY_TRY(installation, Installation::open(config, Installation::Keys::MustExist, as_role));
  PROBITY_CHECK(keep::journal(installation->engine(), store::Space::system(), "backup.restore",
                              fmt::format("{{\"sha256\":\"{}\"}}", report.sha256_hex),
                              installation->clock().now()));
  say_backup(report, options.file);
  say("Restored to {}{}. Serve it with --key-file {}.", config.data.string(),
      config.database.empty() ? "" : " and the database", config.key_file.string());
  if (!as_role.empty())
    say("Serve as the role {}, which owns nothing: put it into --database.", as_role);
  return {};
}

Result<void> run_reset_link(const Config& config, const KeepOptions& options) {
  PROBITY_TRY(installation, open_existing(config));
  store::Engine& engine = installation->engine();
  PROBITY_TRY(tenant, engine.find_tenant(options.tenant));
  PROBITY_TRY(token, identity::reissue_link(engine, tenant.id, options.owner_email,
                                            installation->clock().now(),
                                            identity::Factors{options.resets_factors}));
  std::fprintf(
      stderr,
      "New link for %s; it works once, within %lld hours, and older ones no longer. Failed "
      "log-ins are forgotten:\n",
      options.owner_email.c_str(),
      static_cast<long long>(identity::k_link_life.us() / Span::hours(1).us()));
  say_link(config, token);
  return {};
}

Result<void> run_reset_network(const Config& config, const KeepOptions& options) {
  PROBITY_TRY(installation, open_existing(config));
  store::Engine& engine = installation->engine();
  PROBITY_TRY(tenant, engine.find_tenant(options.tenant));
  const store::Space space = store::Space::of(tenant.id);
  PROBITY_TRY(cipher, engine.cipher(space));
  identity::SettingsPatch patch;
  patch.network_allow = "";
  patch.network_deny = "";
  PROBITY_TRY(
      plan,
      identity::plan_change_settings(
          identity::acting_as_operator(tenant.id, installation->clock().now(), cipher), patch));
  PROBITY_CHECK(engine.apply(space, std::move(plan.change)));
  say("{} lets its members in from every network again.", options.tenant);
  return {};
}

Result<void> run_rotate_keys(const Config& config, const KeepOptions& options) {
  PROBITY_TRY(installation, open_existing(config));
  if (options.rotation.drops_old_master()) PROBITY_CHECK(ask_to_drop_old_master(config.key_file));
  const auto pause = [](Span span) {
    std::this_thread::sleep_for(std::chrono::microseconds(span.us()));
  };
  PROBITY_TRY(done,
              keep::rotate_keys(installation->engine(), installation->master(), config.key_file,
                                options.rotation, pause, installation->clock().now()));
  say("{} new sealing keys. What was sealed before still opens with the keys it was sealed with.",
      done.sealing_keys);
  if (options.rotation.master == keep::Rotation::Master::Keep) return {};
  say("{} stored keys wrapped under master key {}. Copy {} to where its copy is kept.",
      done.rewrapped, installation->master().newest(), config.key_file.string());
  if (options.rotation.drops_old_master())
    say("Older master keys were dropped: backups made before now need the copy of the key file "
        "that was kept with them.");
  return {};
}

}  // namespace probity::app
