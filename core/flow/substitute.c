/* Names that a target refuses at CREATE. Which one it minds nobody can know beforehand, so the names stay as they are until it says no. */
#include "core/flow/substitute.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <unictype.h>
#include <unistr.h>

#include "core/base/alloc.h"
#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/text.h"
#include "core/flow/collide.h"

#define LEVEL_CHARACTERS 60	/* a name that is refused and has nothing odd in it may be too long */
#define SHOWN 120

/* ---- names ---- */

/* Length of the part of wire that has so many levels. */
static size_t part_of(const char *wire, char separator, unsigned levels)
{
	const char *at = wire;
	for (; levels > 0 && *at; levels--) {
		const char *end = separator ? strchr(at, separator) : NULL;
		if (!end)
			return strlen(wire);
		at = levels > 1 ? end + 1 : end;
	}
	return (size_t)(at - wire);
}

static unsigned levels_of(const char *wire, char separator)
{
	unsigned n = 1;
	for (const char *at = wire; separator && (at = strchr(at, separator)); at++)
		n++;
	return n;
}

static bool is_plain(ucs4_t c)
{
	uint32_t mask = UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M | UC_CATEGORY_MASK_N;
	return c <= 0xFFFF && (c == ' ' || c == '-' || c == '_' || c == '.' || uc_is_general_category_withtable(c, mask));
}

static void plain_text(struct buf *out, const char *text)
{
	const uint8_t *at = (const uint8_t *)text, *next;
	bool before = false; /* one "_" for many in a row */
	ucs4_t c;
	for (; (next = u8_next(&c, at)); at = next) {
		bool plain = is_plain(c);
		if (plain)
			buf_add(out, (const char *)at, (size_t)(next - at));
		else if (!before)
			buf_addc(out, '_');
		before = !plain;
	}
}

/* One level in UTF-8; as it stands, each byte beyond ASCII a "_", when it is none. */
static char *level_text(const char *wire, size_t len)
{
	CLEANUP(x_free) char *level = x_strndup(wire, len);
	char *text = text_from_utf7(level);
	if (text)
		return text;
	if (!text_is_utf8(level, len))
		for (char *c = level; *c; c++)
			*c = (unsigned char)*c < 0x80 ? *c : '_';
	return x_strdup(level);
}

static char *plain_level(const char *wire, size_t len)
{
	CLEANUP(x_free) char *text = level_text(wire, len);
	struct buf out = { 0 };
	buf_adds(&out, "");
	plain_text(&out, text);
	char *plain = text_to_utf7(out.data);
	buf_free(&out);
	return plain ? plain : x_strdup("_");
}

char *substitute_plain(const char *wire, char separator)
{
	struct buf out = { 0 };
	for (unsigned n = 1, all = levels_of(wire, separator); n <= all; n++) {
		size_t from = n > 1 ? part_of(wire, separator, n - 1) + 1 : 0, to = part_of(wire, separator, n);
		CLEANUP(x_free) char *level = plain_level(wire + from, to - from);
		if (n > 1)
			buf_addc(&out, separator);
		buf_adds(&out, level);
	}
	return out.data;
}

static const struct substitute *entry_of(const struct substitute *list, size_t count, const char *wire, size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(list[i].wire) == len && memcmp(list[i].wire, wire, len) == 0)
			return &list[i];
	return NULL;
}

char *substitute_known(const struct substitute *list, size_t count, const char *wire, char separator)
{
	for (unsigned n = count > 0 ? levels_of(wire, separator) : 0; n > 0; n--) {
		size_t len = part_of(wire, separator, n);
		const struct substitute *s = entry_of(list, count, wire, len);
		if (s)
			return x_printf("%s%s", s->instead, wire + len);
	}
	return NULL;
}

/* ---- one that nobody else has; the pool's lock is held ---- */

static bool same_folded(const char *a, const char *b)
{
	CLEANUP(x_free) char *x = mapping_fold(a);
	CLEANUP(x_free) char *y = mapping_fold(b);
	return strcmp(x, y) == 0;
}

