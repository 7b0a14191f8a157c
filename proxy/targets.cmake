# The proxy: everything but main in a library, which the unit tests link too.
find_package(PkgConfig REQUIRED)
pkg_check_modules(pistache REQUIRED IMPORTED_TARGET libpistache)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED COMPONENTS core)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(ZLIB REQUIRED)
find_package(Threads REQUIRED)

file(GLOB proxy_sources CONFIGURE_DEPENDS proxy/*.cpp)
list(FILTER proxy_sources EXCLUDE REGEX "/main\\.cpp$")
add_library(proxy STATIC ${proxy_sources})
target_include_directories(proxy PUBLIC .)
# Beast's assertion on a last chunk that arrives byte by byte is wrong; without
# it the result is right.
target_compile_definitions(proxy PUBLIC BOOST_DISABLE_ASSERTS PROXY_VERSION="${PROJECT_VERSION}")
target_link_libraries(proxy
    PUBLIC core PkgConfig::pistache PkgConfig::libpq spdlog::spdlog prometheus-cpp::core
           OpenSSL::Crypto ZLIB::ZLIB Threads::Threads
    PRIVATE warnings)
# GCC 12 with sanitizers takes boost::optional for uninitialised in Beast's headers.
if(SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set_source_files_properties(proxy/parser.cpp PROPERTIES COMPILE_OPTIONS -Wno-maybe-uninitialized)
endif()

add_executable(asset-inventory-proxy proxy/main.cpp)
target_link_libraries(asset-inventory-proxy PRIVATE proxy warnings)
set_target_properties(asset-inventory-proxy PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

# test/targets.cmake, read later, makes `unit` of all test/unit/*_test.cpp.
function(link_proxy_to_unit_tests)
    if(TARGET unit)
        target_link_libraries(unit PRIVATE proxy)
    endif()
endfunction()
cmake_language(DEFER CALL link_proxy_to_unit_tests)
