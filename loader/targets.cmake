# The loader: everything but main in a library, which the unit tests link too.
find_package(PkgConfig REQUIRED)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)

file(GLOB loader_sources CONFIGURE_DEPENDS loader/*.cpp)
list(FILTER loader_sources EXCLUDE REGEX "/main\\.cpp$")
add_library(loader STATIC ${loader_sources})
target_include_directories(loader PUBLIC .)
target_compile_definitions(loader PUBLIC LOADER_VERSION="${PROJECT_VERSION}")
target_link_libraries(loader PUBLIC core PkgConfig::libpq PRIVATE warnings)

add_executable(asset-inventory-load loader/main.cpp)
target_link_libraries(asset-inventory-load PRIVATE loader warnings)
set_target_properties(asset-inventory-load PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

# test/targets.cmake, read later, makes `unit` of all test/unit/*_test.cpp.
function(link_loader_to_unit_tests)
    if(TARGET unit)
        target_link_libraries(unit PRIVATE loader)
    endif()
endfunction()
cmake_language(DEFER CALL link_loader_to_unit_tests)
