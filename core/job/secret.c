/* The passwords of the job file and who may read them. No message here shows more than the name of a file. */
#include "core/job/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/alloc.h"
#include "core/base/text.h"
#include "core/job/arena.h"
#include "core/job/file.h"

char *secret_word(const char *path)
{
	struct buf word = { 0 };
	char shown[PATH_MAX];

	text_clean(shown, sizeof(shown), path, strlen(path));
	if (shown[strspn(shown, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+@%,:")] == '\0' && *shown != '-') {
		buf_adds(&word, shown);
		return word.data;
	}
	buf_adds(&word, *shown == '-' ? "-- '" : "'");
	for (const char *c = shown; *c; c++) {
		if (*c == '\'')
			buf_adds(&word, "'\\''");
		else
			buf_addc(&word, *c);
	}
	buf_addc(&word, '\'');
	return word.data;
}

/* Keeps a copy of the password, if a command can carry it. `what` is "`password`" or the file. */
static void keep(struct loader *ld, const struct node *node, const char *what, const char *bytes, size_t len, char **field)
{
	const char *wrong = NULL;

	if (len == 0)
		wrong = "is empty";
	else if (len > PASSWORD_MAX)
		wrong = "is longer than 4,096 bytes";
	else if (memchr(bytes, '\0', len))
		wrong = "holds a NUL byte";
	else if (memchr(bytes, '\r', len) || memchr(bytes, '\n', len))
		wrong = "holds a line break";
	if (wrong) {
		fault_add(ld->faults, node->line, node->column, "%s %s", what, wrong);
		return;
	}
	*field = arena_text(ld->job->arena, bytes, len);
}

void secret_inline(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	CLEANUP(x_free) char *word = NULL;

	if (!value_scalar(ld, key, node))
		return;
	if (!node->cell && (ld->mode & OTHERS) && !ld->mode_told) {
		ld->mode_told = true;
		word = secret_word(ld->job->path);
		fault_add(ld->faults, node->key->line, node->key->column,
			"a `password` in a file that others can open: chmod 600 %s, or use `password_file`", word);
	}
	keep(ld, node, "`password`", node->text, node->len, field);
}

/* Opens it if it is ours alone. Nothing is read before that is known. */
static int open_own(struct loader *ld, const struct node *node, const char *path, const char *shown)
{
	CLEANUP(x_free) char *word = NULL;
	struct stat st;
	/* Not blocking: it may turn out to be a FIFO. */
	int fd = file_open(&st, path, O_NONBLOCK);

	if (fd < 0) {
		fault_add(ld->faults, node->line, node->column, "`password_file`: `%s` can't be read: %s", shown, strerror(errno));
		return -1;
	}
	if (S_ISREG(st.st_mode) && st.st_uid == geteuid() && (st.st_mode & OTHERS) == 0)
		return fd;
	close(fd);
	if (!S_ISREG(st.st_mode)) {
		fault_add(ld->faults, node->line, node->column, "`password_file`: `%s` is not a regular file", shown);
	} else if (st.st_uid != geteuid()) {
		fault_add(ld->faults, node->line, node->column, "`password_file`: `%s` belongs to another user", shown);
	} else {
		word = secret_word(path);
		fault_add(ld->faults, node->line, node->column, "`password_file`: others can open `%s`: chmod 600 %s", shown, word);
	}
	return -1;
}

void secret_file(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	CLEANUP(file_wipe) struct file file = { 0 };
	CLEANUP(file_close) int fd = -1;
	char *path = NULL;
	char shown[64], what[128];
	const char *end;
	size_t len;

	value_path(ld, key, node, &path);
	if (!path)
		return;
	fd = open_own(ld, node, path, value_shown(shown, node));
	if (fd < 0)
		return;
	/* Room for the longest line and CRLF: a longer one shows by its length. */
	if (file_read(&file, fd, PASSWORD_MAX + 2) < 0) {
		fault_add(ld->faults, node->line, node->column, "`password_file`: `%s` can't be read: %s", shown, strerror(errno));
		return;
	}
	end = memchr(file.data, '\n', file.len);
	len = end ? (size_t)(end - file.data) : file.len;
	if (len > 0 && file.data[len - 1] == '\r')
		len--;
	snprintf(what, sizeof(what), "`password_file`: the first line of `%s`", shown);
	keep(ld, node, what, file.data, len, field);
}
