/* What spreadsheets make of cells. */
#ifndef JOB_RUINED_H
#define JOB_RUINED_H

#include <stdbool.h>

/* Whether a cell holds no longer what somebody wrote: a long number as 1,23E+11, an error such as #NOME?, only ####. password:
   what a password may be as well is none. */
bool ruined_cell(const char *text, bool password);

#endif
