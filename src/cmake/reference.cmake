# The API reference, made by Doxygen from the `///` comments of include/quivive, with the examples as its tutorial:
#   cmake --build build/dev --target reference
# A warning of Doxygen fails the build of the target. Without Doxygen the target says which package is missing.
find_package(Doxygen QUIET)
if(NOT DOXYGEN_FOUND)
    add_custom_target(reference
        COMMAND ${CMAKE_COMMAND} -E echo "The API reference needs Doxygen: apt-get install doxygen, then run cmake again"
        COMMAND ${CMAKE_COMMAND} -E false)
    return()
endif()

# Each example becomes a page with its source; examples/README.md is the page that leads through them.
set(example_pages "")
file(GLOB examples RELATIVE ${PROJECT_SOURCE_DIR}/examples CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/*.cpp)
foreach(example IN LISTS examples)
    string(APPEND example_pages "/** @example ${example} */\n")
endforeach()
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/reference/examples.dox CONTENT "${example_pages}" @ONLY)

set(DOXYGEN_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/reference)
set(DOXYGEN_PROJECT_BRIEF ${PROJECT_DESCRIPTION})
set(DOXYGEN_STRIP_FROM_PATH ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
set(DOXYGEN_STRIP_FROM_INC_PATH ${PROJECT_SOURCE_DIR}/include)
set(DOXYGEN_EXAMPLE_PATH ${PROJECT_SOURCE_DIR}/examples)
# The tutorial links to these files by name.
file(GLOB DOXYGEN_HTML_EXTRA_FILES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/*.cpp ${PROJECT_SOURCE_DIR}/examples/*.toml
    ${PROJECT_SOURCE_DIR}/examples/run.sh)
set(DOXYGEN_USE_MDFILE_AS_MAINPAGE ${PROJECT_SOURCE_DIR}/examples/README.md)
set(DOXYGEN_EXCLUDE_SYMBOLS quivive::detail quivive::detail::* quivive::runtime quivive::runtime::*)
set(DOXYGEN_BUILTIN_STL_SUPPORT YES)
set(DOXYGEN_MACRO_EXPANSION YES)
set(DOXYGEN_JAVADOC_AUTOBRIEF YES)
set(DOXYGEN_HIDE_SCOPE_NAMES NO)
set(DOXYGEN_QUIET YES)
set(DOXYGEN_WARN_AS_ERROR FAIL_ON_WARNINGS)
doxygen_add_docs(reference ${PROJECT_SOURCE_DIR}/include/quivive ${PROJECT_SOURCE_DIR}/examples/README.md
    ${PROJECT_BINARY_DIR}/reference/examples.dox COMMENT "Writing the API reference to ${PROJECT_BINARY_DIR}/reference/html")
