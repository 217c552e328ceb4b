#include "keep/gzip.hpp"

#include <zlib.h>

#include <cstdlib>

namespace probity::keep {
namespace {

constexpr std::size_t k_piece_bytes = 64U * 1024;
constexpr int k_gzip_window = 15 + 16;  // 32 KiB, with gzip's header and check sum.
constexpr int k_level = 6;
constexpr int k_memory = 8;

// zlib reads from memory it does not change, but declares it changeable.
Bytef* input_of(std::string_view text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

}  // namespace

struct GzipWriter::State {
  z_stream stream{};

  void run(int flush, std::string& out) {
    int code = Z_OK;
    do {
      const std::size_t before = out.size();
      out.resize(before + k_piece_bytes);
      stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
      stream.avail_out = k_piece_bytes;
      code = deflate(&stream, flush);
      out.resize(before + k_piece_bytes - stream.avail_out);
    } while (stream.avail_out == 0 && code == Z_OK);
  }
};

GzipWriter::GzipWriter() : state_(std::make_unique<State>()) {
  const int code = deflateInit2(&state_->stream, k_level, Z_DEFLATED, k_gzip_window, k_memory,
                                Z_DEFAULT_STRATEGY);
  if (code != Z_OK) std::abort();  // Out of memory.
}

GzipWriter::~GzipWriter() { deflateEnd(&state_->stream); }

void GzipWriter::add(std::string_view plain, std::string& out) {
  state_->stream.next_in = input_of(plain);
  state_->stream.avail_in = static_cast<uInt>(plain.size());
  state_->run(Z_NO_FLUSH, out);
}

void GzipWriter::finish(std::string& out) {
  state_->stream.avail_in = 0;
  state_->run(Z_FINISH, out);
}

struct GzipReader::State {
  ReadSome read;
  std::string input;
  z_stream stream{};
  bool is_over = false;
};

GzipReader::GzipReader(ReadSome read) : state_(std::make_unique<State>()) {
  state_->read = std::move(read);
  if (inflateInit2(&state_->stream, k_gzip_window) != Z_OK) std::abort();  // Out of memory.
}

GzipReader::~GzipReader() { inflateEnd(&state_->stream); }

Result<std::string> GzipReader::read(std::size_t wanted) {
  std::string out(wanted, '\0');
  z_stream& stream = state_->stream;
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(wanted);
  while (stream.avail_out > 0 && !state_->is_over) {
    if (stream.avail_in == 0) {
      PROBITY_TRY(input, state_->read(k_piece_bytes));
      if (input.empty()) return fail(Code::BadRequest, "the archive is cut off");
      state_->input = std::move(input);
      stream.next_in = input_of(state_->input);
      stream.avail_in = static_cast<uInt>(state_->input.size());
    }
    const int code = inflate(&stream, Z_NO_FLUSH);
    state_->is_over = code == Z_STREAM_END;
    if (code != Z_OK && code != Z_STREAM_END)
      return fail(Code::BadRequest, "the archive is no gzip stream, or is damaged");
  }
  out.resize(wanted - stream.avail_out);
  return out;
}

}  // namespace probity::keep
