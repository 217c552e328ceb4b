#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include <fmt/core.h>

#include "sql/migrations.hpp"
#include "store/postgres_connection.hpp"
#include "store/store_fixture.hpp"

namespace probity::store {
namespace {

// Later words of a connection URL win over earlier ones.
std::string with(const std::string& url, const std::string& words) {
  return url + (url.find('?') == std::string::npos ? "?" : "&") + words;
}

void run_on(const std::string& url, const std::string& text) {
  auto connection = PgConnection::open(url, {});
  ASSERT_TRUE(connection) << connection.error().detail;
  const auto ran = (*connection)->script(text);
  EXPECT_TRUE(ran) << text << ": " << ran.error().detail;
}

std::string test_url() {
  const char* url = std::getenv("PROBITY_TEST_POSTGRES");
  return url == nullptr ? "" : url;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Store, BothEngines, ::testing::Values("sqlcipher", "postgres"),
                         [](const auto& instance) { return instance.param; });

std::span<const Migration> test_migrations() {
  static const std::vector<Migration> steps = [] {
    std::vector<Migration> all;
    for (const Migration& step : sql::migrations())
      all.push_back(step);
    all.push_back(k_note_step);
    return all;
  }();
  return steps;
}

Surroundings::Surroundings() {
  auto made = crypto::MasterKeys::create(key_file());
  EXPECT_TRUE(made);
  master = std::make_unique<crypto::MasterKeys>(std::move(*made));
}

EngineParts Surroundings::parts() { return {clock, log, *master, journaler, migrations}; }

void die_with_parent() { ::prctl(PR_SET_PDEATHSIG, SIGKILL); }

std::set<std::int64_t> told_until_killed(std::size_t wanted,
                                         const std::function<void(int pipe)>& write) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe(ends.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    die_with_parent();
    write(ends[1]);
    ::_exit(5);
  }
  ::close(ends[1]);
  std::set<std::int64_t> told;
  std::int64_t place = 0;
  while (told.size() < wanted && ::read(ends[0], &place, sizeof place) == sizeof place)
    told.insert(place);
  ::kill(child, SIGKILL);
  while (::read(ends[0], &place, sizeof place) == sizeof place)
    told.insert(place);
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  EXPECT_GE(told.size(), wanted);
  return told;
}

void tell(int pipe, std::int64_t place) {
  if (::write(pipe, &place, sizeof place) != sizeof place) ::_exit(4);
}

std::set<std::int64_t> places_of(Engine& engine, TenantId tenant) {
  std::set<std::int64_t> places;
  auto reader = engine.read(Space::of(tenant), k_grant_all);
  EXPECT_TRUE(reader) << reader.error().detail;
  if (!reader) return places;
  const auto read = (*reader)->each(k_notes, {}, [&](const Row& row) {
    EXPECT_TRUE(places.insert(row.integer(1)).second);
    return true;
  });
  EXPECT_TRUE(read) << read.error().detail;
  return places;
}

std::size_t missing(const std::set<std::int64_t>& wanted, const std::set<std::int64_t>& found) {
  return static_cast<std::size_t>(
      std::ranges::count_if(wanted, [&](std::int64_t place) { return !found.contains(place); }));
}

bool has_postgres() { return !test_url().empty(); }

ScratchDatabase::ScratchDatabase() {
  static std::atomic<int> count{0};
  name_ = fmt::format("probity_store_{}_{}", ::getpid(), ++count);
  run_on(test_url(), "CREATE DATABASE " + name_);
}

ScratchDatabase::~ScratchDatabase() {
  run_on(test_url(), fmt::format("DROP DATABASE {} WITH (FORCE)", name_));
}

std::string ScratchDatabase::url(const std::string& role) const {
  return with(test_url(), fmt::format("dbname={}&user={}", name_, role));
}

std::string ScratchDatabase::owner_url() const { return with(test_url(), "dbname=" + name_); }

void ScratchDatabase::run(const std::string& text) const { run_on(owner_url(), text); }

void BothEngines::SetUp() {
  if (!is_postgres()) return;
  if (!has_postgres()) GTEST_SKIP() << k_no_postgres;
  database_ = std::make_unique<ScratchDatabase>();
  const auto prepared =
      prepare_postgres(database_->owner_url(), k_test_role, s_.log, s_.migrations);
  ASSERT_TRUE(prepared) << prepared.error().detail;
}

Result<std::unique_ptr<Engine>> BothEngines::try_open() {
  if (!is_postgres()) return open_sqlcipher(s_.data(), s_.parts());
  return open_postgres(database_->url(k_test_role), s_.parts());
}

std::unique_ptr<Engine> BothEngines::open() {
  auto engine = try_open();
  EXPECT_TRUE(engine) << engine.error().detail;
  if (!engine) std::abort();
  return std::move(*engine);
}

TenantId make_tenant(Engine& engine, std::string_view slug) {
  auto record = engine.create_tenant(slug, "");
  EXPECT_TRUE(record) << record.error().detail;
  return record ? record->id : TenantId();
}

Change change_of(std::move_only_function<Result<Journal>(Tx&)> apply) {
  return {k_grant_all, std::move(apply), {}, Growth::Grows};
}

Change insert_note(TenantId tenant, std::int64_t place, Bytes body) {
  return change_of([tenant, place, body = std::move(body)](Tx& tx) -> Result<Journal> {
    const auto id = ResponseId::make(Instant::from_s(1'767'225'600 + place));
    PROBITY_CHECK(tx.run(k_insert_note, {tenant, id, place, body}));
    return Journal{};
  });
}

std::int64_t count_notes(Engine& engine, TenantId tenant) {
  auto reader = engine.read(Space::of(tenant), k_grant_all);
  if (!reader) return -1;
  const auto count =
      (*reader)->first(k_count_notes, {}, [](const Row& row) { return row.integer(0); });
  return count && *count ? **count : -1;
}

bool happens(const std::function<bool()>& it, Span within) {
  const auto deadline = Deadline::after(within);
  while (!deadline.has_passed()) {
    if (it()) return true;
    std::this_thread::yield();
  }
  return it();
}

HeldWriter::HeldWriter(Engine& engine, Space space) {
  Change hold = change_of([this](Tx&) -> Result<Journal> {
    entered_.set_value();
    may_go_.get_future().wait();
    return Journal{};
  });
  // Also on a disk that is nearly full.
  hold.growth = Growth::Essential;
  engine.submit(space, std::move(hold), [this](const Result<void>&) { done_.set_value(); });
  entered_.get_future().wait();
}

void HeldWriter::release() {
  if (is_released_) return;
  is_released_ = true;
  may_go_.set_value();
  done_.get_future().wait();
}

void Submissions::submit(Engine& engine, Space space, Change change) {
  auto promise = std::make_shared<std::promise<Result<void>>>();
  answers_.push_back(promise->get_future());
  engine.submit(space, std::move(change),
                [promise](Result<void> result) { promise->set_value(std::move(result)); });
}

std::vector<Result<void>> Submissions::wait() {
  std::vector<Result<void>> results;
  for (auto& answer : answers_)
    results.push_back(answer.get());
  answers_.clear();
  return results;
}

}  // namespace probity::store
