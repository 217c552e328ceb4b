#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "web/request.hpp"
#include "web/response.hpp"

namespace probity::web {

/// One request in progress, from its head to its answer. Opaque to `net`.
class Exchange {
 public:
  virtual ~Exchange() = default;
};

/// What the pipeline says of a request's head.
struct Admission {
  std::shared_ptr<Exchange> exchange;  ///< Set when the body may be read.
  std::uint64_t body_max_bytes = 0;    ///< By route and principal; smaller before identity.
  std::optional<Response> refusal;     ///< Set when it is refused; the body is not read.
};

/// What `net` calls: the pipeline, seen from a connection. Threads: any; nothing here blocks the
/// caller. Each callback is called exactly once, perhaps before the call returns, perhaps later on
/// another thread.
class Service {
 public:
  virtual ~Service() = default;
  /// The head has been parsed (`request.body` is empty).
  virtual void admit(Request request, std::move_only_function<void(Admission)> ready) = 0;
  /// The body has been read in full.
  virtual void serve(std::shared_ptr<Exchange> exchange, std::string body,
                     std::move_only_function<void(Response)> done) = 0;
  /// Pulls the next piece of a streamed body on a worker.
  virtual void pull(std::shared_ptr<BodySource> source,
                    std::move_only_function<void(Result<BodySource::Piece>)> done) = 0;
  /// A request the strict parser refused: gives the problem document to send before closing.
  [[nodiscard]] virtual Response refuse_malformed(const Error& error) = 0;
  /// After the answer was handed to the socket, with its size: for the access log line.
  virtual void finished(const std::shared_ptr<Exchange>& exchange, int status,
                        std::uint64_t bytes_sent) = 0;
};

}  // namespace probity::web
