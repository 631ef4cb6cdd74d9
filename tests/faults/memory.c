/* The n-th allocation fails. Stands in front of the C library's, or of a sanitizer's. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/faults/faults.h"

static atomic_long count, failing; /* failing: which one, 0 for none */
static atomic_bool all_after;

/* dlsym may allocate: such early calls are served from here and never given back. */
static char early[1 << 16];
static size_t early_used;
static bool looking;

static void *from_early(size_t size)
{
	size_t room = (size + 15) & ~(size_t)15;
	if (room > sizeof early - early_used)
		abort();
	early_used += room;
	return early + early_used - room;
}

static bool is_early(const void *memory)
{
	return (const char *)memory >= early && (const char *)memory < early + sizeof early;
}

static struct {
	void *(*malloc)(size_t);
	void *(*calloc)(size_t, size_t);
	void *(*realloc)(void *, size_t);
	void (*free)(void *);
	int (*posix_memalign)(void **, size_t, size_t);
} real;

static void find(void *at, const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);
	memcpy(at, &found, sizeof found);
}

static bool found(void)
{
	if (real.posix_memalign)
		return true;
	if (looking)
		return false;
	looking = true;
	find(&real.malloc, "malloc");
	find(&real.calloc, "calloc");
	find(&real.realloc, "realloc");
	find(&real.free, "free");
	find(&real.posix_memalign, "posix_memalign");
	looking = false;
	return true;
}

long faults_memory_count(void)
{
	return atomic_load(&count);
}

void faults_memory_arm(long nth, bool all)
{
	atomic_store(&all_after, all);
	atomic_store(&failing, nth > 0 ? atomic_load(&count) + nth : 0);
}

/* ---- a library that is spared ---- */

static uintptr_t spared_from, spared_to;

static int find_spared(struct dl_phdr_info *info, size_t size, void *name)
{
	const char *slash = strrchr(info->dlpi_name, '/');
	(void)size;
	if (!slash || strncmp(slash + 1, name, strlen(name)) != 0)
		return 0;
	spared_from = info->dlpi_addr;
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz > spared_to)
			spared_to = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz;
	return 1;
}

static bool fails(const void *caller)
{
	if ((uintptr_t)caller >= spared_from && (uintptr_t)caller < spared_to)
		return false;
	long now = atomic_fetch_add(&count, 1) + 1, wish = atomic_load(&failing);
	if (wish == 0 || now < wish || (now > wish && !atomic_load(&all_after)))
		return false;
	errno = ENOMEM;
	return true;
}

__attribute__((visibility("default"))) void *malloc(size_t size)
{
	if (!found())
		return from_early(size);
	return fails(__builtin_return_address(0)) ? NULL : real.malloc(size);
}

__attribute__((visibility("default"))) void *calloc(size_t n, size_t size)
{
	if (!found())
		return from_early(n * size); /* never used before: zeros */
	return fails(__builtin_return_address(0)) ? NULL : real.calloc(n, size);
}

__attribute__((visibility("default"))) void *realloc(void *old, size_t size)
{
	if (!found() || is_early(old))
		abort();
	return size > 0 && fails(__builtin_return_address(0)) ? NULL : real.realloc(old, size);
}

__attribute__((visibility("default"))) void free(void *memory)
{
	if (memory && !is_early(memory) && found())
		real.free(memory);
}

__attribute__((visibility("default"))) int posix_memalign(void **out, size_t align, size_t size)
{
	if (!found())
		abort();
	return fails(__builtin_return_address(0)) ? ENOMEM : real.posix_memalign(out, align, size);
}

__attribute__((constructor)) static void read_wish(void)
{
	const char *wish = getenv("FAULTS_MEMORY");
	char *spare = getenv("FAULTS_MEMORY_SPARE");
	if (spare)
		dl_iterate_phdr(find_spared, spare);
	if (wish)
		faults_memory_arm(strtol(wish, NULL, 10), strchr(wish, '+') != NULL);
}

__attribute__((destructor)) static void tell(void)
{
	const char *path = getenv("FAULTS_MEMORY_COUNT");
	char text[24];
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
	if (fd < 0)
		return;
	int len = snprintf(text, sizeof text, "%ld\n", atomic_load(&count));
	if (write(fd, text, (size_t)len) < 0)
		abort();
	close(fd);
}
