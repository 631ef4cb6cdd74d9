/* The job file and its table, loaded whole. */
#include "tests/fuzz/files.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/job/job.h"

static const struct preset rows[] = {
	{ .id = "libero", .name = "Libero", .domains = "libero.it iol.it", .mx = "", .host = "imapmail.libero.it", .port = 993, .page = "", .note = "", .mark = "A", .date = "2026-11" },
	{ .id = "ms", .name = "MS", .domains = "*.ms.it ms.*", .mx = "", .host = "ms.it", .port = 143, .tls = TLS_STARTTLS, .user = USER_LOCAL, .traits = PRESET_OAUTH_ONLY, .page = "", .note = "",
		.mark = "A", .date = "2026-11" },
};
static const struct presets some = { rows, sizeof rows / sizeof *rows };

static char folder[64];

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static void remove_folder(void)
{
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *files_folder(void)
{
	static const char *const places[] = { "/dev/shm", "/tmp" }; /* a disk would be most of the time */
	for (size_t i = 0; !folder[0] && i < 2; i++) {
		snprintf(folder, sizeof folder, "%s/trasloco-fuzz-XXXXXX", places[i]);
		if (!mkdtemp(folder))
			folder[0] = 0;
		else
			atexit(remove_folder);
	}
	HOLDS(folder[0]);
	return folder;
}

void files_write(const char *name, const void *data, size_t len)
{
	CLEANUP(x_free) char *path = x_printf("%s/%s", files_folder(), name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	HOLDS(fd >= 0 && write(fd, data, len) == (ssize_t)len);
	close(fd);
}

/* "migrate.yaml:3:7: what to do" */
static void check_errors(const char *text)
{
	HOLDS(*text);
	for (const char *line = text, *end; *line; line = end + 1) {
		CLEANUP(x_free) char *one = NULL;
		end = strchr(line, '\n');
		HOLDS(end);
		one = x_strndup(line, (size_t)(end - line));
		HOLDS(fuzz_shows(one));
		unsigned at_line = 0, column = 0;
		int behind = 0;
		const char *colon = strstr(one, ": ");
		const char *place = colon ? colon : one;
		for (int colons = 0; place > one && colons < 2; place--)
			colons += place[-1] == ':';
		HOLDS(sscanf(place + 1, "%u:%u: %n", &at_line, &column, &behind) == 2 || strstr(one, " more "));
		HOLDS(behind == 0 || (at_line >= 1 && column >= 1 && place[1 + behind]));
	}
}

static void check_end(const struct job_end *end)
{
	HOLDS(end->host && *end->host && end->user && *end->user && end->login && *end->login);
	HOLDS(end->port >= 1 && end->port <= 65535 && end->connections >= 1 && end->timeout_ms >= 1);
	HOLDS((end->secret == SECRET_PASSWORD) == (end->password != NULL));
	HOLDS((end->secret == SECRET_COMMAND || end->secret == SECRET_TOKEN) == (end->command && end->command[0]));
}

static void check_job(const struct job *job)
{
	HOLDS(job->accounts >= 1 && strlen(job->digest) == 64 && *job->state == '/' && *job->refused == '/');
	HOLDS(job->workers >= 1 && job->give_up_ms >= 1);
	for (size_t i = 0; i < job->accounts; i++) {
		const struct job_account *a = &job->account[i];
		HOLDS(a->name && *a->name && a->shrink <= 1000 && a->messages.since <= a->messages.before);
		check_end(&a->source);
		check_end(&a->target);
		for (size_t k = 0; k < i; k++)
			HOLDS(strcmp(a->name, job->account[k].name) != 0);
	}
}

static int load(struct job **job, struct buf *errors)
{
	CLEANUP(x_free) char *path = x_printf("%s/migrate.yaml", files_folder());
	int ok = job_load(job, path, &some, errors);
	HOLDS((ok == 0) == (*job != NULL));
	HOLDS((ok == 0) == (errors->len == 0));
	if (ok == 0)
		check_job(*job);
	else
		check_errors(errors->data);
	return ok;
}

void files_load(void)
{
	struct job *one, *two;
	struct buf first = { 0 }, second = { 0 };
	HOLDS(load(&one, &first) == load(&two, &second));
	HOLDS(!one || strcmp(one->digest, two->digest) == 0);
	HOLDS(first.len == second.len && (first.len == 0 || strcmp(first.data, second.data) == 0));
	job_free(&one);
	job_free(&two);
	buf_free(&first);
	buf_free(&second);
}
