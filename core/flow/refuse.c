/* A mail that the target does not want: kept as .eml, recorded with the server's words. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/alloc.h"
#include "core/base/buf.h"
#include "core/base/crash.h"
#include "core/base/digest.h"
#include "core/base/i18n.h"
#include "core/base/text.h"
#include "core/flow/writer.h"

#define NAME_BYTES 100
#define MARK_BYTES 4		/* of the digest: as many names as a mailbox has do not meet by chance */

/* Bytes of a name that lead nowhere else. */
static bool is_safe(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c & 0x80) != 0 || strchr("-_@+ ", c) || (c == '.' && !first);
}

/* A name from a server or a job as one component of a path: nothing that could lead elsewhere. One that had to be changed gets a mark of what it
   was, so that two such names ("a:b" and "a/b") never share a file: the one mail would take the other's place. */
static char *safe_name(const char *name)
{
	char clean[NAME_BYTES + 1];
	size_t len = strlen(name);
	text_clean(clean, sizeof clean, name, len);
	bool same = *name && strcmp(clean, name) == 0;
	for (char *c = clean; *c; c++)
		if (!is_safe(*c, c == clean)) {
			*c = '_';
			same = false;
		}
	if (same)
		return x_strdup(clean);
	uint8_t digest[DIGEST_LEN];
	struct buf out = { 0 };
	struct digest *d = digest_new();
	digest_start(d);
	digest_add(d, name, len);
	digest_end(d, digest);
	digest_free(&d);
	buf_addf(&out, "%s-", *clean ? clean : "_");
	for (size_t i = 0; i < MARK_BYTES; i++)
		buf_addf(&out, "%02x", digest[i]);
	return out.data;
}

static int make_folder(const char *path, struct error *err)
{
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return error_set(err, ERR_USAGE, "the folder %s for refused messages can't be made: %s", path, strerror(errno));
	return 0;
}

/* The path in the text: of an error that ends an account only the text is kept. */
static int not_written(const char *path, int why, struct error *err)
{
	return error_set(err, ERR_USAGE, "%s can't be written: %s", path, strerror(why));
}

static int write_all(int fd, const char *path, const struct blob *body, struct error *err)
{
	char chunk[16384];
	long got;
	for (size_t at = 0; (got = blob_read(body, at, chunk, sizeof chunk, err)) > 0; at += (size_t)got)
		for (long done = 0; done < got;) {
			ssize_t put = write(fd, chunk + done, (size_t)(got - done));
			if (put < 0 && errno == EINTR)
				continue;
			if (put < 0)
				return not_written(path, errno, err);
			done += put;
		}
	return got < 0 ? -1 : 0;
}

/* Whole or not at all: written beside its place, then renamed. */
static int keep(const char *path, const struct blob *body, struct error *err)
{
	CLEANUP(x_free) char *part = x_printf("%s.part", path);
	unlink(part); /* what a dead run has left */
	int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return not_written(path, errno, err);
	int ok = write_all(fd, path, body, err);
	if (ok == 0 && fsync(fd) < 0)
		ok = not_written(path, errno, err);
	close(fd);
	crash_point("keeping");
	if (ok == 0 && rename(part, path) < 0)
		ok = not_written(path, errno, err);
	if (ok < 0)
		unlink(part);
	return ok;
}

int refuse_mail(struct writer *w, struct move *m, const struct mail *mail, const struct error *why, struct error *err)
{
	CLEANUP(x_free) char *account = safe_name(m->account->job->name), *folder = safe_name(m->source->name);
	CLEANUP(x_free) char *own = x_printf("%s/%s", w->flow->job->refused, account);
	CLEANUP(x_free) char *path = x_printf("%s/%s-%u-%u.eml", own, folder, m->source_box.validity, mail->uid);
	if (make_folder(w->flow->job->refused, err) < 0 || make_folder(own, err) < 0 || keep(path, mail->body, err) < 0)
		return -1;
	crash_point("kept");
	uint64_t limit = atomic_load(&m->account->append_limit);
	bool big = limit > 0 && blob_size(mail->body) > limit;
	struct problem p = { .side = SIDE_TARGET, .severity = "error", .code = big ? "too-big" : "message-refused", .uid = mail->uid, .text = why->text, .file = path,
		.hint = N_("the message is kept as a file; everything else goes on") };
	if (writer_problem(w, m, &p, err) < 0)
		return -1;
	log_line(w->flow->log, "%s: %s: uid %u refused: %s", m->account->job->name, m->source->name, mail->uid, why->text);
	if (store_refuse(w->flow->store, m->folder, mail->uid, err) < 0)
		return -1;
	pool_progress(m->account); /* it is not sent again */
	return 0;
}

const struct refusal *refuse_known(const struct move *m, uint32_t uid)
{
	for (size_t i = m->heard_count; i-- > 0;) /* the last word counts */
		if (m->heard[i].uid == uid && m->heard[i].validity == m->source_box.validity)
			return &m->heard[i];
	return NULL;
}

void refuse_remember(struct move *m, uint32_t uid, bool last, const char *why)
{
	m->heard = x_room(m->heard, m->heard_count, &m->heard_cap, sizeof *m->heard);
	struct refusal *r = &m->heard[m->heard_count++];
	*r = (struct refusal){ .validity = m->source_box.validity, .uid = uid, .last = last };
	snprintf(r->why, sizeof r->why, "%s", why);
	pool_progress(m->account); /* at most twice a mail */
}
