/* The passwords of the job file and who may read them. */
#ifndef JOB_SECRET_H
#define JOB_SECRET_H

#include "core/job/value.h"

#define PASSWORD_MAX 4096
/* What nobody but the owner may have of a file with a password. */
#define OTHERS (S_IRWXG | S_IRWXO)

value_fn secret_inline;	/* `password`: a char *; the job file must be closed to others; a table's own mode is its reader's matter */
value_fn secret_file;	/* `password_file`: a char *, the first line of that file; the file must be closed to others and our own */

/* A path for a shell: quoted if it has to be. The caller frees it. */
char *secret_word(const char *path);

#endif
