# probity_embed_file(TARGET SYMBOL PATH): the bytes of a data file as
# `probity::embedded::SYMBOL`, a std::string_view declared in "embedded/SYMBOL.hpp".
include_guard()

function(probity_embed_file target symbol path)
  get_filename_component(source "${path}" ABSOLUTE BASE_DIR "${PROJECT_SOURCE_DIR}")
  set(out "${PROBITY_GENERATED}/embedded/${symbol}")
  get_property(known GLOBAL PROPERTY PROBITY_EMBEDDED)
  get_target_property(type ${target} TYPE)
  if("${symbol}" IN_LIST known OR type STREQUAL "INTERFACE_LIBRARY")
    return()
  endif()
  set_property(GLOBAL APPEND PROPERTY PROBITY_EMBEDDED "${symbol}")
  add_custom_command(
    OUTPUT "${out}.cpp" "${out}.hpp"
    COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/tools/embed_file.py"
            "${symbol}" "${source}" "${out}"
    DEPENDS "${source}" "${PROJECT_SOURCE_DIR}/tools/embed_file.py"
    COMMENT "Embedding ${path}"
    VERBATIM)
  target_sources(${target} PRIVATE "${out}.cpp" "${out}.hpp")
endfunction()

# probity_build_info(TARGET): probity::embedded::build_version, build_commit, build_compiler and
# build_type, declared in "embedded/build_info.hpp". The commit is read at each build, and the file
# is written only when something changed.
function(probity_build_info target)
  set(out "${PROBITY_GENERATED}/embedded/build_info")
  add_custom_target(${target}_build_info
    COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/tools/build_info.py" "${out}"
            "${PROJECT_VERSION}" "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}"
            "${CMAKE_BUILD_TYPE}" "${PROBITY_SANITIZE}"
    BYPRODUCTS "${out}.cpp" "${out}.hpp"
    COMMENT "Build information"
    VERBATIM)
  add_dependencies(${target} ${target}_build_info)
  target_sources(${target} PRIVATE "${out}.cpp")
endfunction()
