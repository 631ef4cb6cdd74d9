/* A folder of its own for the job file and its table. */
#ifndef TEST_FUZZ_FILES_H
#define TEST_FUZZ_FILES_H

#include "tests/fuzz/fuzz.h"

/* The folder, made at the first call and removed at the end. */
const char *files_folder(void);
/* name: in the folder. Mode 0600. */
void files_write(const char *name, const void *data, size_t len);
/* Loads migrate.yaml of the folder, twice: a job or errors, never both, never neither, and the same again. */
void files_load(void);

#endif
