# sql/queries/*.sql and sql/migrations/*.sql become named constants under generated/sql/.
# The generator writes a file only when its text changed, so touching SQL rebuilds only its users.
include_guard()
find_package(Python3 REQUIRED COMPONENTS Interpreter)

file(GLOB probity_sql_files CONFIGURE_DEPENDS
  "${PROJECT_SOURCE_DIR}/sql/queries/*.sql" "${PROJECT_SOURCE_DIR}/sql/migrations/*.sql")
set(probity_sql_out "${PROBITY_GENERATED}/sql")
set(probity_sql_stamp "${probity_sql_out}/stamp")
add_custom_command(
  OUTPUT "${probity_sql_stamp}"
  BYPRODUCTS "${probity_sql_out}/all_queries.cpp" "${probity_sql_out}/migrations.cpp"
  COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/tools/embed_sql.py"
          "${PROJECT_SOURCE_DIR}/sql" "${probity_sql_out}" --stamp "${probity_sql_stamp}"
  DEPENDS "${PROJECT_SOURCE_DIR}/tools/embed_sql.py" ${probity_sql_files}
  COMMENT "SQL to constants"
  VERBATIM)
add_custom_target(probity_generate_sql DEPENDS "${probity_sql_stamp}")

# The table of all statements and migrations. It needs the store's two plain structs.
function(probity_embed_sql)
  cmake_parse_arguments(SQL "" "STORE" "" ${ARGN})
  file(GLOB structs CONFIGURE_DEPENDS
    "${PROJECT_SOURCE_DIR}/src/store/query.hpp" "${PROJECT_SOURCE_DIR}/src/store/migrate.hpp")
  list(LENGTH structs count)
  if(count EQUAL 2)
    add_library(probity_sql STATIC
      "${probity_sql_out}/all_queries.cpp" "${probity_sql_out}/migrations.cpp")
    target_include_directories(probity_sql PUBLIC "${PROBITY_GENERATED}")
    target_link_libraries(probity_sql PUBLIC ${SQL_STORE} PRIVATE probity_flags)
    add_dependencies(probity_sql probity_generate_sql)
    # The store runs the migrations of the table, the table uses the store's structs.
    target_link_libraries(${SQL_STORE} INTERFACE probity_sql)
  else()
    add_library(probity_sql INTERFACE)
  endif()
  if(TARGET probity_store_test)
    target_link_libraries(probity_store_test PRIVATE probity_sql)
  endif()
endfunction()
