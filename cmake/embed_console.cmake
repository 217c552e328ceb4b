# probity_embed_console(TARGET): web/ becomes one generated source of the room `console`, by way of
# `vite build`. Nothing of it runs while nothing below web/ changed. The build's own folder holds
# the result, so two presets can build at once. -DPROBITY_CONSOLE=OFF embeds nothing and needs no node.
include_guard()
find_package(Python3 REQUIRED COMPONENTS Interpreter)

option(PROBITY_CONSOLE "Build the console for staff into the program (needs node)" ON)

function(probity_embed_console target)
  set(web "${PROJECT_SOURCE_DIR}/web")
  set(dist "${PROBITY_GENERATED}/console/dist")
  set(out "${PROBITY_GENERATED}/console/files.cpp")
  set(tool "${PROJECT_SOURCE_DIR}/tools/embed_console.py")
  if(PROBITY_CONSOLE)
    find_program(PROBITY_NODE node)
    if(NOT PROBITY_NODE)
      message(FATAL_ERROR
        "node is missing. Run pkg/install build, or configure with -DPROBITY_CONSOLE=OFF")
    endif()
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${web}/src/*")
    list(APPEND sources "${web}/index.html" "${web}/package-lock.json" "${web}/svelte.config.js"
      "${web}/tsconfig.json" "${web}/vite.config.ts"
      "${PROJECT_SOURCE_DIR}/src/attest/catalogue.json"
      "${PROJECT_SOURCE_DIR}/src/admin/assets/passkeys.js")
    add_custom_command(
      OUTPUT "${out}"
      COMMAND "${PROJECT_SOURCE_DIR}/pkg/npm" "${web}"
      COMMAND "${CMAKE_COMMAND}" -E chdir "${web}" "${PROBITY_NODE}" node_modules/vite/bin/vite.js
              build --logLevel warn --emptyOutDir --outDir "${dist}"
      COMMAND "${Python3_EXECUTABLE}" "${tool}" "${out}" "${dist}"
      DEPENDS ${sources} "${tool}" "${PROJECT_SOURCE_DIR}/pkg/npm"
      COMMENT "Building the console"
      VERBATIM)
  else()
    add_custom_command(
      OUTPUT "${out}"
      COMMAND "${Python3_EXECUTABLE}" "${tool}" "${out}"
      DEPENDS "${tool}"
      COMMENT "No console in this build"
      VERBATIM)
  endif()
  target_sources(${target} PRIVATE "${out}")
endfunction()
