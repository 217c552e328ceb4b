#include <algorithm>
#include <utility>

#include "base/freed_memory.hpp"
#include "net/connection.hpp"

// The answering half of a connection.

namespace probity::net {
namespace {

/// Bodies up to this size travel in one buffer, and so in one record and one packet, with the head.
constexpr std::size_t k_joined_body_max_bytes = 12 * 1024;

bool may_have_body(web::Method method, int status) {
  return method != web::Method::Head && status != 204 && status != 304;
}

}  // namespace

void Connection::refuse(const Error& error) {
  web::Response response = service().refuse_malformed(error);
  response.closes_connection = true;
  respond(std::move(response));
}

void Connection::take(web::Response response) { respond(std::move(response)); }

void Connection::respond(web::Response response) {
  closes_ = closes_ || response.closes_connection || home_.is_draining();
  auto head = write_head(response, closes_ ? After::Close : After::Keep, home_.http_date());
  if (!head) {
    home_.surroundings().log.failure("response_refused", {{"detail", head.error().detail}});
    response = web::Response{};
    response.status = 500;
    closes_ = true;
    head = write_head(response, After::Close, home_.http_date());
  }
  status_ = response.status;
  out_ = std::move(*head);
  out_body_.clear();
  const Next end = closes_ ? Next::Close : Next::Request;
  if (!may_have_body(method_, status_)) return send(end);
  if (response.source) {
    source_ = std::move(response.source);
    return send(Next::Pull);
  }
  if (response.body.size() <= k_joined_body_max_bytes)
    out_ += response.body;
  else
    out_body_ = std::move(response.body);
  send(end);
}

void Connection::send(Next next) {
  next_ = next;
  out_sent_ = 0;
  write_began_ = home_.loop().now();
  moved_at_ = write_began_;
  enter(State::Write, patience().write);
}

bool Connection::step_write() {
  const std::size_t total = out_.size() + out_body_.size();
  while (out_sent_ < total) {
    const std::string_view rest = out_sent_ < out_.size()
                                      ? std::string_view(out_).substr(out_sent_)
                                      : std::string_view(out_body_).substr(out_sent_ - out_.size());
    const Moved moved = stream_->write_some(rest);
    if (moved.io == Io::WantWrite || moved.io == Io::WantRead) {
      deadline_ = write_began_ + earned(patience().write, out_sent_);
      // What makes the body waits as well, and holds a reader of the store meanwhile.
      if (source_) deadline_ = std::min(deadline_, moved_at_ + patience().stall);
      return false;
    }
    if (moved.io != Io::Done) {
      die();
      return true;
    }
    moved_at_ = home_.loop().now();
    out_sent_ += moved.bytes;
    sent_bytes_ += moved.bytes;
  }
  wipe(out_);
  out_body_ = std::string();
  after_write();
  return true;
}

void Connection::after_write() {
  switch (next_) {
    case Next::Body:
      sent_bytes_ = 0;
      body_began_ = home_.loop().now();
      return enter(State::Body, patience().body);
    case Next::Request:
      finish_exchange();
      has_served_ = true;
      return await_head();
    case Next::Pull: return pull();
    case Next::Pause:
      if (home_.is_draining()) return end_stream();
      return enter(State::Pause, pause_);
    case Next::Close: return linger();
  }
}

void Connection::pull() {
  enter(State::Pull, patience().answer);
  service().pull(source_,
                 [mail = home_.mailbox(), number = number_](Result<web::BodySource::Piece> piece) {
                   mail->deliver(number, std::move(piece));
                 });
}

void Connection::take(Result<web::BodySource::Piece> piece) {
  if (!piece) {
    home_.surroundings().log.failure("stream_cut", {{"code", code_info(piece.error().code).text},
                                                    {"detail", piece.error().detail}});
    // Without the last chunk, so that the client sees that something is missing.
    return linger();
  }
  append_chunk(out_, piece->bytes);
  if (piece->is_last) return end_stream();
  pause_ = piece->wait;
  send(pause_ > Span() ? Next::Pause : Next::Pull);
}

void Connection::end_stream() {
  source_.reset();
  out_ += k_last_chunk;
  send(closes_ || home_.is_draining() ? Next::Close : Next::Request);
}

void Connection::finish_exchange() {
  source_.reset();
  if (!exchange_) return;
  // Status 0: the client went away before there was an answer.
  service().finished(std::exchange(exchange_, nullptr), status_, sent_bytes_);
}

}  // namespace probity::net
