# Boost.Asio and Boost.Beast, compiled once. Their headers alone instantiate for tens of seconds in
# every file, so the separate-compilation macros are on for everyone who links this target.
add_library(probity_vendor_beast STATIC
  "${PROJECT_SOURCE_DIR}/src/net/vendor/asio.cpp"
  "${PROJECT_SOURCE_DIR}/src/net/vendor/beast.cpp")
target_compile_definitions(probity_vendor_beast PUBLIC
  BOOST_ASIO_SEPARATE_COMPILATION
  BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(probity_vendor_beast
  PUBLIC probity_lib_openssl Threads::Threads PRIVATE probity_flags)
# Warnings inside the library's own sources are not ours to mend.
target_compile_options(probity_vendor_beast PRIVATE -w)
