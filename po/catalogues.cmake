# po/LANG.po becomes <build>/locale/LANG/LC_MESSAGES/trasloco.mo, where the program finds it beside itself. The target `pot` brings the
# catalogues up to date with the sources.
set(TRASLOCO_LOCALES ${CMAKE_BINARY_DIR}/locale)
set(catalogues "")
find_program(MSGFMT msgfmt)
if(MSGFMT)
  foreach(lang it)
    set(mo ${TRASLOCO_LOCALES}/${lang}/LC_MESSAGES/trasloco.mo)
    add_custom_command(OUTPUT ${mo} DEPENDS ${CMAKE_SOURCE_DIR}/po/${lang}.po
      COMMAND ${CMAKE_COMMAND} -E make_directory ${TRASLOCO_LOCALES}/${lang}/LC_MESSAGES
      COMMAND ${MSGFMT} --check-format --check-header -o ${mo} ${CMAKE_SOURCE_DIR}/po/${lang}.po)
    list(APPEND catalogues ${mo})
    install(FILES ${mo} DESTINATION share/locale/${lang}/LC_MESSAGES)
  endforeach()
else()
  message(WARNING "msgfmt (gettext) is not installed: all texts will be English")
endif()
add_custom_target(catalogues DEPENDS ${catalogues})
add_dependencies(trasloco catalogues)
add_custom_target(pot COMMAND ${CMAKE_SOURCE_DIR}/po/update VERBATIM)
