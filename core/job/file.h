/* Small files read whole into memory that is wiped: the job file, its table and the files of passwords. */
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
/* Where the text stops being UTF-8, or len. */
size_t file_utf8(const char *text, size_t len);
/* The line and column, from 1 and in characters, of a byte. The text has a NUL behind it. */
void file_place(const char *text, size_t offset, unsigned *line, unsigned *column);
/* Made for CLEANUP. */
void file_wipe(struct file *f);
/* For CLEANUP: closes unless it is -1. */
void file_close(int *fd);

#endif
