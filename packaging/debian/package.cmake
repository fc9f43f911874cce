# A package of this build for the Debian that it was built on:
#
#     cmake -G Ninja -S . -B build-deb -DCMAKE_INSTALL_PREFIX=/usr && ninja -C build-deb
#     cpack --config build-deb/CPackConfig.cmake -G DEB

install(FILES ${WRITTEN}/_zctrace DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)

# A package is dated by its last change.
execute_process(COMMAND date -uR OUTPUT_VARIABLE DATE OUTPUT_STRIP_TRAILING_WHITESPACE)
execute_process(COMMAND git -c safe.directory=* log -1 --format=%cD WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
  OUTPUT_VARIABLE COMMITTED OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(COMMITTED)
  set(DATE ${COMMITTED})
endif()
# Who packages says so in Debian's way, by DEBFULLNAME and DEBEMAIL.
set(CPACK_PACKAGE_CONTACT "The zctrace authors <zctrace@localhost>")
if(DEFINED ENV{DEBEMAIL})
  set(CPACK_PACKAGE_CONTACT "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>")
endif()
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
configure_file(debian/changelog.in changelog.Debian @ONLY)
configure_file(${CMAKE_SOURCE_DIR}/CHANGELOG.md changelog COPYONLY)
foreach(CHANGES changelog changelog.Debian)
  execute_process(COMMAND gzip -9nfk ${CMAKE_CURRENT_BINARY_DIR}/${CHANGES} COMMAND_ERROR_IS_FATAL ANY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${CHANGES}.gz DESTINATION ${CMAKE_INSTALL_DOCDIR})
endforeach()
file(READ ${CMAKE_SOURCE_DIR}/LICENSE TERMS)
string(STRIP "${TERMS}" TERMS)
string(REPLACE "\n\n" "\n.\n" TERMS "${TERMS}")
string(REPLACE "\n" "\n " TERMS "${TERMS}")
configure_file(debian/copyright.in copyright @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES debian/lintian-overrides DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides RENAME zctrace)

set(CPACK_GENERATOR DEB)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Without them there is no lab, and zctrace does what this machine's kernel allows.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "qemu-system-x86, e2fsprogs, kmod, debian-archive-keyring")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "librsvg2-bin, ffmpeg, prometheus")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "tracer of what copies bytes between disk, memory and network")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Runs a transfer, built-in or any program's, records with BPF every copy, mode
switch, context switch and hand-off to a device, and draws the I/O path as it
was measured: in the terminal, as SVG and as a page.
.
Where this machine's kernel does not permit exact counting, it does so on a
Debian kernel of its own choice in QEMU, without privileges.")
include(CPack)
