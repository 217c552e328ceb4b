#include "app/isolated_server.hpp"

#include <fstream>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

#include "admin/admin.hpp"
#include "app/drill_folder.hpp"
#include "app/engine_front.hpp"
#include "app/keep_commands.hpp"
#include "app/moved_clock.hpp"
#include "app/pipeline_dialer.hpp"
#include "approval/approval.hpp"
#include "attest/scratch.hpp"
#include "audit/chain.hpp"
#include "crypto/keys.hpp"
#include "feature/survey/redo.hpp"
#include "feature/survey/survey_module.hpp"
#include "identity/hasher.hpp"
#include "identity/login.hpp"
#include "identity/sessions.hpp"
#include "keep/archive.hpp"
#include "keep/gzip.hpp"
#include "keep/keep_module.hpp"
#include "keep/tar.hpp"
#include "web/router.hpp"

namespace probity::app {
namespace {

constexpr std::size_t k_workers = 2;
/// A drill's archive is small; more than this is not unpacked.
constexpr std::size_t k_unpacked_max_bytes = 16 * 1024 * 1024;

class IsolatedServer final : public attest::Isolated {
 public:
  IsolatedServer(const std::filesystem::path& parent, IsolatedParts parts)
      : parts_(std::move(parts)), folder_(parent) {
    log_.tap([this](std::string_view line) {
      const std::lock_guard lock(logged_mutex_);
      logged_ += line;
    });
  }
  ~IsolatedServer() override {
    if (pipeline_) pipeline_->stop();
    if (hooked_ != nullptr) hooked_->stop(Span::seconds(5));
  }
  Result<void> build();

  attest::Ground ground() override { return {*engine_, clock_, *scratch_}; }
  attest::FindListener find() override {
    return [dialer = dialer_]() -> Result<attest::OwnListener> {
      attest::OwnListener listener;
      listener.dialer = dialer;
      return listener;
    };
  }
  [[nodiscard]] const std::filesystem::path& folder() const override { return folder_.path(); }
  void come_from(const web::Address& peer) override { dialer_->come_from(peer); }
  void set_clock_off(Span by) override { clock_.set_off(by); }
  void hold_clock(Instant at) override { clock_.hold(at); }
  void hook(attest::StoreHooks hooks) override { board_.set(std::move(hooks)); }
  Result<void> reopen(const store::FaultPlan& faults) override;
  std::string log_text() override {
    const std::lock_guard lock(logged_mutex_);
    return logged_;
  }
  Result<store::TenantRecord> import_archive(std::string_view archive) override;
  Result<attest::ArchiveFiles> unpack(std::string_view archive) override;

 private:
  Result<std::unique_ptr<store::Engine>> open(const store::FaultPlan& faults);
  Result<void> build_pipeline();
  [[nodiscard]] std::vector<module::ExportTable> tables() const {
    return parts_.tables ? parts_.tables() : archive_tables();
  }

