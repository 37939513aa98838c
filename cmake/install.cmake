# SPDX-License-Identifier: Apache-2.0
# The installed library: libbertune.so with its headers, a package for find_package(bertune) and one for
# pkg-config. All dependencies are linked in and hidden, so that users need no other library.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

list(TRANSFORM BERTUNE_FOLDERS REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE objects)
add_library(bertune_library SHARED ${objects})
target_link_libraries(bertune_library PRIVATE ${BERTUNE_FOLDERS})  # for their link dependencies
target_link_options(bertune_library PRIVATE
  "LINKER:--version-script=${CMAKE_CURRENT_LIST_DIR}/exports.map" LINKER:--no-undefined)
target_compile_features(bertune_library INTERFACE cxx_std_20)
target_include_directories(bertune_library INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
set_target_properties(bertune_library PROPERTIES
  OUTPUT_NAME bertune EXPORT_NAME bertune LINKER_LANGUAGE CXX
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
  LINK_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/exports.map)

install(TARGETS bertune)
install(TARGETS bertune_library EXPORT bertune-targets)
install(DIRECTORY include/bertune TYPE INCLUDE)
install(FILES LICENSE NOTICE TYPE DOC)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/bertune)
install(EXPORT bertune-targets NAMESPACE bertune:: FILE bertune-config.cmake
        DESTINATION ${package_folder})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/bertune-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/bertune-config-version.cmake DESTINATION ${package_folder})

file(RELATIVE_PATH prefix_from_pc /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${CMAKE_CURRENT_LIST_DIR}/bertune.pc.in ${CMAKE_BINARY_DIR}/bertune.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/bertune.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
