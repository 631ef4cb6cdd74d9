/* A disk that is full or read-only, and what a power cut would leave: in front of the calls that change files. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SHOWN __attribute__((visibility("default")))

static const char *disk, *back, *power;
static bool read_only;
static atomic_long room;

__attribute__((constructor)) static void read_wish(void)
{
	const char *bytes = getenv("FAULTS_BYTES");
	disk = getenv("FAULTS_DISK");
	back = getenv("FAULTS_DISK_BACK");
	power = getenv("FAULTS_POWER");
	read_only = getenv("FAULTS_READ_ONLY") != NULL;
	atomic_store(&room, bytes ? strtol(bytes, NULL, 10) : 0);
}

static bool on_disk(const char *path)
{
	return disk && strncmp(path, disk, strlen(disk)) == 0 && !(back && access(back, F_OK) == 0);
}

/* Where an open file lies; one without a name lies in its folder. */
static bool path_of(int fd, char path[PATH_MAX])
{
	char link[40];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t len = readlink(link, path, PATH_MAX - 1);
	path[len > 0 ? len : 0] = '\0';
	return len > 0 && path[0] == '/';
}

/* Whether this many bytes still fit. */
static bool full(int fd, size_t len)
{
	char path[PATH_MAX];
	int saved = errno;
	bool bad = disk && path_of(fd, path) && on_disk(path) && atomic_fetch_sub(&room, (long)len) < (long)len;
	errno = bad ? ENOSPC : saved;
	return bad;
}

static bool refused(const char *path)
{
	char real[PATH_MAX];
	if (!disk || !read_only)
		return false;
	snprintf(real, sizeof real, "%s", path);
	if (path[0] != '/') { /* from the folder that the program is in */
		size_t len = getcwd(real, sizeof real) ? strlen(real) : 0;
		snprintf(real + len, sizeof real - len, "/%s", path);
	}
	bool bad = on_disk(real);
	if (bad)
		errno = EROFS;
	return bad;
}

/* ---- writing ---- */

SHOWN ssize_t write(int fd, const void *data, size_t len)
{
	return full(fd, len) ? -1 : syscall(SYS_write, fd, data, len);
}

SHOWN ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	return full(fd, len) ? -1 : syscall(SYS_pwrite64, fd, data, len, at);
}

SHOWN ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
	return pwrite64(fd, data, len, at);
}

/* ---- names ---- */

static int open_real(const char *path, int flags, mode_t mode)
{
	bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT);
	return writes && refused(path) ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

SHOWN int open64(const char *path, int flags, ...)
{
	va_list ap;
	va_start(ap, flags);
	mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return open_real(path, flags, mode);
}

SHOWN int open(const char *path, int flags, ...)
{
	va_list ap;
	va_start(ap, flags);
	mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return open_real(path, flags, mode);
}

SHOWN int mkdir(const char *path, mode_t mode)
{
	return refused(path) ? -1 : (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

SHOWN int unlink(const char *path)
{
	return refused(path) ? -1 : (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

/* ---- power ---- */

static int copy(int from, const char *path)
{
	char chunk[65536], part[PATH_MAX];
	snprintf(part, sizeof part, "%s.part", path);
	int to = (int)syscall(SYS_openat, AT_FDCWD, part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t got = -1;
	for (off_t at = 0; to >= 0 && (got = pread(from, chunk, sizeof chunk, at)) > 0; at += got)
		if (syscall(SYS_write, to, chunk, (size_t)got) != got)
			return -1;
	if (to >= 0)
		close(to);
	return got < 0 ? -1 : rename(part, path);
}

/* Its content, as it is now, survives a power cut from here on. */
static void survives(int fd)
{
	char path[PATH_MAX], beside[PATH_MAX], self[40];
	const char *colon = power ? strchr(power, ':') : NULL;
	struct stat st;
	if (!colon || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !path_of(fd, path) || strncmp(path, power, (size_t)(colon - power)) != 0)
		return;
	/* anew, since the caller's may be open for writing only */
	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	int from = (int)syscall(SYS_openat, AT_FDCWD, self, O_RDONLY | O_CLOEXEC, 0);
	snprintf(beside, sizeof beside, "%s/%s", colon + 1, strrchr(path, '/') + 1);
	if (from < 0 || copy(from, beside) < 0)
		abort();
	close(from);
}

/* Some file systems find out only then that there is no room. */
SHOWN int fsync(int fd)
{
	if (full(fd, 1))
		return -1;
	int ok = (int)syscall(SYS_fsync, fd);
	survives(fd);
	return ok;
}

SHOWN int fdatasync(int fd)
{
	int ok = (int)syscall(SYS_fdatasync, fd);
	survives(fd);
	return ok;
}
