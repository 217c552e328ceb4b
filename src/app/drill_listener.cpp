#include "app/drill_listener.hpp"

#include <utility>

#include "app/drill_folder.hpp"
#include "app/moved_clock.hpp"
#include "crypto/certificate.hpp"
#include "net/tls_dialer.hpp"
#include "web/response.hpp"
#include "web/service.hpp"

namespace probity::app {
namespace {

/// Shorter than the product's second, so that a drill of four losses ends in its time.
constexpr Span k_watch = Span::millis(250);

/// Answers every request alike; there is no content to protect.
class Word final : public web::Service {
 public:
  void admit(web::Request, std::move_only_function<void(web::Admission)> ready) override {
    ready({std::make_shared<web::Exchange>(), 0, {}});
  }
  void serve(std::shared_ptr<web::Exchange>, std::string,
             std::move_only_function<void(web::Response)> done) override {
    done(web::json_response(200, "{}"));
  }
  void pull(std::shared_ptr<web::BodySource> source,
            std::move_only_function<void(Result<web::BodySource::Piece>)> done) override {
    done(source->next());
  }
  web::Response refuse_malformed(const Error& error) override {
    return web::problem_response(error, RequestId());
  }
  void finished(const std::shared_ptr<web::Exchange>&, int, std::uint64_t) override {}
};

class ThrowawayListener final : public attest::DrillListener {
 public:
  ThrowawayListener(const std::filesystem::path& parent, DrillListenerParts parts)
      : parts_(std::move(parts)), folder_(parent) {}

  Result<void> open() {
    if (folder_.path().empty()) return fail(Code::StorageFailed, "no folder for a drill");
    net::ServerOptions options;
    options.listen = {"127.0.0.1:0"};
    certificate_ = options.certificate = folder_.path() / "certificate.pem";
    private_key_ = options.private_key = folder_.path() / "key.pem";
    options.connections_max = 16;
    options.io_threads = 1;
    options.patience.watch = k_watch;
    const Instant now = clock_.now();
    PROBITY_CHECK(crypto::make_self_signed(options.certificate, options.private_key, {"localhost"},
                                           now - Span::hours(1), now + Span::days(1)));
    if (parts_.options) parts_.options(options);
    PROBITY_TRY(server, net::Server::start(std::move(options), service_, clock_, log_));
    server_ = std::move(server);
    address_ = server_->state().addresses.front();
    return {};
  }
  [[nodiscard]] attest::OwnListener listener() const override {
    attest::OwnListener own;
    if (auto dialer = net::make_dialer(address_)) own.dialer = std::move(*dialer);
    own.certificate = certificate_;
    own.private_key = private_key_;
    own.addresses = {address_};
    return own;
  }
  [[nodiscard]] bool is_ready() const override { return server_->state().is_open; }
  void set_clock_off(Span by) override {
    if (parts_.sees_clock) clock_.set_off(by);
  }

 private:
  DrillListenerParts parts_;
  DrillFolder folder_;
  MovedClock clock_;
  Log log_{-1, clock_, LogLevel::Failure};
  Word service_;
  std::filesystem::path certificate_;
  std::filesystem::path private_key_;
  std::string address_;
  std::unique_ptr<net::Server> server_;
};

}  // namespace

std::function<Result<std::unique_ptr<attest::DrillListener>>()> make_drill_listeners(
    std::filesystem::path parent, DrillListenerParts parts) {
  return [parent = std::move(parent),
          parts = std::move(parts)]() -> Result<std::unique_ptr<attest::DrillListener>> {
    auto made = std::make_unique<ThrowawayListener>(parent, parts);
    PROBITY_CHECK(made->open());
    return std::unique_ptr<attest::DrillListener>(std::move(made));
  };
}

}  // namespace probity::app
