#include "net/connection.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/freed_memory.hpp"
#include "net/plain.hpp"
#include "web/limits.hpp"

namespace probity::net {
namespace {

/// Steps before the other connections of the thread have their turn: a client that pipelines
/// without end takes no more than its share.
constexpr int k_steps_per_turn = 256;
constexpr char k_tls_handshake_record = 0x16;
/// Input held while the service works on an earlier request.
constexpr std::size_t k_ahead_max_bytes = 16 * 1024;
/// Room for a declared body is made at once up to here, then as the bytes come.
constexpr std::uint64_t k_body_reserve_max_bytes = 64 * 1024;
/// What a peer may still send after our good-bye before it is cut off.
constexpr std::size_t k_linger_max_bytes = 256 * 1024;
/// An inbox that grew past this is given back between requests.
constexpr std::size_t k_inbox_keep_bytes = 4 * 1024;

}  // namespace

Connection::Connection(IoThread& home, std::uint64_t number, Accepted accepted,
                       std::shared_ptr<const TlsContext> context)
    : home_(home),
      number_(number),
      socket_(std::move(accepted.socket)),
      peer_(accepted.peer),
      context_(std::move(context)) {}

Connection::~Connection() {
  finish_exchange();
  home_.surroundings().census.leave(peer_);
}

void Connection::start() {
  enter(State::Detect, patience().handshake);
  if (!home_.loop().add(socket_.fd(), *this, Trigger::Edge)) return die();
  pump();
}

void Connection::on_ready(Readiness readiness) {
  if (state_ == State::Dead) return;
  if (readiness.is_broken && state_ != State::Plain && state_ != State::Detect) return die();
  if (stream_ && readiness.can_read) stream_->note_readable();
  if (stream_ && readiness.peer_finished) stream_->note_finished();
  pump();
}

void Connection::receive(Letter letter) {
  if (state_ == State::Admission && std::holds_alternative<web::Admission>(letter))
    take(std::get<web::Admission>(std::move(letter)));
  else if (state_ == State::Answer && std::holds_alternative<web::Response>(letter))
    take(std::get<web::Response>(std::move(letter)));
  else if (state_ == State::Pull && letter.index() == 2)
    take(std::get<2>(std::move(letter)));
  pump();
}

void Connection::pump() {
  // An answer that comes while a step is running is found by the loop that runs it; so a train of
  // pipelined requests costs no stack.
  if (is_pumping_) return;
  is_pumping_ = true;
  int steps = 0;
  while (steps < k_steps_per_turn && step())
    ++steps;
  is_pumping_ = false;
  if (steps == k_steps_per_turn) home_.resume_later(number_);
}

bool Connection::step() {
  switch (state_) {
    case State::Detect: return step_detect();
    case State::Plain: return step_plain();
    case State::Handshake: return step_handshake();
    case State::Head: return step_head();
    case State::Body: return step_body();
    case State::Admission:
    case State::Answer:
    case State::Pull:
    case State::Pause: return step_watch();
    case State::Write: return step_write();
    case State::Linger: return step_linger();
    case State::Dead: return false;
  }
  return false;
}

void Connection::enter(State state, Span deadline_in) {
  state_ = state;
  deadline_ = home_.loop().now() + deadline_in;
}

bool Connection::step_detect() {
  char first = 0;
  const ssize_t got = ::recv(socket_.fd(), &first, 1, MSG_PEEK);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (got <= 0) {
    die();
  } else if (first == k_tls_handshake_record) {
    stream_ = std::make_unique<TlsStream>(socket_.fd(), context_);
    state_ = State::Handshake;
  } else {
    state_ = State::Plain;
  }
  return true;
}

bool Connection::step_plain() {
  const auto scratch = home_.scratch();
  const ssize_t got = ::recv(socket_.fd(), scratch.data(), scratch.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (got <= 0) {
    die();
    return true;
  }
  const auto bytes = static_cast<std::size_t>(got);
  inbox_.append(scratch.data(), bytes);
  ::explicit_bzero(scratch.data(), bytes);
  const std::string own_address = own_host_of(socket_);
  if (const auto answer = answer_plain(inbox_, {home_.surroundings().public_url, own_address})) {
    [[maybe_unused]] const ssize_t sent =
        ::send(socket_.fd(), answer->data(), answer->size(), MSG_NOSIGNAL);
    ::shutdown(socket_.fd(), SHUT_WR);
    // No byte more is taken from this socket: the deadline gives the peer time to read.
    enter(State::Linger, patience().linger);
    lingered_bytes_ = k_linger_max_bytes;
  }
  return true;
}

bool Connection::step_handshake() {
  switch (stream_->handshake()) {
    case Io::Done:
      context_.reset();
      await_head();
      return true;
    case Io::WantRead:
    case Io::WantWrite: return false;
    case Io::Ended:
    case Io::Failed: break;
  }
  linger();  // The alert is on its way; closing at once could overtake it.
  return true;
}

Connection::Fill Connection::fill() {
  const auto scratch = home_.scratch();
  const Moved moved = stream_->read_some(scratch);
  switch (moved.io) {
    case Io::Done:
      inbox_.append(scratch.data(), moved.bytes);
      ::explicit_bzero(scratch.data(), moved.bytes);
      is_fresh_ = true;
      return Fill::Some;
    case Io::WantRead:
    case Io::WantWrite: return Fill::Nothing;
    case Io::Ended:
    case Io::Failed: break;
  }
  return Fill::Ended;
}

void Connection::await_head() {
  head_reader_ = HeadReader();
  method_ = web::Method::Get;
  status_ = 0;
  sent_bytes_ = 0;
  is_fresh_ = !inbox_.empty();
  if (inbox_.empty() && inbox_.capacity() > k_inbox_keep_bytes) inbox_ = std::string();
  enter(State::Head, has_served_ && !is_fresh_ ? patience().idle : patience().head);
}

bool Connection::step_head() {
  if (is_fresh_) {
    is_fresh_ = false;
    auto head = head_reader_.read(inbox_);
    if (!head) {
      refuse(head.error());
      return true;
    }
    if (*head) {
      begin_request(std::move(**head));
      return true;
    }
  }
  if (home_.is_draining() && inbox_.empty()) {
    linger();
    return true;
  }
  const bool was_empty = inbox_.empty();
  switch (fill()) {
    case Fill::Nothing: return false;
    case Fill::Ended: linger(); return true;
    case Fill::Some: break;
  }
  // The first byte ends the idle time; from here on the head has its own.
  if (was_empty && has_served_) enter(State::Head, patience().head);
  return true;
}

void Connection::begin_request(Head head) {
  wipe_front(inbox_, head.bytes);
  method_ = head.request.method;
  framing_ = head.framing;
  declared_bytes_ = head.request.content_length;
  expects_continue_ = head.expects_continue;
  closes_ = !head.keeps_alive;
  head.request.peer = client_address(peer_, head.request, home_.surroundings().trusted);
  enter(State::Admission, patience().answer);
  service().admit(std::move(head.request),
                  [mail = home_.mailbox(), number = number_](web::Admission admission) {
                    mail->deliver(number, std::move(admission));
                  });
}

void Connection::take(web::Admission admission) {
  exchange_ = std::move(admission.exchange);
  if (admission.refusal) {
    // The body was not asked for, and what follows cannot be told from it.
    if (framing_ != Framing::None) closes_ = true;
    return respond(std::move(*admission.refusal));
  }
  if (framing_ == Framing::Length && declared_bytes_ > admission.body_max_bytes) {
    Error error{Code::BodyTooLarge, {}, {}, {}, 0};
    error.hint = "At most " + std::to_string(admission.body_max_bytes) + " bytes are taken here.";
    return refuse(error);
  }
  begin_body(admission.body_max_bytes);
}

void Connection::begin_body(std::uint64_t most) {
  body_.clear();
  if (framing_ == Framing::None) return serve();
  body_reader_.emplace(framing_, declared_bytes_, most);
  if (framing_ == Framing::Length)
    body_.reserve(static_cast<std::size_t>(std::min(declared_bytes_, k_body_reserve_max_bytes)));
  body_began_ = home_.loop().now();
  is_fresh_ = !inbox_.empty();
  enter(State::Body, patience().body);
  if (expects_continue_ && inbox_.empty()) {
    out_ = k_continue;
    send(Next::Body);
  }
}

bool Connection::step_body() {
  if (is_fresh_) {
    is_fresh_ = false;
    const auto taken = body_reader_->read(inbox_, body_);
    if (!taken) {
      refuse(taken.error());
      return true;
    }
    wipe_front(inbox_, *taken);
    if (body_reader_->is_done()) {
      serve();
      return true;
    }
    deadline_ = body_began_ +
                std::min(earned(patience().body, body_reader_->received()), patience().body_total);
  }
  switch (fill()) {
    case Fill::Nothing: return false;
    case Fill::Ended: die(); return true;
    case Fill::Some: break;
  }
  return true;
}

void Connection::serve() {
  body_reader_.reset();
  enter(State::Answer, patience().answer);
  service().serve(exchange_, std::exchange(body_, {}),
                  [mail = home_.mailbox(), number = number_](web::Response response) {
                    mail->deliver(number, std::move(response));
                  });
}

bool Connection::step_watch() {
  // Reads ahead a little: pipelined requests, and the end of a peer that went away.
  if (inbox_.size() >= k_ahead_max_bytes) return false;
  switch (fill()) {
    case Fill::Some: return true;
    case Fill::Nothing: return false;
    case Fill::Ended: break;
  }
  if (state_ == State::Pull || state_ == State::Pause) {
    die();
    return true;
  }
  closes_ = true;  // It may have closed only its own half: the answer is still owed.
  return false;
}

void Connection::linger() {
  finish_exchange();
  if (stream_) stream_->say_goodbye();
  ::shutdown(socket_.fd(), SHUT_WR);
  lingered_bytes_ = 0;
  enter(State::Linger, patience().linger);
}

bool Connection::step_linger() {
  if (lingered_bytes_ >= k_linger_max_bytes) return false;
  const auto scratch = home_.scratch();
  const ssize_t got = ::recv(socket_.fd(), scratch.data(), scratch.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (got <= 0) {
    die();
    return true;
  }
  lingered_bytes_ += static_cast<std::size_t>(got);
  return true;
}

void Connection::die() {
  if (state_ == State::Dead) return;
  finish_exchange();
  state_ = State::Dead;
  stream_.reset();
  socket_.close();
  source_.reset();
  home_.bury(number_);
}

void Connection::close() {
  if (state_ == State::Dead || state_ == State::Linger) return;
  linger();
  pump();
}

void Connection::drain() {
  switch (state_) {
    case State::Detect:
    case State::Handshake: die(); break;
    case State::Pause: end_stream(); break;
    default: break;
  }
  pump();
}

void Connection::check_deadline(Span now) {
  if (state_ == State::Dead || now < deadline_) return;
  on_deadline();
  pump();
}

void Connection::on_deadline() {
  switch (state_) {
    case State::Head:
      if (inbox_.empty()) return linger();
      return refuse(Error{Code::RequestTimeout, {}, "The head took too long.", {}, 0});
    case State::Body:
      return refuse(Error{Code::RequestTimeout, {}, "The body took too long.", {}, 0});
    case State::Pause: return pull();
    case State::Admission:
    case State::Answer:
    case State::Pull:
      home_.surroundings().log.warn("answer_overdue", {{"limit_s", patience().answer.s()}});
      return die();
    case State::Detect:
    case State::Plain:
    case State::Handshake:
    case State::Write:
    case State::Linger: return die();
    case State::Dead: return;
  }
}

Span Connection::earned(Span base, std::uint64_t bytes) const {
  const std::int64_t rate = std::max<std::int64_t>(1, patience().bytes_per_s_min);
  return base + Span::millis(static_cast<std::int64_t>(bytes) * 1000 / rate);
}

}  // namespace probity::net
