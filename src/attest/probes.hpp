#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "attest/people.hpp"
#include "attest/probe.hpp"
#include "attest/scratch.hpp"
#include "attest/shelf.hpp"
#include "attest/statement.hpp"
#include "crypto/cipher.hpp"
#include "crypto/known_answers.hpp"
#include "identity/permission.hpp"

namespace probity::attest {

// Each area has a subject: the controls its probes look at, as the product wires them. A test puts
// a sabotaged control in its place and sees the probe answer `broken`; nothing else can do that.

/// What all probes share.
struct Ground {
  store::Engine& engine;
  const Clock& clock;
  Scratch& scratch;
};

/// crypto.known_answers_met.
struct CryptoSubject {
  std::function<Result<std::vector<crypto::KnownAnswer>>()> known_answers =
      crypto::run_known_answers;
  /// Whether a key of so many bytes is taken.
  std::function<bool(std::size_t bytes)> takes_key;
  std::function<Result<Bytes>(const crypto::Cipher&, BytesView plain)> seal;
};
[[nodiscard]] CryptoSubject product_crypto();
[[nodiscard]] Probes crypto_probes(const Ground& ground, CryptoSubject subject = product_crypto());

/// store.altered_record_refused.
struct RecordSubject {
  std::function<Result<Bytes>(const crypto::Cipher&, crypto::Purpose, BytesView row, BytesView)>
      seal;
  std::function<Result<Bytes>(const crypto::Cipher&, crypto::Purpose, BytesView row, BytesView)>
      open;
};
[[nodiscard]] RecordSubject product_records();
[[nodiscard]] Probes record_probes(const Ground& ground, RecordSubject subject = product_records());

/// passwords.weak_refused, passwords.stored_sealed.
struct PasswordSubject {
  std::function<Result<void>(store::Engine&, const ScratchMember&, std::string_view password,
                             Instant now)>
      set_password;
};
[[nodiscard]] PasswordSubject product_passwords();
[[nodiscard]] Probes password_probes(const Ground& ground,
                                     PasswordSubject subject = product_passwords());

/// statement.complete_shown: the renderings a reader gets.
struct StatementSubject {
  std::function<std::string(const StatementParts&)> page;
  std::function<std::string(const StatementParts&)> document;
};
[[nodiscard]] Probes statement_probes(const Ground& ground, const Catalogue& catalogue,
                                      StatementSubject subject);

/// statement.versions_dated: the history a reader gets.
struct HistorySubject {
  std::function<Result<std::vector<VersionLine>>()> versions;
  std::function<Result<StoredVersion>(std::int64_t number)> version;
  std::vector<PublishedKey> keys;
};
[[nodiscard]] Probes history_probes(const Ground& ground, HistorySubject subject);

}  // namespace probity::attest
