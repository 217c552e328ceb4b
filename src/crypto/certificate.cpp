#include "crypto/certificate.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <limits>

#include "crypto/file.hpp"
#include "crypto/hash.hpp"
#include "crypto/openssl.hpp"
#include "crypto/random.hpp"

namespace probity::crypto {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_pem_bytes_max = 1024U * 1024;
constexpr std::size_t k_dns_name_max = 253;    // RFC 1035, section 2.3.4, without the root's dot.
constexpr std::size_t k_common_name_max = 64;  // RFC 5280, ub-common-name.
constexpr int k_version_3 = 2;

/// What a host name in a certificate is made of (RFC 6125), so that nothing else gets in.
bool is_dns_name(std::string_view name) {
  if (name.starts_with("*.")) name.remove_prefix(2);
  if (name.empty() || name.size() > k_dns_name_max || name.front() == '.' || name.back() == '.' ||
      name.find("..") != std::string_view::npos)
    return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

/// 4 or 16 bytes when it is an address, else none.
Bytes address_bytes(const std::string& name) {
  Bytes out(16);
  if (inet_pton(AF_INET6, name.c_str(), out.data()) == 1) return out;
  out.resize(4);
  if (inet_pton(AF_INET, name.c_str(), out.data()) == 1) return out;
  return {};
}

std::string address_text(BytesView bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = bytes.size() == 16 ? AF_INET6 : AF_INET;
  if (bytes.size() != 4 && bytes.size() != 16) return {};
  inet_ntop(family, bytes.data(), text.data(), text.size());
  return text.data();
}

void add_name(GENERAL_NAMES* names, const std::string& name) {
  const Bytes address = address_bytes(name);
  const auto* const data = address.empty() ? as_bytes(name).data() : address.data();
  const std::size_t size = address.empty() ? name.size() : address.size();
  ASN1_STRING* const text =
      ssl::require(address.empty() ? ASN1_IA5STRING_new() : ASN1_OCTET_STRING_new());
  ssl::require(ASN1_STRING_set(text, data, static_cast<int>(size)) == 1);
  GENERAL_NAME* const general = ssl::require(GENERAL_NAME_new());
  GENERAL_NAME_set0_value(general, address.empty() ? GEN_DNS : GEN_IPADD, text);
  ssl::require(sk_GENERAL_NAME_push(names, general) > 0);
}

void add_extension(X509* certificate, int kind, const char* value) {
  X509V3_CTX about{};
  X509V3_set_ctx(&about, certificate, certificate, nullptr, nullptr, 0);
  const ssl::Extension extension(ssl::require(X509V3_EXT_conf_nid(nullptr, &about, kind, value)));
  ssl::require(X509_add_ext(certificate, extension.get(), -1) == 1);
}

void set_serial(X509* certificate) {
  // RFC 5280, 4.1.2.2: positive, at most 20 bytes; 159 random bits are never met twice.
  Bytes serial = random_bytes(20);
  serial[0] = static_cast<std::uint8_t>((serial[0] & 0x7F) | 0x40);
  const ssl::Number number(
      ssl::require(BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr)));
  ssl::require(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr);
}

void set_subject(X509* certificate, const std::string& name) {
  X509_NAME* const subject = X509_get_subject_name(certificate);
  const std::string common = name.substr(0, k_common_name_max);
  ssl::require(X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
                                          as_bytes(common).data(), static_cast<int>(common.size()),
                                          -1, 0) == 1);
  ssl::require(X509_set_issuer_name(certificate, subject) == 1);
}

void set_period(X509* certificate, Instant not_before, Instant not_after) {
  ssl::require(ASN1_TIME_set(X509_getm_notBefore(certificate), not_before.s()) != nullptr);
  ssl::require(ASN1_TIME_set(X509_getm_notAfter(certificate), not_after.s()) != nullptr);
}

ssl::Certificate build(EVP_PKEY* key, const std::vector<std::string>& names, Instant not_before,
                       Instant not_after) {
  ssl::Certificate certificate(ssl::require(X509_new()));
  X509* const x = certificate.get();
  ssl::require(X509_set_version(x, k_version_3) == 1);
  set_serial(x);
  set_subject(x, names.front());
  set_period(x, not_before, not_after);
  ssl::require(X509_set_pubkey(x, key) == 1);
  const ssl::Names general(ssl::require(sk_GENERAL_NAME_new_null()));
  for (const std::string& name : names)
    add_name(general.get(), name);
  ssl::require(X509_add1_ext_i2d(x, NID_subject_alt_name, general.get(), 0, 0) == 1);
  add_extension(x, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(x, NID_key_usage, "critical,digitalSignature");
  add_extension(x, NID_ext_key_usage, "serverAuth");
  add_extension(x, NID_subject_key_identifier, "hash");
  ssl::require(X509_sign(x, key, ssl::sha256()) > 0);
  return certificate;
}

/// The bytes written to a memory stream, wiped there.
SecretBytes take_all(BIO* stream) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(stream, &data);
  ssl::require(size > 0);
  return SecretBytes(to_bytes(as_bytes({data, static_cast<std::size_t>(size)})));
}

ssl::Stream memory_stream() {
  // The secure variant wipes what it held.
  return ssl::Stream(ssl::require(BIO_new(BIO_s_secmem())));
}

