# One interface target carries the language level, the warnings and the hardening of every room.
# Reasons for the less usual choices are in docs/decisions/001-toolchain.md.
add_library(probity_flags INTERFACE)
target_compile_features(probity_flags INTERFACE cxx_std_23)

target_compile_options(probity_flags INTERFACE
  -Wall -Wextra -Werror
  -Wshadow -Wconversion -Wno-sign-conversion
  -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast
  -Wnull-dereference -Wimplicit-fallthrough -Wswitch -Wvla -Wformat=2
  -Wundef -Wunused -Wextra-semi
  -fstack-protector-strong -fstack-clash-protection -fcf-protection=full
  -fno-strict-overflow -fno-delete-null-pointer-checks
  -fvisibility=hidden
)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(probity_flags INTERFACE
    -Wduplicated-cond -Wlogical-op -Wuseless-cast -Wsuggest-override -Wcast-qual
    # GCC 12 reports these inside libstdc++ at -O2 on correct code.
    -Wno-restrict -Wno-maybe-uninitialized -Wno-error=null-dereference
    -Wno-error=stringop-overflow -Wno-error=array-bounds -Wno-error=dangling-pointer
    -Wno-missing-field-initializers
  )
else()
  # No -Wcast-qual here: clang blames us for casts inside the macros of C libraries.
  target_compile_options(probity_flags INTERFACE
    -Wthread-safety -Wno-missing-field-initializers -Wno-missing-designated-field-initializers
    # libstdc++ 12 sorts stably with what it calls deprecated itself. GCC still tells of our own.
    -Wno-deprecated-declarations
  )
endif()

if(PROBITY_SANITIZE)
  target_compile_options(probity_flags INTERFACE
    -fsanitize=${PROBITY_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(probity_flags INTERFACE -fsanitize=${PROBITY_SANITIZE})
  if(PROBITY_SANITIZE MATCHES "undefined")
    target_compile_options(probity_flags INTERFACE -fno-sanitize-recover=all)
  endif()
elseif(CMAKE_BUILD_TYPE MATCHES "Rel")
  # The compiler of the distribution may predefine a lower level, hence the -U.
  target_compile_options(probity_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  target_compile_definitions(probity_flags INTERFACE _GLIBCXX_ASSERTIONS)
else()
  target_compile_definitions(probity_flags INTERFACE _GLIBCXX_ASSERTIONS)
endif()

target_link_options(probity_flags INTERFACE -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)

find_program(PROBITY_MOLD mold)
if(PROBITY_MOLD)
  target_link_options(probity_flags INTERFACE -fuse-ld=mold)
endif()

find_program(PROBITY_CCACHE ccache)
if(PROBITY_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${PROBITY_CCACHE}")
endif()
