/* The passwords of the job file and who may read them. */
#ifndef JOB_SECRET_H
#define JOB_SECRET_H

#include "core/job/value.h"

#define PASSWORD_MAX 4096

value_fn secret_inline;	/* `password`: a char *; the job file must be closed to others */
value_fn secret_file;	/* `password_file`: a char *, the first line of that file; the file must be closed to others and our own */

/* Wipes and frees; NULL-safe; sets *password = NULL. */
void secret_free(char **password);

#endif
