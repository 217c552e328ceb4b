#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <fstream>
#include <map>
#include <mutex>

#include "app/config.hpp"
#include "app/engine_front.hpp"
#include "app/isolated_server.hpp"
#include "app/keep_commands.hpp"
#include "app/stage_for_test.hpp"
#include "attest/probes_drills.hpp"
#include "base/json.hpp"
#include "identity/sessions.hpp"
#include "web/address.hpp"

namespace probity::app {
namespace {

using attest::Finding;
using attest::Status;

Finding run(const attest::Probes& probes) {
  auto finding = probes.front().run(Deadline::after(Span::seconds(120)));
  if (finding) return *finding;
  ADD_FAILURE() << finding.error().detail << finding.error().hint;
  return {};
}

attest::FaultSubject faults_on(const std::filesystem::path& parent, IsolatedParts parts = {}) {
  return {.make = make_isolated_maker(parent, std::move(parts)), .takes_config = takes_config};
}

TEST(FaultProbe, HoldsOnTheProduct) {
  const support::OwnDirectory folder;
  EXPECT_FOUND(run(attest::fault_probes(faults_on(folder.path()))), Status::Held);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

/// Lets in whoever it has let in before, when it cannot ask.
class OpenDoor final : public identity::Authenticator {
 public:
  OpenDoor(store::Engine& engine, const Clock& clock) : real_(engine, clock) {}
  Result<identity::Principal> by_cookie(std::string_view cookie,
                                        identity::Activity activity) override {
    auto answer = real_.by_cookie(cookie, activity);
    const std::lock_guard lock(mutex_);
    if (answer) known_.insert_or_assign(std::string(cookie), *answer);
    const auto before = known_.find(cookie);
    return answer || before == known_.end() ? answer : Result<identity::Principal>(before->second);
  }
  Result<identity::Principal> by_bearer(std::string_view token) override {
    return real_.by_bearer(token);
  }
  Result<std::string> csrf_token(const identity::Member& member) override {
    return real_.csrf_token(member);
  }

 private:
  identity::StoreAuthenticator real_;
  std::mutex mutex_;
  std::map<std::string, identity::Principal, std::less<>> known_;
};

TEST(FaultProbe, SeesADoorThatOpensWhenItCannotAsk) {
  const support::OwnDirectory folder;
  IsolatedParts parts;
  parts.authenticator = [](store::Engine& engine, const Clock& clock) {
    return std::unique_ptr<identity::Authenticator>(std::make_unique<OpenDoor>(engine, clock));
  };
  EXPECT_FOUND(run(attest::fault_probes(faults_on(folder.path(), parts))), Status::Broken);
}

/// Settings that cannot be read count as not set.
class Forgiving final : public EngineFront {
 public:
  using EngineFront::EngineFront;
  Result<std::unique_ptr<store::Snapshot>> snapshot(store::Space space, store::Grant grant,
                                                    store::Freshness freshness) override {
    PROBITY_TRY(reader, real_->snapshot(space, grant, freshness));
    return std::unique_ptr<store::Snapshot>(std::make_unique<Reader>(std::move(reader)));
  }

 private:
  class Reader final : public store::Reader {
   public:
    explicit Reader(std::unique_ptr<store::Reader> real) : real_(std::move(real)) {}
    [[nodiscard]] const store::Space& space() const override { return real_->space(); }
    Result<void> each(const store::Query& query, store::Values values, const OnRow& row) override {
      auto done = real_->each(query, values, row);
      if (!done && query.name.find("setting") != std::string_view::npos) return {};
      return done;
    }

   private:
    std::unique_ptr<store::Reader> real_;
  };
};

/// Says that everything was stored.
class Boastful final : public EngineFront {
 public:
  using EngineFront::EngineFront;
  void submit(store::Space space, store::Change change, store::Done done) override {
    real_->submit(space, std::move(change),
                  [done = std::move(done)](Result<void>) mutable { done({}); });
  }
};

template <typename Front>
IsolatedParts behind() {
  IsolatedParts parts;
  parts.engine = [](std::unique_ptr<store::Engine> real) {
    return std::unique_ptr<store::Engine>(std::make_unique<Front>(std::move(real)));
  };
  return parts;
}

TEST(FaultProbe, SeesAPolicyThatFallsBackToWhatIsUsual) {
  const support::OwnDirectory folder;
  EXPECT_FOUND(run(attest::fault_probes(faults_on(folder.path(), behind<Forgiving>()))),
               Status::Broken);
}

TEST(FaultProbe, SeesAStoreThatAcknowledgesAFailedWrite) {
  const support::OwnDirectory folder;
  EXPECT_FOUND(run(attest::fault_probes(faults_on(folder.path(), behind<Boastful>()))),
               Status::Broken);
}

TEST(FaultProbe, SeesAnUnknownKeyTaken) {
  const support::OwnDirectory folder;
  attest::FaultSubject subject = faults_on(folder.path());
  subject.takes_config = [](std::string_view) { return true; };
  EXPECT_FOUND(run(attest::fault_probes(subject)), Status::Broken);
}

// --- export.surveys_complete

Finding transferred(IsolatedParts first, IsolatedParts second) {
  const support::OwnDirectory one;
  const support::OwnDirectory two;
  return run(
      attest::transfer_probes({.make_first = make_isolated_maker(one.path(), std::move(first)),
                               .make_second = make_isolated_maker(two.path(), std::move(second))}));
}

IsolatedParts with_tables(std::function<void(module::ExportTable&)> change) {
  IsolatedParts parts;
  parts.tables = [change = std::move(change)] {
    auto tables = archive_tables();
    for (module::ExportTable& table : tables)
      change(table);
    return tables;
  };
  return parts;
}

TEST(TransferProbe, HoldsOnTheProduct) { EXPECT_FOUND(transferred({}, {}), Status::Held); }

TEST(TransferProbe, SeesATableLeftOut) {
  IsolatedParts parts;
  parts.tables = [] {
    auto tables = archive_tables();
    std::erase_if(tables, [](const module::ExportTable& t) { return t.name == "survey_response"; });
    return tables;
  };
  EXPECT_FOUND(transferred(parts, parts), Status::Broken);
}

TEST(TransferProbe, SeesAListThatEndsTooSoon) {
  static constexpr store::Query k_no_row{
      "sabotage.none", "identity", "SELECT ?1 WHERE ?2 <> ?2 LIMIT ?3", "SELECT 1", 3, false};
  EXPECT_FOUND(transferred(with_tables([](module::ExportTable& table) {
                             if (table.name == "identity_setting") table.list = &k_no_row;
                           }),
                           {}),
               Status::Broken);
}

module::RowReader real_version_reader = nullptr;

Result<module::RowStore> renumbered(const module::ArchiveRow& row, const module::RowKeys& keys) {
  std::string line(row.line);
  constexpr std::string_view k_version = "\"version\":";
  const std::size_t at = line.find(k_version);
  if (at != std::string::npos) line.replace(at + k_version.size(), 1, "1");
  PROBITY_TRY(value, parse_json(line, {.depth_max = 64, .bytes_max = 8 * 1024 * 1024}));
  return real_version_reader({value.as_object(), line}, keys);
}

TEST(TransferProbe, SeesAnImportThatRenumbersVersions) {
  const auto renumbering = with_tables([](module::ExportTable& table) {
    if (table.name != "survey_response") return;
    real_version_reader = table.read;
    table.read = renumbered;
  });
  EXPECT_FOUND(transferred({}, renumbering), Status::Broken);
}

// --- addresses.shortening_first

Finding shortened(IsolatedParts parts) {
  const support::OwnDirectory folder;
  return run(attest::shortening_probes(make_isolated_maker(folder.path(), std::move(parts))));
}

IsolatedParts bent_submission(const Bent& handler) {
  IsolatedParts parts;
  parts.routes = instead_of(web::Method::Post, "/api/v1/public/{token}/responses", handler).routes;
  return parts;
}

TEST(ShorteningProbe, HoldsOnTheProduct) { EXPECT_FOUND(shortened({}), Status::Held); }

TEST(ShorteningProbe, SeesALogAheadOfShortening) {
  EXPECT_FOUND(shortened(bent_submission([](web::Call& call, const web::Handler& real) {
                 call.log().write(LogLevel::Debug, "response",
                                  {{"from", web::address_text(call.request().peer)}});
                 return real(call);
               })),
               Status::Broken);
}

TEST(ShorteningProbe, SeesTheWholeAddressInTheStore) {
  static constexpr store::Query k_note{
      "sabotage.note",
      "survey",
      "UPDATE survey_idempotency SET body_hash = ?2 WHERE tenant_id = ?1",
      "SELECT 1",
      2,
      true};
  for (const bool is_sealed : {false, true}) {
    const auto noting = [is_sealed](web::Call& call,
                                    const web::Handler& real) -> Result<web::Answer> {
      Bytes value = to_bytes(as_bytes(web::address_text(call.request().peer)));
      auto answer = real(call);
      auto* prepared = answer ? std::get_if<web::Prepared>(&*answer) : nullptr;
      if (prepared == nullptr) return answer;
      if (is_sealed) {
        PROBITY_TRY(cipher, call.cipher());
        PROBITY_TRY(sealed, cipher->seal("survey.origin", call.tenant().bytes(), value));
        value = std::move(sealed);
      }
      prepared->change.apply = [value, apply = std::move(prepared->change.apply)](
                                   store::Tx& tx) mutable -> Result<store::Journal> {
        PROBITY_CHECK(tx.run(k_note, {tx.space().tenant(), value}));
        return apply(tx);
      };
      return answer;
    };
    EXPECT_FOUND(shortened(bent_submission(noting)), Status::Broken);
  }
}

TEST(ShorteningProbe, SeesASpillFile) {
  const support::OwnDirectory folder;
  const auto spilling = [&folder](web::Call& call, const web::Handler& real) {
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
      std::ofstream(entry.path() / "spill", std::ios::app)
          << web::address_text(call.request().peer);
    return real(call);
  };
  EXPECT_FOUND(
      run(attest::shortening_probes(make_isolated_maker(folder.path(), bent_submission(spilling)))),
      Status::Broken);
}

}  // namespace
}  // namespace probity::app