  IsolatedParts parts_;
  DrillFolder folder_;
  MovedClock clock_;
  std::mutex logged_mutex_;
  std::string logged_;
  Log log_{-1, clock_, LogLevel::Failure};
  std::unique_ptr<crypto::MasterKeys> master_;
  audit::Chain chain_;
  std::shared_ptr<survey::IdempotencyLedger> ledger_ =
      std::make_shared<survey::IdempotencyLedger>("sqlcipher");
  survey::SubmissionRedoer redoer_{ledger_};
  std::array<store::Redoer*, 1> redoers_{&redoer_};
  HookBoard board_;
  HookedJournaler journaler_{chain_, board_};
  HookedEngine* hooked_ = nullptr;  // Within engine_.
  std::unique_ptr<store::Engine> engine_;
  std::unique_ptr<attest::Scratch> scratch_;
  // As cheap as it goes: what a password costs is measured elsewhere, and a server that is told to
  // stop waits for the drill under way.
  identity::Argon hasher_{{.memory_bytes = 64 * 1024, .passes = 1}};
  std::unique_ptr<identity::Login> login_;
  std::unique_ptr<identity::Authenticator> authenticator_;
  std::vector<std::unique_ptr<module::Module>> modules_;
  std::unique_ptr<web::Pipeline> pipeline_;
  std::shared_ptr<PipelineDialer> dialer_;
};

Result<std::unique_ptr<store::Engine>> IsolatedServer::open(const store::FaultPlan& faults) {
  return store::open_sqlcipher(folder_.path() / "store",
                               {.clock = clock_,
                                .log = log_,
                                .master = *master_,
                                .journaler = &journaler_,
                                .redoers = redoers_},
                               faults);
}

Result<void> IsolatedServer::build() {
  if (folder_.path().empty()) return fail(Code::StorageFailed, "no folder for a drill");
  PROBITY_TRY(keys, crypto::MasterKeys::create(folder_.path() / "master.key"));
  master_ = std::make_unique<crypto::MasterKeys>(std::move(keys));
  PROBITY_TRY(real, open({}));
  auto hooked = std::make_unique<HookedEngine>(std::move(real), board_);
  hooked_ = hooked.get();
  engine_ = std::move(hooked);
  if (parts_.engine) engine_ = parts_.engine(std::move(engine_));
  scratch_ = std::make_unique<attest::Scratch>(*engine_, clock_);
  login_ = std::make_unique<identity::Login>(*engine_, clock_, hasher_);
  authenticator_ = parts_.authenticator
                       ? parts_.authenticator(*engine_, clock_)
                       : std::make_unique<identity::StoreAuthenticator>(*engine_, clock_);
  modules_.push_back(admin::make_admin({*engine_, clock_, *authenticator_, *login_, hasher_}));
  modules_.push_back(std::make_unique<survey::SurveyModule>(*engine_, clock_, log_, ledger_));
  modules_.push_back(keep::make_keep_module({*engine_, clock_, [this] { return tables(); }}));
  modules_.push_back(approval::make_approval({*engine_, module::approvables_of(modules_)}));
  return build_pipeline();
}

Result<void> IsolatedServer::build_pipeline() {
  std::vector<web::Route> routes;
  for (const auto& module : modules_) {
    for (web::Route& route : module->routes()) {
      route.grant = module->grant();
      routes.push_back(std::move(route));
    }
  }
  if (parts_.routes) parts_.routes(routes);
  PROBITY_TRY(router, web::Router::build(std::move(routes)));
  web::PipelineOptions options;
  options.request_workers = k_workers;
  pipeline_ =
      std::make_unique<web::Pipeline>(std::move(router), web::CallServices{*engine_, clock_, log_},
                                      *authenticator_, std::move(options));
  dialer_ = std::make_shared<PipelineDialer>(*pipeline_);
  return {};
}

Result<void> IsolatedServer::reopen(const store::FaultPlan& faults) {
  hooked_->stop(Span::seconds(5));
  hooked_->replace(nullptr);
  auto real = open(faults);
  // A drill goes on with what it has: without files that open there is none.
  if (!real) real = open({});
  if (!real) return std::unexpected(std::move(real).error());
  hooked_->replace(std::move(*real));
  return {};
}

Result<store::TenantRecord> IsolatedServer::import_archive(std::string_view archive) {
  const std::filesystem::path file = folder_.path() / "archive.tar.gz";
  {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << archive;
    if (!out.flush()) return fail(Code::StorageFailed, "an archive could not be written");
  }
  auto imported = keep::import_tenant(*engine_, file, tables(), clock_.now());
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
  if (!imported) return std::unexpected(std::move(imported).error());
  return std::move(imported->tenant);
}

Result<attest::ArchiveFiles> IsolatedServer::unpack(std::string_view archive) {
  std::string_view rest = archive;
  keep::GzipReader gzip([&rest](std::size_t wanted) -> Result<std::string> {
    std::string piece(rest.substr(0, wanted));
    rest.remove_prefix(piece.size());
    return piece;
  });
  keep::TarReader tar([&gzip](std::size_t wanted) { return gzip.read(wanted); });
  attest::ArchiveFiles files;
  std::size_t total = 0;
  for (keep::TarEntry entry;;) {
    PROBITY_TRY(has_more, tar.next(entry));
    if (!has_more) return files;
    std::string& content = files[entry.name];
    for (;;) {
      PROBITY_TRY(piece, tar.piece());
      if (piece.empty()) break;
      total += piece.size();
      if (total > k_unpacked_max_bytes) return fail(Code::LimitExceeded, "a large archive");
      content += piece;
    }
  }
}

}  // namespace

attest::MakeIsolated make_isolated_maker(std::filesystem::path parent, IsolatedParts parts) {
  // Not for each one: a drill may need two at a time.
  remove_drill_folders(parent);
  return [parent = std::move(parent),
          parts = std::move(parts)]() -> Result<std::unique_ptr<attest::Isolated>> {
    auto server = std::make_unique<IsolatedServer>(parent, parts);
    PROBITY_CHECK(server->build());
    return std::unique_ptr<attest::Isolated>(std::move(server));
  };
}

}  // namespace probity::app