/* Whether another folder of the account, or one above it, has that name, or would have it if it were refused. */
static bool is_wanted(const struct account *a, const char *part, const char *instead)
{
	char separator = a->target.separator;
	unsigned levels = levels_of(part, separator);
	for (size_t i = 0; i < a->count; i++) {
		const struct move *m = &a->moves[i];
		size_t len = part_of(m->wanted, separator, levels);
		CLEANUP(x_free) char *other = x_strndup(m->wanted, len);
		CLEANUP(x_free) char *plain = substitute_plain(other, separator);
		if (levels_of(other, separator) == levels && strcmp(other, part) != 0 && (same_folded(other, instead) || same_folded(plain, instead)))
			return true;
	}
	return false;
}

/* The last level as it is, shorter or longer. */
static void other_level(struct buf *out, const char *level)
{
	CLEANUP(x_free) char *text = level_text(level, strlen(level));
	size_t bytes = strlen(text);
	const uint8_t *at = (const uint8_t *)text;
	ucs4_t c;
	for (int n = 0; n < LEVEL_CHARACTERS && *at; n++)
		at = u8_next(&c, at);
	if ((const char *)at < text + bytes)
		text[(const char *)at - text] = '\0';
	CLEANUP(x_free) char *wire = text_to_utf7(text);
	buf_adds(out, wire ? wire : "");
	buf_addc(out, '_');
}

/* Four digits that belong to the name. */
static void add_mark(struct buf *out, const char *part)
{
	uint32_t hash = 2166136261u;
	for (; *part; part++)
		hash = (hash ^ (unsigned char)*part) * 16777619u;
	buf_addf(out, "-%04x", (hash ^ hash >> 16) & 0xFFFF);
}

static char *new_name(const struct account *a, const char *part, const char *above)
{
	char separator = a->target.separator;
	unsigned levels = levels_of(part, separator);
	const char *level = levels > 1 ? part + part_of(part, separator, levels - 1) + 1 : part;
	CLEANUP(x_free) char *plain = plain_level(level, strlen(level));
	bool cut = false;
	struct buf out = { 0 };
	buf_adds(&out, above);
	if (levels > 1)
		buf_addc(&out, separator);
	if (strcmp(plain, level) == 0) {
		size_t before = out.len;
		other_level(&out, level);
		cut = out.len - before <= strlen(level);
	} else {
		buf_adds(&out, plain);
	}
	if (cut || is_wanted(a, part, out.data))
		add_mark(&out, part);
	if (is_wanted(a, part, out.data))
		buf_free(&out);
	return out.data;
}

static void remember(struct account *a, const char *part, const char *instead)
{
	a->substitute = x_room(a->substitute, a->substitutes, &a->substitutes_cap, sizeof *a->substitute);
	a->substitute[a->substitutes++] = (struct substitute){ .wire = x_strdup(part), .instead = x_strdup(instead) };
}

/* From the top: what the target has stays, what is called otherwise already is followed. `sure`: the server said that it is the name; where nothing in it is odd, the first
   level that the target does not have changes. NULL: there is nothing to change, or no name is left. */
static char *substitute(struct account *a, const char *wire, bool sure)
{
	char separator = a->target.separator;
	char *out = x_strdup("");
	CLEANUP(x_free) char *whole = substitute_plain(wire, separator);
	bool force = sure && strcmp(whole, wire) == 0;
	for (unsigned n = 1, all = levels_of(wire, separator); out && n <= all; n++) {
		CLEANUP(x_free) char *part = x_strndup(wire, part_of(wire, separator, n));
		CLEANUP(x_free) char *above = out;
		size_t from = n > 1 ? part_of(wire, separator, n - 1) + 1 : 0;
		char *same = n > 1 ? x_printf("%s%c%s", above, separator, part + from) : x_strdup(part);
		CLEANUP(x_free) char *plain = plain_level(part + from, strlen(part + from));
		const struct substitute *s = entry_of(a->substitute, a->substitutes, part, strlen(part));
		bool change = strcmp(part + from, plain) != 0 || (force && strcmp(same, part) == 0);
		bool fits = !change || strcasecmp(same, "INBOX") == 0 || folder_find(&a->target, same);
		out = s ? x_strdup(s->instead) : fits ? same : new_name(a, part, above);
		if (out && out != same && !s)
			remember(a, part, out);
		if (out != same)
			free(same);
	}
	if (out && strcmp(out, wire) == 0) {
		free(out);
		out = NULL;
	}
	return out;
}

/* ---- a move ---- */

static bool is_at_work(const struct pool *p, const struct move *m)
{
	for (size_t i = 0; i < p->count; i++)
		for (size_t k = 0; p->accounts[i].stage == ACCOUNT_READY && k < p->accounts[i].count; k++) {
			const struct move *other = &p->accounts[i].moves[k];
			if (other != m && other->stage == MOVE_CLAIMED && other->mailbox == m->mailbox)
				return true;
		}
	return false;
}

