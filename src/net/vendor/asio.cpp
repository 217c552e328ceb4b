// The one translation unit that compiles Boost.Asio and its TLS part.
#include <boost/asio/impl/src.hpp>

#include <boost/asio/ssl/impl/src.hpp>
