# probity_embed_file(TARGET SYMBOL PATH): the bytes of a data file as
# `probity::embedded::SYMBOL`, a std::string_view declared in "embedded/SYMBOL.hpp".
include_guard()

function(probity_embed_file target symbol path)
  get_filename_component(source "${path}" ABSOLUTE BASE_DIR "${PROJECT_SOURCE_DIR}")
  set(out "${PROBITY_GENERATED}/embedded/${symbol}")
  add_custom_command(
    OUTPUT "${out}.cpp" "${out}.hpp"
    COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/tools/embed_file.py"
            "${symbol}" "${source}" "${out}"
    DEPENDS "${source}" "${PROJECT_SOURCE_DIR}/tools/embed_file.py"
    COMMENT "Embedding ${path}"
    VERBATIM)
  get_target_property(type ${target} TYPE)
  if(NOT type STREQUAL "INTERFACE_LIBRARY")
    target_sources(${target} PRIVATE "${out}.cpp" "${out}.hpp")
  endif()
endfunction()
