/* refused: the messages that the target does not want, or the source can not hand over; their files copied elsewhere; sent again. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "core/base/alloc.h"
#include "core/base/text.h"
#include "core/report/prose.h"
#include "core/report/report.h"

#define NAMES_MAX 10000		/* of one name, numbered */

/* What is queued to be sent again is told as a problem of the newest run until the next, and is refused no more. */
static bool is_refused(const struct report_part *part, const struct report_problem *p)
{
	return part->ledger.refused > 0 && p->uid > 0 && (strcmp(p->code, "message-refused") == 0 || strcmp(p->code, "message-unreadable") == 0 || strcmp(p->code, "too-big") == 0);
}

/* What stands now, whatever run it was. Returns 1, 0 when nothing was run, -1. */
static int read_report(const struct options *options, const struct job *job, struct store *store, struct report **out, struct error *err)
{
	struct run run;
	int found = store_run_newest(store, true, &run, err);
	if (found <= 0)
		return found;
	if (report_make(out, store, &run, err) < 0)
		return -1;
	report_choose(*out, job, options->accounts);
	return 1;
}

/* ---- the list ---- */

/* The Date of a kept mail, as it stands there; "" without one. */
static void date_of(const char *path, char out[64])
{
	char line[512];
	FILE *file = *path ? fopen(path, "re") : NULL;
	out[0] = '\0';
	while (file && !out[0] && fgets(line, sizeof line, file) && line[0] != '\r' && line[0] != '\n')
		if (strncasecmp(line, "Date:", 5) == 0) {
			const char *at = line + 5 + strspn(line + 5, " \t");
			text_clean(out, 64, at, strcspn(at, "\r\n"));
		}
	if (file)
		fclose(file);
}

#define LABEL_COLUMN 15

static void fact(struct buf *out, const char *label, const char *text)
{
	struct buf left = { 0 };
	buf_addf(&left, "    %s", label);
	prose_beside(out, left.data, LABEL_COLUMN, text);
	buf_free(&left);
}

static void list_one(const struct report_problem *p, struct buf *out)
{
	char date[64], size[PROSE_NUMBER];
	struct stat st;
	struct buf s = { 0 };
	date_of(p->file, date);
	prose_clean(&s, *p->folder ? p->folder : "?");
	if (*p->message_id) {
		buf_adds(&s, "  ");
		prose_clean(&s, p->message_id);
	}
	prose_wrap(out, s.data, 2, 2);
	buf_reset(&s);
	if (date[0])
		fact(out, _("date"), date);
	if (*p->file && stat(p->file, &st) == 0)
		fact(out, _("size"), prose_size(size, (uint64_t)st.st_size));
	prose_kept(&s, p->text);
	fact(out, _("why"), s.data);
	buf_reset(&s);
	if (*p->file) {
		prose_clean(&s, p->file);
		fact(out, _("kept in"), s.data);
	}
	if (p->accepted)
		fact(out, _("accepted"), p->accepted_by ? p->accepted_by : "");
	buf_free(&s);
}

static void list_head(const struct report_part *part, struct buf *out)
{
	prose_clean(out, part->name);
	buf_adds(out, ": ");
	prose_clean(out, part->source_user);
	buf_adds(out, " -> ");
	prose_clean(out, part->target_user);
	buf_adds(out, "\n\n");
}

static size_t list_part(const struct report_part *part, struct buf *out)
{
	size_t count = 0;
	for (size_t i = 0; i < part->problems; i++) {
		if (!is_refused(part, &part->problem[i]))
			continue;
		if (count++ == 0)
			list_head(part, out);
		list_one(&part->problem[i], out);
		buf_addc(out, '\n');
	}
	return count;
}

static void way(struct buf *out, const char *label, const char *command, const char *word, const char *options)
{
	buf_addf(out, "%s trasloco %s ", label, command);
	if (word && strcmp(word, "migrate.yaml") != 0) {
		prose_clean(out, word);
		buf_addc(out, ' ');
	}
	buf_addf(out, "%s\n", options);
}

