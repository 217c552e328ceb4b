#include "app/own_listener.hpp"

#include <utility>

#include "net/tls_dialer.hpp"

namespace probity::app {

attest::FindListener make_listener_finder(const Config& config,
                                          std::function<net::Server*()> server) {
  return [&config, server = std::move(server)]() -> Result<attest::OwnListener> {
    net::Server* running = server();
    if (running == nullptr) return fail(Code::Overloaded, "the listener has not been opened");
    const net::ListenerState state = running->state();
    if (!state.is_open || state.addresses.empty())
      return fail(Code::Overloaded, "the listener is closed");
    attest::OwnListener found;
    PROBITY_TRY(dialer, net::make_dialer(state.addresses.front()));
    found.dialer = std::move(dialer);
    found.certificate = config.certificate;
    found.private_key = config.private_key;
    found.addresses = state.addresses;
    found.dial = [](const std::string& address) -> Result<std::shared_ptr<web::Dialer>> {
      PROBITY_TRY(made, net::make_dialer(address));
      return std::shared_ptr<web::Dialer>(std::move(made));
    };
    return found;
  };
}

}  // namespace probity::app
