# What every target of ours is compiled with.
add_library(tailmeter_compiler INTERFACE)
target_include_directories(tailmeter_compiler INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(tailmeter_compiler INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow
  -fstack-protector-strong -fstack-clash-protection)
target_compile_definitions(tailmeter_compiler INTERFACE _GLIBCXX_ASSERTIONS)
target_link_options(tailmeter_compiler INTERFACE -Wl,-z,relro,-z,now,--as-needed)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported()

if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT TAILMETER_SANITIZE)
  target_compile_options(tailmeter_compiler INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()

# TAILMETER_SANITIZE and TAILMETER_COVERAGE are set by the presets alone.
if(TAILMETER_SANITIZE)
  target_compile_options(tailmeter_compiler INTERFACE
    -fsanitize=${TAILMETER_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(tailmeter_compiler INTERFACE -fsanitize=${TAILMETER_SANITIZE})
endif()
if(TAILMETER_COVERAGE)
  target_compile_options(tailmeter_compiler INTERFACE --coverage)
  target_link_options(tailmeter_compiler INTERFACE --coverage)
endif()

# With clang only: what does not include all that it uses does not build with g++.
function(precompile_standard_library target)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_precompile_headers(${target} PRIVATE
      <algorithm> <array> <chrono> <functional> <map> <memory> <optional> <set> <span> <string> <string_view>
      <system_error> <unordered_map> <variant> <vector>)
  endif()
endfunction()