static void list(const struct report *report, const char *word, struct buf *out)
{
	size_t count = 0;
	for (size_t i = 0; i < report->parts; i++)
		count += list_part(&report->part[i], out);
	if (count == 0) {
		buf_adds(out, _("Nothing was refused.\n"));
		return;
	}
	buf_addf(out, P_("%zu message was refused; everything else goes on without it.\n", "%zu messages were refused; everything else goes on without them.\n", count),
		count);
	way(out, _("To have the files: "), "refused", word, _("--export DIR"));
	way(out, _("To try again:      "), "refused", word, "--retry");
	way(out, _("To live with it:   "), "accept", word, "--refused");
}

/* Only these problems are left; the texts of the others are freed with `rest`. */
static void only_refused(struct report_part *part, struct report_part *rest)
{
	size_t kept = 0;
	rest->problem = x_calloc(part->problems + 1, sizeof *rest->problem);
	for (size_t i = 0; i < part->problems; i++)
		if (is_refused(part, &part->problem[i]))
			part->problem[kept++] = part->problem[i];
		else
			rest->problem[rest->problems++] = part->problem[i];
	part->problems = kept;
}

static void write_document(struct report *report, struct buf *out)
{
	struct report *rest = x_calloc(1, sizeof *rest);
	rest->part = x_calloc(report->parts + 1, sizeof *rest->part);
	rest->parts = report->parts;
	for (size_t i = 0; i < report->parts; i++)
		only_refused(&report->part[i], &rest->part[i]);
	snprintf(report->run.command, sizeof report->run.command, "refused");
	report_json(report, false, out);
	report_free(&rest);
}

/* ---- export ---- */

static int make_folder(const char *path)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return 0;
	fprintf(stderr, _("trasloco: the folder %s can't be made: %s\n"), path, strerror(errno));
	return -1;
}

/* A new file "ACCOUNT-NAME.eml", numbered where that is taken; nothing is ever overwritten. */
static int new_file(const char *folder, const char *kept, char **path)
{
	const char *name = strrchr(kept, '/'), *account = name;
	if (!name)
		return -1;
	while (account > kept && account[-1] != '/')
		account--;
	size_t stem = strlen(name + 1);
	if (stem > 4 && strcmp(name + 1 + stem - 4, ".eml") == 0)
		stem -= 4;
	for (unsigned n = 0; n < NAMES_MAX; n++) {
		char number[12] = "";
		if (n > 0)
			snprintf(number, sizeof number, "-%u", n);
		*path = x_printf("%s/%.*s-%.*s%s.eml", folder, (int)(name - account), account, (int)stem, name + 1, number);
		int fd = open(*path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd >= 0 || errno != EEXIST)
			return fd;
		x_free(path);
	}
	errno = EEXIST;
	return -1;
}

static bool copy_bytes(int from, int to)
{
	char chunk[65536];
	for (;;) {
		ssize_t got = read(from, chunk, sizeof chunk);
		if (got == 0)
			return fsync(to) == 0;
		if (got < 0 && errno != EINTR)
			return false;
		for (ssize_t done = 0; done < got;) {
			ssize_t put = write(to, chunk + done, (size_t)(got - done));
			if (put < 0 && errno != EINTR)
				return false;
			done += put > 0 ? put : 0;
		}
	}
}

/* Whole or not at all. */
static int export_one(const char *kept, const char *folder)
{
	CLEANUP(x_free) char *path = NULL;
	int from = open(kept, O_RDONLY | O_CLOEXEC);
	if (from < 0) {
		fprintf(stderr, _("trasloco: the kept message %s can't be read: %s\n"), kept, strerror(errno));
		return -1;
	}
	int to = new_file(folder, kept, &path), ok = to >= 0 && copy_bytes(from, to) ? 0 : -1;
	if (ok < 0)
		fprintf(stderr, _("trasloco: %s can't be written: %s\n"), path ? path : folder, strerror(errno));
	if (to >= 0)
		close(to);
	if (ok < 0 && to >= 0 && path)
		unlink(path);
	close(from);
	return ok;
}