/* The move and its row go there. *wait: somebody is at work there, or has been. */
static int point_at(struct writer *w, struct move *m, char *wire, bool *wait, struct error *err)
{
	struct account *a = m->account;
	const struct folder *there = folder_find(&a->target, wire);
	struct pool *p = w->lane->pool;
	struct mailbox_row box;
	struct folder_row row;
	bool renumbered;
	char *name = text_from_utf7(wire);
	pthread_mutex_lock(&p->lock);
	free(m->target.wire);
	free(m->target.name);
	m->target.wire = wire;
	m->target.name = name ? name : x_strdup(wire);
	m->target.box = there ? there->box : (struct box){ 0 };
	m->target_exists = there && there->selectable;
	pthread_mutex_unlock(&p->lock);
	if (store_mailbox(w->flow->store, a->job->target.host, a->job->target.user, m->target.wire, m->target.name, &box, err) < 0)
		return -1;
	pthread_mutex_lock(&p->lock);
	m->mailbox = box.id;
	*wait = m->target_exists || is_at_work(p, m);
	pthread_mutex_unlock(&p->lock);
	if (m->target_exists && m->target.box.known &&
		store_mailbox_seen(w->flow->store, box.id, m->target.box.validity, m->target.box.next ? m->target.box.next : 1, &renumbered, err) < 0)
		return -1;
	struct folder_key key = { .account = a->row.id, .mailbox = m->mailbox, .source_wire = m->source->wire, .source_name = m->source->name, .target_name = m->target.name,
		.source_validity = m->source_box.validity, .role = folder_role_name(m->role), .why = m->why, .moved = true };
	return store_folder(w->flow->store, &key, &row, err);
}

int substitute_move(struct writer *w, struct move *m, const struct error *why, struct error *err)
{
	struct pool *p = w->lane->pool;
	bool wait = false;
	pthread_mutex_lock(&p->lock);
	char *wire = substitute(m->account, m->target.wire, why->certain);
	pthread_mutex_unlock(&p->lock);
	if (!wire) {
		*err = *why;
		err->class = ERR_FOLDER;
		return error_at(err, "%s", m->target.name);
	}
	log_line(w->flow->log, "%s: %s: refused: %s", m->account->job->name, m->target.name, why->text);
	m->refused = x_strdup(why->text);
	if (point_at(w, m, wire, &wait, err) < 0)
		return -1;
	if (wait)
		return error_set(err, ERR_RETRY, "%s is there already: it is searched first", m->target.name);
	return w->conn->ops->prepare(w->conn, &m->target, false, &m->prepare, err);
}

int substitute_keep(struct writer *w, struct move *m, struct error *err)
{
	struct account *a = m->account;
	struct pool *p = w->lane->pool;
	const struct job_end *target = &a->job->target;
	char was[SHOWN], now[SHOWN];
	int ok = 0;
	if (!m->refused)
		return 0;
	pthread_mutex_lock(&p->lock);
	for (size_t i = 0; ok == 0 && i < a->substitutes; i++) {
		struct substitute *s = &a->substitute[i];
		size_t len = strlen(s->wire);
		bool ours = strncmp(m->wanted, s->wire, len) == 0 && (!m->wanted[len] || m->wanted[len] == a->target.separator);
		if (ours && !s->kept)
			ok = store_substitute(w->flow->store, target->host, target->user, s, err);
		s->kept = s->kept || ours;
	}
	pthread_mutex_unlock(&p->lock);
	if (ok < 0)
		return -1;
	CLEANUP(x_free) char *wanted = text_from_utf7(m->wanted);
	text_clean(was, sizeof was, wanted ? wanted : m->wanted, strlen(wanted ? wanted : m->wanted));
	text_clean(now, sizeof now, m->target.name, strlen(m->target.name));
	CLEANUP(x_free) char *text = x_printf("\"%s\" is called \"%s\" in the new mailbox, which refuses that name: %s", was, now, m->refused);
	struct problem problem = { .side = SIDE_TARGET, .severity = "warning", .code = "name-changed", .text = text,
		.hint = N_("to choose another name yourself, put it into the job file: folders: map") };
	return writer_problem(w, m, &problem, err);
}