ssl::Stream reading(BytesView bytes) {
  // OpenSSL refuses the null pointer that an empty file comes with.
  static constexpr std::uint8_t k_nothing = 0;
  const std::uint8_t* const data = bytes.empty() ? &k_nothing : bytes.data();
  return ssl::Stream(ssl::require(BIO_new_mem_buf(data, static_cast<int>(bytes.size()))));
}

/// A key file with a pass phrase must not make the server ask for one on a terminal.
int no_pass_phrase(char*, int, int, void*) { return -1; }

std::string text_of(const X509_NAME* name) {
  const ssl::Stream stream = memory_stream();
  if (X509_NAME_print_ex(stream.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) <= 0)
    return {};
  return std::string(take_all(stream.get()).expose_text());
}

std::vector<std::string> names_of(X509* certificate) {
  std::vector<std::string> out;
  const ssl::Names names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int kind = 0;
    const auto* const value = static_cast<const ASN1_STRING*>(
        GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &kind));
    if (kind != GEN_DNS && kind != GEN_IPADD) continue;
    const BytesView bytes(ASN1_STRING_get0_data(value),
                          static_cast<std::size_t>(ASN1_STRING_length(value)));
    out.push_back(kind == GEN_DNS ? std::string(as_text(bytes)) : address_text(bytes));
  }
  return out;
}

Result<Instant> instant_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1)
    return fail(Code::Config, "the certificate holds a date that is none");
  return Instant::from_s(timegm(&parts));
}

std::string fingerprint(X509* certificate) {
  Digest digest{};
  ssl::require(X509_digest(certificate, ssl::sha256(), digest.data(), nullptr) == 1);
  return to_hex(digest);
}

Result<ssl::Certificate> read_certificate(const fs::path& file) {
  PROBITY_TRY(pem, read_whole_file(file, k_pem_bytes_max, Privacy::Any, Code::Config));
  const ssl::Stream stream = reading(pem.expose());
  ssl::Certificate certificate(PEM_read_bio_X509(stream.get(), nullptr, no_pass_phrase, nullptr));
  ERR_clear_error();
  if (!certificate) return fail(Code::Config, file.string() + " holds no PEM certificate");
  return certificate;
}

Result<ssl::PrivateKey> read_private_key(const fs::path& file) {
  PROBITY_TRY(pem, read_whole_file(file, k_pem_bytes_max, Privacy::Any, Code::Config));
  const ssl::Stream stream = reading(pem.expose());
  ssl::PrivateKey key(PEM_read_bio_PrivateKey(stream.get(), nullptr, no_pass_phrase, nullptr));
  ERR_clear_error();
  if (!key)
    return fail(Code::Config, file.string() + " holds no PEM private key without a pass phrase");
  return key;
}

Result<void> check_request(const std::vector<std::string>& names, Instant not_before,
                           Instant not_after) {
  if (names.empty()) return fail(Code::Config, "a certificate needs a name");
  if (not_after <= not_before) return fail(Code::Config, "a certificate must end after it begins");
  for (const std::string& name : names)
    if (address_bytes(name).empty() && !is_dns_name(name))
      return fail(Code::Config, "'" + name + "' is neither a host name nor an address");
  return {};
}

}  // namespace

Result<void> make_self_signed(const fs::path& certificate, const fs::path& key,
                              const std::vector<std::string>& names, Instant not_before,
                              Instant not_after) {
  PROBITY_CHECK(check_request(names, not_before, not_after));
  const ssl::PrivateKey pair(ssl::require(EVP_EC_gen("P-256")));
  const ssl::Certificate made = build(pair.get(), names, not_before, not_after);

  const ssl::Stream key_pem = memory_stream();
  ssl::require(PEM_write_bio_PrivateKey(key_pem.get(), pair.get(), nullptr, nullptr, 0, nullptr,
                                        nullptr) == 1);
  const ssl::Stream certificate_pem = memory_stream();
  ssl::require(PEM_write_bio_X509(certificate_pem.get(), made.get()) == 1);

  // The key first: a certificate without its key would be taken for a finished pair by nobody.
  PROBITY_CHECK(write_whole_file(key, take_all(key_pem.get()).expose(), 0600, Existing::Replace));
  return write_whole_file(certificate, take_all(certificate_pem.get()).expose(), 0644,
                          Existing::Replace);
}

Result<CertificateInfo> inspect_certificate(const fs::path& certificate, const fs::path& key) {
  PROBITY_TRY(x, read_certificate(certificate));
  PROBITY_TRY(pair, read_private_key(key));
  const bool is_pair = X509_check_private_key(x.get(), pair.get()) == 1;
  ERR_clear_error();
  if (!is_pair) {
    return fail(Code::Config, "the key in " + key.string() +
                                  " does not belong to the certificate in " + certificate.string());
  }
  CertificateInfo info;
  info.subject = text_of(X509_get_subject_name(x.get()));
  info.names = names_of(x.get());
  PROBITY_TRY(not_before, instant_of(X509_get0_notBefore(x.get())));
  PROBITY_TRY(not_after, instant_of(X509_get0_notAfter(x.get())));
  info.not_before = not_before;
  info.not_after = not_after;
  info.sha256_hex = fingerprint(x.get());
  info.is_self_signed = X509_self_signed(x.get(), 1) == 1;
  ERR_clear_error();
  return info;
}

}  // namespace probity::crypto
