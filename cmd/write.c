/* A file that a command leaves: whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "core/base/alloc.h"
#include "core/base/crash.h"

/* A file beside that place, made by us alone: what a dead run has left there, or somebody has put there, is not written into. */
static int open_beside(const char *part)
{
	unlink(part);
	return open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* A device or a pipe (/dev/stdout, /dev/null) is written into: a file renamed to its place would take it away from everybody. */
static bool is_other(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

/* A symbolic link stays one. */
int write_file(const char *path, const struct buf *text)
{
	CLEANUP(x_free) char *real = realpath(path, NULL);
	const char *place = real ? real : path;
	CLEANUP(x_free) char *part = x_printf("%s.part", place);
	bool other = is_other(path);
	int fd = other ? open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY) : open_beside(part);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	bool good = f && fwrite(text->data, 1, text->len, f) == text->len && fflush(f) == 0 && (other || fsync(fd) == 0);
	int why = errno;
	if (f)
		fclose(f);
	crash_point("report");
	if (good && (other || rename(part, place) == 0))
		return 0;
	why = good ? errno : why;
	if (fd >= 0 && !other)
		unlink(part);
	return why ? why : EIO;
}
