#pragma once

#include <string>

#include "web/dialer.hpp"
#include "web/pipeline.hpp"

namespace probity::app {

/// Speaks HTTP to a pipeline in memory, as a TLS connection to the listener would; what comes back
/// is what the pipeline answered, byte for byte. Threads: any, one request each.
class PipelineDialer final : public web::Dialer {
 public:
  explicit PipelineDialer(web::Pipeline& pipeline);
  /// There is no socket: NotBuilt.
  Result<Bytes> exchange(BytesView sent, Span within, std::size_t enough_bytes) override;
  /// BadRequest for what is no request.
  Result<web::Talk> talk(const web::TalkAsk& ask) override;
  /// Requests come from this address from now on; at first from 192.0.2.7, a documentation address.
  void come_from(const web::Address& peer);

 private:
  [[nodiscard]] web::Response answer(web::Request request);
  [[nodiscard]] std::string text_of(web::Response response, const Deadline& deadline);

  web::Pipeline& pipeline_;
  web::Address peer_;
};

}  // namespace probity::app