static int export_all(const struct report *report, const struct options *options, struct buf *out)
{
	size_t count = 0, without = 0;
	int ok = make_folder(options->export_to);
	for (size_t i = 0; ok == 0 && i < report->parts; i++)
		for (size_t k = 0; ok == 0 && k < report->part[i].problems; k++) {
			const struct report_problem *p = &report->part[i].problem[k];
			if (!is_refused(&report->part[i], p))
				continue;
			if (*p->file)
				ok = export_one(p->file, options->export_to);
			count += *p->file != '\0';
			without += *p->file == '\0';
		}
	if (ok < 0)
		return EXIT_USAGE;
	if (count == 0)
		buf_adds(out, _("There is no refused message with a file.\n"));
	else
		buf_addf(out, P_("%zu message copied to %s.\n", "%zu messages copied to %s.\n", count), count, options->export_to);
	if (without)
		buf_addf(out, P_("%zu has no file: its text was never read.\n", "%zu have no file: their text was never read.\n", without), without);
	return 0;
}

/* ---- retry ---- */

static int retry(const struct options *options, const struct job *job, struct store *store, struct buf *out, struct error *err)
{
	CLEANUP(x_free) int64_t *id = NULL;
	size_t count = 0;
	uint64_t sum = 0;
	int ok = account_ids(store, job, options->accounts, &id, &count, err);
	for (size_t i = 0; ok == 0 && i < count; i++) {
		uint64_t n = 0;
		ok = store_refused_again(store, id[i], &n, err);
		sum += n;
	}
	if (ok < 0)
		return fail(err);
	if (sum == 0)
		buf_adds(out, _("Nothing was refused.\n"));
	else
		buf_addf(out, P_("%zu message is queued: trasloco run sends it again.\n", "%zu messages are queued: trasloco run sends them again.\n", sum), (size_t)sum);
	return 0;
}

/* ---- the command ---- */

static int refused(const struct options *o, const struct job *job, struct store *store, struct buf *out)
{
	struct error err = { 0 };
	struct report *report = NULL;
	int status = 0, found = store ? read_report(o, job, store, &report, &err) : 0;
	if (found < 0)
		return fail(&err);
	/* copied first: what is queued is not listed any more */
	if (o->export_to && report)
		status = export_all(report, o, out);
	if (status == 0 && o->retry && report)
		status = retry(o, job, store, out, &err);
	if (status == 0 && o->json && report) {
		buf_reset(out);
		report_free(&report);
		found = read_report(o, job, store, &report, &err);
	}
	if (found < 0)
		status = fail(&err);
	else if (status == 0 && o->json && report)
		write_document(report, out);
	else if (status == 0 && !o->export_to && !o->retry && report)
		list(report, o->word, out);
	else if (!report && o->json)
		report_json(&(const struct report){ .run = { .command = "refused", .exit = -1 } }, false, out);
	else if (!report)
		buf_adds(out, _("Nothing has been moved yet.\n"));
	report_free(&report);
	return status;
}

int cmd_refused(const struct options *options)
{
	struct buf out = { 0 };
	struct job *job = load_job(options);
	int status = EXIT_USAGE;
	bool known = job && accounts_known(options, job), moved = known && access(job->state, F_OK) == 0;
	struct store *store = moved ? open_state(job, options->retry ? STORE_WRITE : STORE_READ, &status) : NULL;
	if (store || (known && !moved))
		status = refused(options, job, store, &out);
	if (status == 0 && out.len > 0)
		status = print(&out);
	buf_free(&out);
	store_close(&store);
	job_free(&job);
	return status;
}
