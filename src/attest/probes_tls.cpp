#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "attest/hello.hpp"
#include "attest/probes_tls.hpp"
#include "attest/visitor.hpp"
#include "crypto/certificate.hpp"
#include "crypto/random.hpp"

namespace probity::attest {
namespace {

using web::EarlyData;
using web::Talk;
using web::TalkAsk;
using web::TlsVersion;
using web::WireRecord;

constexpr Span k_answer_within = Span::seconds(2);
/// A server hello up to the end of its extensions, as servers of today send it.
constexpr std::size_t k_greeting_bytes = 95;
constexpr std::uint8_t k_protocol_version_alert = 70;
constexpr std::uint8_t k_protected = 23;
constexpr std::uint8_t k_alert = 21;

Result<Greeting> greet(web::Dialer& dialer, std::uint16_t version,
                       const std::vector<std::uint16_t>& suites, const std::string& name) {
  // A server that takes the hello waits for more: the part of its own that names version and suite
  // is enough, and the connection is given up after it.
  PROBITY_TRY(bytes, dialer.exchange(client_hello(version, suites, name), k_answer_within,
                                     k_greeting_bytes));
  return read_greeting(bytes);
}

std::vector<std::uint16_t> suites_of(bool is_1_3) {
  std::vector<std::uint16_t> numbers;
  for (const Suite& suite : known_suites())
    if (suite.is_1_3 == is_1_3) numbers.push_back(suite.number);
  return numbers;
}

TalkAsk ask_page(const OwnListener& listener) {
  return {.server_name = listener.host,
          .trusted_pem = {},
          .only = {},
          .send = request_text({.path = "/healthz"}, listener.host),
          .early_data = {}};
}

Result<Finding> versions_modern(const FindListener& find) {
  Observations seen;
  PROBITY_TRY(listener, find());
  int refused = 0;
  for (const auto& [version, name] :
       {std::pair{k_ssl_3_0, "SSL 3.0"}, {k_tls_1_0, "TLS 1.0"}, {k_tls_1_1, "TLS 1.1"}}) {
    PROBITY_TRY(greeting, greet(*listener.dialer, version, suites_of(false), listener.host));
    const bool is_alert =
        greeting.kind == Greeting::Kind::Alert && greeting.alert == k_protocol_version_alert;
    const bool is_closed = version == k_ssl_3_0 && (greeting.kind == Greeting::Kind::Closed ||
                                                    greeting.kind == Greeting::Kind::Alert);
    // A full server closes as well: only what is said tells of versions.
    const bool is_silent = greeting.kind == Greeting::Kind::Closed && !is_closed;
    seen.need(!is_silent, fmt::format("no answer to {}", name));
    seen.expect(is_silent || is_alert || is_closed, fmt::format("{} is not turned away", name));
    refused += is_alert || is_closed ? 1 : 0;
  }
  for (const auto& [only, name] :
       {std::pair{TlsVersion::Tls12, "TLSv1.2"}, {TlsVersion::Tls13, "TLSv1.3"}}) {
    TalkAsk ask = ask_page(listener);
    ask.only = only;
    PROBITY_TRY(talk, listener.dialer->talk(ask));
    seen.need(!talk.is_cut_off, fmt::format("no answer to {}", name));
    seen.expect(talk.is_cut_off || (talk.is_established && talk.version == name),
                fmt::format("{} is not accepted", name));
  }
  seen.note("old_versions_refused", refused);
  return seen.finding();
}

Result<Finding> suites_strong(const FindListener& find, const Deadline& deadline) {
  Observations seen;
  PROBITY_TRY(listener, find());
  std::string accepted;
  int strong_1_2 = 0;
  int strong_1_3 = 0;
  int tried = 0;
  for (const Suite& suite : known_suites()) {
    if (deadline.has_passed()) {
      seen.give_up("out of time before every suite was offered");
      break;
    }
    const std::uint16_t version = suite.is_1_3 ? k_tls_1_3 : k_tls_1_2;
    PROBITY_TRY(greeting, greet(*listener.dialer, version, {suite.number}, listener.host));
    if (greeting.kind == Greeting::Kind::Closed) {
      seen.give_up(fmt::format("no answer to {}", suite.name));
      break;
    }
    ++tried;
    const bool is_accepted = greeting.kind == Greeting::Kind::ServerHello;
    if (!is_accepted) continue;
    seen.expect(suite.is_strong, fmt::format("accepted: {}", suite.name));
    seen.expect(greeting.suite == suite.number, "a suite was chosen that was not offered");
    if (suite.is_strong) (suite.is_1_3 ? strong_1_3 : strong_1_2) += 1;
    accepted += (accepted.empty() ? "" : ", ") + std::string(suite.name);
  }
  if (!seen.has_given_up()) {
    seen.expect(strong_1_2 > 0, "no strong suite under TLS 1.2");
    seen.expect(strong_1_3 > 0, "no strong suite under TLS 1.3");
  }
  seen.note("tried", tried);
  seen.note("accepted", accepted);
  return seen.finding();
}

Result<std::string> read_text(const std::filesystem::path& file) {
  const std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in || text.str().empty()) return fail(Code::Config, "the certificate in use is not there");
  return text.str();
}

std::size_t certificates_in(std::string_view pem) {
  constexpr std::string_view k_begin = "-----BEGIN CERTIFICATE-----";
  std::size_t count = 0;
  for (std::size_t at = pem.find(k_begin); at != std::string_view::npos;
       at = pem.find(k_begin, at + k_begin.size()))
    ++count;
  return count;
}

/// A certificate of an issuer nobody here knows, made for this run.
Result<std::string> foreign_issuer(Instant now) {
  std::string pattern = (std::filesystem::temp_directory_path() / "probity-probe-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) return fail(Code::StorageFailed, "no scratch folder");
  const std::filesystem::path folder = pattern;
  const auto made = crypto::make_self_signed(folder / "c.pem", folder / "k.pem", {"localhost"},
                                             now - Span::hours(1), now + Span::hours(1));
  auto text = made ? read_text(folder / "c.pem") : Result<std::string>(fail(Code::Internal));
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return text;
}

std::string first_certificate_name(const crypto::CertificateInfo& info, const std::string& host) {
  const bool fits = std::ranges::find(info.names, host) != info.names.end();
  return fits || info.names.empty() ? host : info.names.front();
}

/// A handshake that came to no end tells nothing of the sentence.
Finding cut_off(Observations& seen) {
  seen.give_up("the handshake was cut off");
  return seen.finding();
}

Result<Finding> server_authenticated(const Clock& clock, const FindListener& find) {
  Observations seen;
  PROBITY_TRY(listener, find());
  PROBITY_TRY(chain, read_text(listener.certificate));
  PROBITY_TRY(info, crypto::inspect_certificate(listener.certificate, listener.private_key));
  TalkAsk ask = ask_page(listener);
  ask.trusted_pem = chain;
  ask.verified_at = clock.now();
  ask.server_name = first_certificate_name(info, listener.host);
  PROBITY_TRY(fitting, listener.dialer->talk(ask));
  if (fitting.is_cut_off) return cut_off(seen);
  seen.expect(fitting.is_established,
              "a client that trusts the issuer is turned away: " + fitting.failure);
  seen.expect(
      !fitting.chain_sha256_hex.empty() && fitting.chain_sha256_hex.front() == info.sha256_hex,
      "the certificate shown is not the one in use");
  seen.expect(fitting.chain_sha256_hex.size() >= certificates_in(chain),
              "the chain shown is not complete");

  PROBITY_TRY(foreign, foreign_issuer(clock.now()));
  TalkAsk wrong_issuer = ask;
  wrong_issuer.trusted_pem = foreign;
  PROBITY_TRY(strange, listener.dialer->talk(wrong_issuer));
  if (strange.is_cut_off) return cut_off(seen);
  seen.expect(!strange.is_established, "a client that knows another issuer was content");
  TalkAsk wrong_name = ask;
  wrong_name.server_name = "another-name.invalid";
  PROBITY_TRY(misnamed, listener.dialer->talk(wrong_name));
  if (misnamed.is_cut_off) return cut_off(seen);
  seen.expect(!misnamed.is_established, "a client that expects another name was content");
  seen.note("certificates_shown", static_cast<std::int64_t>(fitting.chain_sha256_hex.size()));
  seen.note("expires", to_rfc3339(info.not_after));
  return seen.finding();
}

bool holds(const Bytes& where, const std::string& what) {
  return as_text(where).find(what) != std::string_view::npos;
}

void look_at_records(const Talk& talk, const std::string& mark, Observations& seen) {
  seen.need(talk.is_established && !talk.records.empty(), "no connection: " + talk.failure);
  if (!talk.is_established) return;
  seen.expect(!talk.has_spoken_first, "the server spoke before the client asked");
  std::size_t protected_from_client = 0;
  bool is_after_handshake = false;
  for (const WireRecord& record : talk.records) {
    seen.expect(!holds(record.bytes, mark), "the mark can be read on the wire");
    if (record.is_from_client && record.type == k_protected) ++protected_from_client;
    // The request is the client's last flight; from there on nothing else may travel.
    is_after_handshake = is_after_handshake || protected_from_client >= 2 ||
                         (protected_from_client == 1 && talk.version == "TLSv1.2");
    if (is_after_handshake)
      seen.expect(record.type == k_protected || (record.type == k_alert && record.bytes.size() > 7),
                  "an unprotected record after the handshake");
  }
  seen.expect(protected_from_client > 0, "the request did not travel in a protected record");
}

Result<Finding> records_encrypted(const FindListener& find) {
  Observations seen;
  PROBITY_TRY(listener, find());
  const std::string mark = "mark-" + random_word(18);
  const std::string body = fmt::format(
      R"({{"tenant":"probity-scratch-none","email":"a@scratch.invalid","password":"{}"}})", mark);
  const std::string request =
      request_text({.method = "POST", .path = "/api/v1/login", .body = body}, listener.host);
  seen.need(request.find(mark) != std::string::npos, "the control: the mark is in the plain copy");
  for (const TlsVersion only : {TlsVersion::Tls12, TlsVersion::Tls13}) {
    TalkAsk ask = ask_page(listener);
    ask.only = only;
    ask.send = request;
    ask.listen_first = Span::millis(50);
    PROBITY_TRY(talk, listener.dialer->talk(ask));
    look_at_records(talk, mark, seen);
    seen.need(talk.received.starts_with("HTTP/1."), "no answer came");
  }
  TalkAsk early = ask_page(listener);
  early.only = TlsVersion::Tls13;
  early.early_data = request_text({.path = "/healthz"}, listener.host);
  PROBITY_TRY(talk, listener.dialer->talk(early));
  seen.need(!talk.is_cut_off, "no answer to early data");
  seen.expect(talk.early_data != EarlyData::Accepted, "early data was taken");
  return seen.finding();
}

/// Whether plain text is sent to https, refused with the connection closed, or not answered at all.
bool is_turned_away(BytesView answer) {
  const auto reply = parse_reply(as_text(answer));
  if (!reply) return !as_text(answer).starts_with("HTTP/");
  if (reply->status == 400) return reply->header("connection") == "close";
  const bool is_redirect = reply->status == 301 || reply->status == 308;
  return is_redirect && reply->header("location").starts_with("https://");
}

Result<Finding> plain_refused(const FindListener& find) {
  Observations seen;
  PROBITY_TRY(listener, find());
  PROBITY_TRY(open, listening_sockets());
  for (const std::string& address : open)
    seen.expect(std::ranges::find(listener.addresses, address) != listener.addresses.end(),
                "an undeclared socket listens: " + address);
  seen.note("sockets", static_cast<std::int64_t>(open.size()));
  const std::string mark = random_word(18);
  const std::string body = fmt::format(
      R"({{"tenant":"probity-scratch-none","email":"a@scratch.invalid","password":"{}"}})", mark);
  for (const std::string& address : listener.addresses) {
    seen.need(std::ranges::find(open, address) != open.end(),
              "a declared socket does not listen: " + address);
    PROBITY_TRY(dialer, listener.dial(address));
    for (const std::string& request :
         {request_text({.path = "/login"}, listener.host),
          request_text({.method = "POST", .path = "/api/v1/login", .body = body}, listener.host)}) {
      PROBITY_TRY(answer,
                  dialer->exchange(as_bytes(request), k_answer_within, web::k_exchange_max_bytes));
      seen.expect(is_turned_away(answer), "plain text was answered at " + address);
      seen.expect(!holds(answer, mark), "a password came back in plain text");
    }
  }
  return seen.finding();
}

}  // namespace

Probes tls_probes(const Clock& clock, const FindListener& find) {
  Probes probes;
  const auto add = [&probes](std::string_view name, auto run) {
    probes.push_back({.name = std::string(name), .run = std::move(run)});
  };
  add("tls.versions_modern", [find](const Deadline&) { return versions_modern(find); });
  add("tls.plain_refused", [find](const Deadline&) { return plain_refused(find); });
  add("tls.server_authenticated",
      [&clock, find](const Deadline&) { return server_authenticated(clock, find); });
  add("tls.records_encrypted", [find](const Deadline&) { return records_encrypted(find); });
  add("tls.suites_strong",
      [find](const Deadline& deadline) { return suites_strong(find, deadline); });
  return probes;
}

}  // namespace probity::attest
