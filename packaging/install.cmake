# What stands beside the program: manual pages (scdoc), completion for shells, documents; and the Debian package (`cpack -G DEB`).
include(GNUInstallDirs)

# The date on manual pages and in the package's changelog: that of the commit, so that a commit always makes the same package.
if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
  execute_process(COMMAND git -C ${CMAKE_SOURCE_DIR} log -1 --format=%ct
    OUTPUT_VARIABLE epoch OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE no_git)
  if(no_git)
    file(TIMESTAMP ${CMAKE_SOURCE_DIR}/CHANGELOG.md epoch %s UTC)
  endif()
  set(ENV{SOURCE_DATE_EPOCH} ${epoch})
endif()
set(TRASLOCO_EPOCH $ENV{SOURCE_DATE_EPOCH})
string(TIMESTAMP TRASLOCO_DAY "%a, %d %b %Y %H:%M:%S +0000" UTC)

find_program(SCDOC scdoc)
if(SCDOC)
  set(pages "")
  foreach(page trasloco.1 trasloco-job.5)
    string(REGEX REPLACE ".*\\." "man" section ${page})
    configure_file(man/${page}.scd man/${page}.scd @ONLY)
    set(made ${CMAKE_BINARY_DIR}/man/${page})
    add_custom_command(OUTPUT ${made} DEPENDS ${made}.scd VERBATIM
      COMMAND ${CMAKE_COMMAND} -E env SOURCE_DATE_EPOCH=$ENV{SOURCE_DATE_EPOCH} sh -c "\"$0\" <\"$1.scd\" >\"$1\"" ${SCDOC} ${made})
    list(APPEND pages ${made})
    install(FILES ${made} DESTINATION ${CMAKE_INSTALL_MANDIR}/${section})
  endforeach()
  add_custom_target(manual ALL DEPENDS ${pages})
else()
  message(STATUS "scdoc is not installed: no manual pages")
endif()

# Where each shell looks by itself, below /usr as well as below /usr/local.
install(FILES packaging/completion/trasloco.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME trasloco)
install(FILES packaging/completion/trasloco.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES packaging/completion/_trasloco DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)

# Passes by night, as a user's own units.
install(FILES packaging/systemd/trasloco@.service packaging/systemd/trasloco@.timer DESTINATION lib/systemd/user)
install(PROGRAMS packaging/systemd/trasloco-nightly DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/trasloco)

install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES migrate.yaml.example DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)

# ---- the Debian package ----

set(TRASLOCO_CONTACT "the trasloco authors <trasloco@packages.invalid>" CACHE STRING "Who answers for the package: Name <address>")
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME trasloco)
set(CPACK_PACKAGE_CONTACT "${TRASLOCO_CONTACT}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "move mailboxes over IMAP, and prove it")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Trasloco is Italian for moving house. It copies mailboxes from one provider to
another over IMAP and then compares both servers: every message has arrived
once, unaltered, with its date and its flags. It never deletes anything, on
either side. A run that was stopped at any moment goes on with the same
command, and nothing is copied twice.
.
It moves one mailbox or many at the same time, knows the servers and habits of
many providers, maps folders by their roles, and keeps as files what the new
server refuses.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION mail)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
# Without the system's authorities no certificate could be verified.
set(CPACK_DEBIAN_PACKAGE_DEPENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "bash-completion, sqlite3")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
configure_file(packaging/debian/changelog.in packaging/changelog @ONLY)
configure_file(packaging/debian/finish.cmake.in packaging/finish.cmake @ONLY)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_BINARY_DIR}/packaging/finish.cmake)
include(CPack)
