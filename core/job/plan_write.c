/* The plan file written. Values go through libyaml; the lines around them, which it can't comment, are ours. */
#include "core/job/plan_file.h"

#include <string.h>
#include <strings.h>
#include <yaml.h>

#include "core/base/alloc.h"
#include "core/base/text.h"

/* ---- values ---- */

/* What every reader of YAML takes for this text and nothing else. */
static bool is_plain(const char *text)
{
	static const char *const words[] = { "true", "false", "yes", "no", "on", "off", "null", "y", "n" };
	size_t len = strlen(text);

	if (!((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z')) || text[len - 1] == ' ')
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(text, words[i]) == 0)
			return false;
	}
	return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._/@+-") == len;
}

/* How many bytes a character has that shows nothing, turns what stands around it, or ends a line to a reader of YAML: only as a number can it be seen for what
   it is. 0: it is none of these. */
static size_t hidden(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	if (c[0] == 0xe2 && c[1] == 0x80 && ((c[2] >= 0x8b && c[2] <= 0x8f) || (c[2] >= 0xa8 && c[2] <= 0xae)))
		return 3;
	if ((c[0] == 0xe2 && c[1] == 0x81 && c[2] >= 0xa0) || (c[0] == 0xef && c[1] == 0xbb && c[2] == 0xbf) || (c[0] == 0xef && c[1] == 0xbf && c[2] >= 0xbe))
		return 3;
	return (c[0] == 0xc2 && (c[1] <= 0xa0 || c[1] == 0xad)) || (c[0] == 0xd8 && c[1] == 0x9c) ? 2 : 0;
}

static bool hides(const char *text)
{
	for (; *text; text++) {
		if (hidden(text) > 0)
			return true;
	}
	return false;
}

static int take(void *out, unsigned char *data, size_t len)
{
	buf_add(out, data, len);
	return 1;
}

/* A document of this one text, in quotes and on one line. */
static bool emit(yaml_emitter_t *e, const char *text)
{
	yaml_event_t event;
	size_t len = strlen(text);

	if (!yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING) || !yaml_emitter_emit(e, &event))
		return false;
	if (!yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1) || !yaml_emitter_emit(e, &event))
		return false;
	if (!yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text, (int)len, 0, 1, YAML_DOUBLE_QUOTED_SCALAR_STYLE) ||
		!yaml_emitter_emit(e, &event))
		return false;
	if (!yaml_document_end_event_initialize(&event, 1) || !yaml_emitter_emit(e, &event))
		return false;
	return yaml_stream_end_event_initialize(&event) && yaml_emitter_emit(e, &event);
}

static void add_value(struct buf *out, const char *given)
{
	CLEANUP(x_free) char *text = plan_name(given);
	CLEANUP(buf_free) struct buf quoted = { 0 };
	yaml_emitter_t e;
	bool done;

	if (is_plain(text)) {
		buf_adds(out, text);
		return;
	}
	done = yaml_emitter_initialize(&e);
	if (done) {
		yaml_emitter_set_output(&e, take, &quoted);
		yaml_emitter_set_unicode(&e, !hides(text));
		yaml_emitter_set_width(&e, -1);
		done = emit(&e, text);
		yaml_emitter_delete(&e);
	}
	/* Without memory only: no line is better than half of one, and it can't be loaded. */
	buf_add(out, quoted.data, done && quoted.data ? strcspn(quoted.data, "\n") : 0);
}

static void add_pair(struct buf *out, const char *key, const char *text)
{
	if (!text || !*text)
		return;
	buf_addf(out, "%s: ", key);
	add_value(out, text);
	buf_addc(out, '\n');
}

/* ---- comments ---- */

/* Each line behind its own mark: of what a server said nothing gets out. */
static void add_comment(struct buf *out, const char *indent, const char *text)
{
	char line[1024];
	size_t len;

	for (; text && *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		text_clean(line, sizeof(line), text, len);
		buf_addf(out, "%s#%s", indent, *line ? " " : "");
		for (const char *c = line; *c; c += hidden(c) > 0 ? hidden(c) : 1)
			buf_addc(out, (char)(hidden(c) > 0 ? '?' : *c));
		buf_addc(out, '\n');
	}
}

/* ---- levels ---- */

static void write_message(const struct plan_message *m, struct buf *out)
{
	add_comment(out, "          ", m->comment);
	buf_addf(out, "          - { uid: %u, reason: ", m->uid);
	add_value(out, m->reason ? m->reason : "");
	buf_addf(out, ", action: %s }\n", m->action == PLAN_COPY ? "copy" : "skip");
}

static void write_folder(const struct plan_folder *f, struct buf *out)
{
	add_comment(out, "      ", f->comment);
	buf_adds(out, "      - ");
	add_pair(out, "source", f->source);
	add_pair(out, "        target", f->target);
	buf_addf(out, "        action: %s\n", f->action == PLAN_COPY ? "copy" : "skip");
	add_pair(out, "        role", f->role);
	add_pair(out, "        why", f->why);
	buf_addf(out, "        bytes: %llu\n", (unsigned long long)f->bytes);
	buf_addf(out, "        uidvalidity: %u\n", f->validity);
	if (f->messages > 0)
		buf_adds(out, "        messages:\n");
	for (size_t i = 0; i < f->messages; i++)
		write_message(&f->message[i], out);
}

void plan_write(const struct plan *plan, struct buf *out)
{
	add_comment(out, "", plan->head);
	buf_adds(out, "plan: 1\n");
	/* Of digits alone it would be a number. */
	buf_addf(out, "job_digest: \"%s\"\n", plan->digest);
	buf_adds(out, plan->accounts > 0 ? "accounts:\n" : "accounts: []\n");
	for (size_t i = 0; i < plan->accounts; i++) {
		const struct plan_account *a = &plan->account[i];

		add_comment(out, "  ", a->comment);
		buf_adds(out, "  - ");
		add_pair(out, "name", a->name);
		buf_adds(out, a->folders > 0 ? "    folders:\n" : "    folders: []\n");
		for (size_t k = 0; k < a->folders; k++)
			write_folder(&a->folder[k], out);
	}
	add_comment(out, "", plan->tail);
}
