#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "net/io_thread.hpp"
#include "net/loop.hpp"
#include "net/tls_stream.hpp"
#include "net/wire.hpp"
#include "web/service.hpp"

namespace probity::net {

/// One client: bytes in, requests to the service one after another, answers out. A state machine
/// without waiting; every state has a deadline, every buffer a bound. Loop's thread only.
class Connection final : public Watched {
 public:
  Connection(IoThread& home, std::uint64_t number, Accepted accepted,
             std::shared_ptr<const TlsContext> context);
  ~Connection() override;

  void start();
  void on_ready(Readiness readiness) override;
  /// An answer of the service.
  void receive(Letter letter);
  void check_deadline(Span now);
  /// Goes on after others had their turn.
  void resume() { pump(); }
  /// Finishes what is in progress, then closes.
  void drain();
  /// Says good-bye now, whatever is in progress.
  void close();

 private:
  enum class State : std::uint8_t {
    Detect,  ///< Waiting for the first byte: TLS or not.
    Plain,   ///< Plain HTTP on the TLS port: reading just enough to refuse it.
    Handshake,
    Head,       ///< Waiting for a request or in the middle of its head.
    Admission,  ///< The service looks at the head.
    Body,
    Answer,  ///< The service works.
    Write,   ///< Something is being sent; `after_` says what follows.
    Pull,    ///< A streamed body is asked for its next piece.
    Pause,   ///< A streamed body has nothing to say for a while.
    Linger,  ///< We are done; the peer may still read.
    Dead,
  };
  /// What follows when the outbox is empty.
  enum class Next : std::uint8_t { Body, Request, Pull, Pause, Close };
  enum class Fill : std::uint8_t { Some, Nothing, Ended };

  // Each step does one thing and says whether another one may be possible at once.
  void pump();
  [[nodiscard]] bool step();
  [[nodiscard]] bool step_detect();
  [[nodiscard]] bool step_plain();
  [[nodiscard]] bool step_handshake();
  [[nodiscard]] bool step_head();
  [[nodiscard]] bool step_body();
  [[nodiscard]] bool step_watch();
  [[nodiscard]] bool step_write();
  [[nodiscard]] bool step_linger();

  [[nodiscard]] Fill fill();
  void enter(State state, Span deadline_in);
  void await_head();
  void begin_request(Head head);
  void take(web::Admission admission);
  void take(web::Response response);
  void take(Result<web::BodySource::Piece> piece);
  void begin_body(std::uint64_t most);
  void serve();
  void respond(web::Response response);
  void refuse(const Error& error);
  void send(Next next);
  void after_write();
  void pull();
  void end_stream();
  void finish_exchange();
  void linger();
  void die();
  void on_deadline();
  /// A deadline that moves with the bytes: a base and what the least rate grants.
  [[nodiscard]] Span earned(Span base, std::uint64_t bytes) const;
  [[nodiscard]] const Patience& patience() const { return home_.surroundings().patience; }
  [[nodiscard]] web::Service& service() const { return home_.surroundings().service; }

  IoThread& home_;
  const std::uint64_t number_;
  Socket socket_;
  web::Address peer_;
  std::shared_ptr<const TlsContext> context_;
  std::unique_ptr<TlsStream> stream_;

  State state_ = State::Detect;
  Next next_ = Next::Request;
  bool is_pumping_ = false;
  bool closes_ = false;      ///< No request after this one.
  bool is_fresh_ = false;    ///< `inbox_` holds bytes nobody has looked at.
  bool has_served_ = false;  ///< At least one request was answered.
  Span deadline_;
  std::string inbox_;
  HeadReader head_reader_;

  // The request in progress.
  web::Method method_ = web::Method::Get;
  Framing framing_ = Framing::None;
  std::uint64_t declared_bytes_ = 0;
  bool expects_continue_ = false;
  std::shared_ptr<web::Exchange> exchange_;
  std::optional<BodyReader> body_reader_;
  std::string body_;
  Span body_began_;

  // The answer in progress.
  int status_ = 0;
  std::string out_;               ///< Head, small bodies, chunks.
  std::string out_body_;          ///< A large body, not copied; sent after `out_`.
  std::size_t out_sent_ = 0;      ///< Of the two together.
  std::uint64_t sent_bytes_ = 0;  ///< Of the whole response.
  Span write_began_;
  Span moved_at_;  ///< When a record of it was taken last.
  Span pause_;
  std::shared_ptr<web::BodySource> source_;
  std::size_t lingered_bytes_ = 0;
};

}  // namespace probity::net
