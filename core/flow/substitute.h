/* A folder whose name the target refuses gets another. */
#ifndef FLOW_SUBSTITUTE_H
#define FLOW_SUBSTITUTE_H

#include "core/flow/writer.h"

/* What `wire` is called instead, or would be below a folder that is called otherwise; the caller's. NULL: nothing was refused of it. */
char *substitute_known(const struct substitute *list, size_t count, const char *wire, char separator);
/* The same name as nearly any server can hold it: in each level all but letters, digits, blank, "-", "_" and "." of the first Unicode plane is "_". The caller's. */
char *substitute_plain(const char *wire, char separator);

/* The target refused m's name (`why`, ERR_NAME): m goes on under another, which depends on the names of the account's folders alone, so that it is found again without
   the state. ERR_FOLDER with the server's words when there is none; ERR_RETRY when the folder is there already: then it has to be searched first. In the writer's thread. */
int substitute_move(struct writer *w, struct move *m, const struct error *why, struct error *err);
/* m is open: its name is remembered, and told. */
int substitute_keep(struct writer *w, struct move *m, struct error *err);

#endif
