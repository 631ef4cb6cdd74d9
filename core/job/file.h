/* Small files read whole into memory that is wiped: the job file and the files of passwords. */
#ifndef JOB_FILE_H
#define JOB_FILE_H

#include <stddef.h>
#include <sys/stat.h>

struct file {
	char *data;	/* a NUL after len */
	size_t len;
};

/* Opens for reading; `flags` are added to open's. Returns the descriptor, or -1 with errno. */
int file_open(struct stat *st, const char *path, int flags);
/* Reads up to max bytes. Returns 0, or -1 with errno. */
int file_read(struct file *out, int fd, size_t max);
/* Made for CLEANUP. */
void file_wipe(struct file *f);
/* For CLEANUP: closes unless it is -1. */
void file_close(int *fd);

#endif
