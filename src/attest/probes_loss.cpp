#include <chrono>
#include <fstream>
#include <future>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "attest/probes_drills.hpp"
#include "crypto/certificate.hpp"

namespace probity::attest {
namespace {

constexpr Span k_look = Span::millis(20);
constexpr std::uint8_t k_first_record_type = 20;
constexpr std::uint8_t k_last_record_type = 23;
constexpr std::uint8_t k_alert = 21;

bool waits_for(const std::function<bool()>& it, Span within) {
  const Deadline deadline = Deadline::after(within);
  while (!it()) {
    if (deadline.has_passed()) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(k_look.us()));
  }
  return true;
}

bool answers(const DrillListener& drill) {
  Visitor visitor(drill.listener());
  const auto reply = visitor.get("/");
  return reply && reply->status == 200;
}

/// A client that has shaken hands and stays silent until the server ends the connection. TLS 1.2,
/// whose records still show that an alert is one.
std::future<Result<web::Talk>> stay_connected(const DrillListener& drill, Span within) {
  return std::async(std::launch::async, [listener = drill.listener(), within] {
    return listener.dialer->talk({.server_name = listener.host,
                                  .trusted_pem = {},
                                  .only = web::TlsVersion::Tls12,
                                  .send = {},
                                  .early_data = {},
                                  .listen_first = within,
                                  .within = within});
  });
}

void look_at_open_connection(const Result<web::Talk>& talk, std::string_view loss,
                             Observations& seen) {
  seen.need(talk && talk->is_established, fmt::format("{}: no connection was open", loss));
  if (!talk) return;
  bool has_alert = false;
  bool is_protected = true;
  for (const web::WireRecord& record : talk->records) {
    if (record.is_from_client) continue;
    has_alert = has_alert || record.type == k_alert;
    is_protected =
        is_protected && record.type >= k_first_record_type && record.type <= k_last_record_type;
  }
  seen.expect(has_alert, fmt::format("{}: the open connection got no alert", loss));
  seen.expect(is_protected && talk->received.empty(),
              fmt::format("{}: the open connection got more than an alert", loss));
}

/// A stranger in plain text must not get a byte, nor even a connection.
void look_at_plain(const DrillListener& drill, std::string_view loss, Observations& seen) {
  constexpr std::string_view k_get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const auto got = drill.listener().dialer->exchange(as_bytes(k_get), Span::millis(200),
                                                     web::k_exchange_max_bytes);
  seen.expect(!got || got->empty(), fmt::format("{}: plain bytes arrive", loss));
  seen.expect(!got, fmt::format("{}: the port takes connections", loss));
}

/// One way to lose the certificate, and the way back.
struct Loss {
  std::string_view name;
  std::function<Result<void>()> lose;
  std::function<Result<void>()> mend;
};

Result<void> move_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  std::filesystem::rename(from, to, error);
  return error ? Result<void>(fail(Code::StorageFailed, "a file could not be moved"))
               : Result<void>();
}

std::vector<Loss> losses(DrillListener& drill) {
  const OwnListener files = drill.listener();
  const auto aside = [](const std::filesystem::path& file) { return file.string() + ".aside"; };
  const std::filesystem::path certificate = files.certificate;
  const std::filesystem::path key = files.private_key;
  const std::filesystem::path other = certificate.string() + ".other";
  return {
      {"certificate removed", [=] { return move_file(certificate, aside(certificate)); },
       [=] { return move_file(aside(certificate), certificate); }},
      {"key removed", [=] { return move_file(key, aside(key)); },
       [=] { return move_file(aside(key), key); }},
      {"foreign key",
       [=]() -> Result<void> {
         PROBITY_CHECK(move_file(key, aside(key)));
         const Instant now = SystemClock().now();
         return crypto::make_self_signed(other, key, {"localhost"}, now, now + Span::hours(1));
       },
       [=]() -> Result<void> { return move_file(aside(key), key); }},
      {"expired",
       [&drill]() -> Result<void> {
         drill.set_clock_off(Span::days(2));
         return {};
       },
       [&drill]() -> Result<void> {
         drill.set_clock_off(Span());
         return {};
       }},
  };
}

Result<void> look_at_loss(DrillListener& drill, const Loss& loss, Span within, Observations& seen) {
  const bool is_open = waits_for([&] { return drill.is_ready() && answers(drill); }, within);
  seen.need(is_open, fmt::format("{}: the listener did not serve before", loss.name));
  if (!is_open) return {};
  auto connection = stay_connected(drill, within + within);
  // The handshake comes before the loss.
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  PROBITY_CHECK(loss.lose());
  const bool is_down = waits_for([&] { return !drill.is_ready(); }, within);
  seen.expect(is_down, fmt::format("{}: readiness stays up", loss.name));
  seen.expect(!answers(drill), fmt::format("{}: a request is answered", loss.name));
  look_at_plain(drill, loss.name, seen);
  look_at_open_connection(connection.get(), loss.name, seen);
  PROBITY_CHECK(loss.mend());
  const bool is_back = waits_for([&] { return drill.is_ready() && answers(drill); }, within);
  seen.expect(is_back, fmt::format("{}: it does not come back", loss.name));
  return {};
}

Result<Finding> loss_closes(const LossSubject& subject, const Deadline& deadline) {
  Observations seen;
  PROBITY_TRY(drill, subject.open());
  for (const Loss& loss : losses(*drill)) {
    if (deadline.has_passed()) return fail(Code::Deadline);
    PROBITY_CHECK(look_at_loss(*drill, loss, subject.notices_within, seen));
    if (seen.has_contradiction()) break;
  }
  seen.note("within_ms", subject.notices_within.ms());
  return seen.finding();
}

}  // namespace

Probes loss_probes(LossSubject subject) {
  Probes probes;
  probes.push_back({.name = "tls.certificate_loss_closes",
                    .method = Method::Drill,
                    .every = k_drill_every,
                    .run = [subject = std::move(subject)](const Deadline& deadline) {
                      return loss_closes(subject, deadline);
                    }});
  return probes;
}

}  // namespace probity::attest
