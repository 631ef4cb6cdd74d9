/* Progress for programs: one JSON object a line on standard error. Each has

     event     what it is, see below
     time      RFC 3339, UTC, with milliseconds: "2026-11-24T10:00:00.123Z"

   and, by event:

     start     command ("run", "verify", "plan"), accounts (how many), version
     account   account (its name), stage: "listing", "at-work", "settling" (waits to see whether
               what was sent and not answered still arrives), "paused" (waits before it tries again), "waiting", "ended"; with "ended" exit
               (the account's exit status) and the numbers of `progress`. The report may know better in the end.
               A stage of less than a fifth of a second may not be told
     folder    account, folder (as the source has it), target, done: false when it begins (anew after a trouble), true when it is through
     progress  once a second while something moves, with account for one that is at work, without it for all:
               listed (messages at the source, as far as it was asked), messages and bytes (copied in this run), there (at the target
               before), checked (compared on both sides), lanes (pairs of connections at work), lanes_allowed (how many may be: fewer while
               more are slower, or a server refuses them or asks for less); without account also lanes_most (at once, so far), accounts,
               accounts_done, and as soon as they are known share (0 to 1), bytes_per_second, seconds_left
     problem   account, severity ("error", "warning", "note"), code, text, hint; where it applies folder, uid, message_id, side, file. One of
               a message may come again when it is looked at again.
     end       exit (left out when the run could not begin) and the numbers of `progress` for all

   Lines that do not begin with { are messages for people. Events may be lost when nobody reads; the report never is. */
#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/progress.h"
#include "core/base/alloc.h"
#include "core/base/text.h"

#define EVERY_MS 1000

static const char *const stages[] = { "waiting", "listing", "at-work", "settling", "paused", "ended" };
static_assert(sizeof stages / sizeof *stages == STAGE_ENDED + 1, "a name for each stage");

/* Text that came from elsewhere may not be UTF-8; jansson takes nothing else. */
static void set_text(json_t *event, const char *key, const char *text)
{
	const char *is = text ? text : "";
	json_t *value = json_string(is);
	if (!value) {
		size_t room = strlen(is) + 1;
		CLEANUP(x_free) char *clean = x_malloc(room);
		text_clean(clean, room, is, room - 1);
		value = json_string(clean);
	}
	json_object_set_new(event, key, value);
}

static void set_some(json_t *event, const char *key, const char *text)
{
	if (text && text[0])
		set_text(event, key, text);
}

static void set_number(json_t *event, const char *key, uint64_t n)
{
	json_object_set_new(event, key, json_integer((json_int_t)n));
}

static json_t *event_new(const char *name)
{
	struct timespec now;
	struct tm tm;
	char seconds[24], text[32];
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof text, "%s.%03dZ", seconds, (int)(now.tv_nsec / 1000000));
	json_t *event = json_object();
	set_text(event, "event", name);
	set_text(event, "time", text);
	return event;
}

/* The event is gone then. The lock is held. */
static void send(struct progress *p, json_t *event)
{
	struct buf line = { 0 };
	char *text = json_dumps(event, JSON_COMPACT);
	if (text) {
		text_add_json(&line, text, strlen(text));
		buf_addc(&line, '\n');
		progress_write(p, &line);
	}
	free(text);
	buf_free(&line);
	json_decref(event);
}

static void set_row(json_t *event, const struct bar_row *row)
{
	set_number(event, "listed", row->listed);
	set_number(event, "messages", row->copied);
	set_number(event, "bytes", row->bytes);
	set_number(event, "there", row->there);
	set_number(event, "checked", row->checked);
}

static void set_lanes(json_t *event, const atomic_uint *now, const atomic_uint *allowed)
{
	set_number(event, "lanes", atomic_load(now));
	set_number(event, "lanes_allowed", atomic_load(allowed));
}

static void set_account(json_t *event, const struct progress *p, size_t i)
{
	set_row(event, &p->row[i]);
	set_lanes(event, &p->account[i].lanes, &p->account[i].lanes_allowed);
}

static void set_all(json_t *event, const struct progress *p, const struct bar_row *total)
{
	size_t done = 0;
	for (size_t i = 0; i < p->view.rows; i++)
		done += p->row[i].stage == STAGE_ENDED;
	set_row(event, total);
	set_lanes(event, &p->count->lanes, &p->count->lanes_allowed);
	set_number(event, "lanes_most", atomic_load(&p->count->lanes_most));
	set_number(event, "accounts", p->view.rows);
	set_number(event, "accounts_done", done);
}

void progress_json_start(struct progress *p, size_t accounts)
{
	json_t *event = event_new("start");
	set_text(event, "command", p->command);
	set_number(event, "accounts", accounts);
	set_text(event, "version", TRASLOCO_VERSION);
	send(p, event);
}

static void tell_stage(struct progress *p, size_t i)
{
	const struct bar_row *row = &p->row[i];
	if ((int)row->stage == p->stage[i])
		return;
	p->stage[i] = (int)row->stage;
	json_t *event = event_new("account");
	set_text(event, "account", row->name);
	set_text(event, "stage", stages[row->stage]);
	if (row->stage == STAGE_ENDED) {
		set_number(event, "exit", (uint64_t)atomic_load(&p->account[i].exit));
		set_account(event, p, i);
	}
	send(p, event);
}

/* Whether anything has moved since it was told the last time. */
static bool has_moved(uint64_t *told, const struct bar_row *row)
{
	uint64_t now = row->listed + row->copied + row->there + row->checked;
	bool moved = now != *told;
	*told = now;
	return moved;
}

static void tell_progress(struct progress *p)
{
	struct bar_row total = bar_total(&p->view);
	int share = bar_share(&p->view, &total);
	for (size_t i = 0; i < p->view.rows; i++) {
		if (!has_moved(&p->steps[i], &p->row[i]) || p->row[i].stage == STAGE_ENDED)
			continue;
		json_t *event = event_new("progress");
		set_text(event, "account", p->row[i].name);
		set_account(event, p, i);
		send(p, event);
	}
	if (!has_moved(&p->steps[p->view.rows], &total))
		return;
	json_t *event = event_new("progress");
	set_all(event, p, &total);
	if (share >= 0)
		json_object_set_new(event, "share", json_real((double)share / 100));
	if (p->view.rate >= 0)
		set_number(event, "bytes_per_second", (uint64_t)p->view.rate);
	if (p->view.left >= 0)
		set_number(event, "seconds_left", (uint64_t)p->view.left);
	send(p, event);
}

void progress_json_tick(struct progress *p, int64_t now)
{
	for (size_t i = 0; i < p->view.rows; i++)
		tell_stage(p, i);
	if (now < p->next)
		return;
	p->next = now + EVERY_MS;
	tell_progress(p);
}

void progress_json_end(struct progress *p, int status)
{
	struct bar_row total = bar_total(&p->view);
	for (size_t i = 0; i < p->view.rows; i++)
		tell_stage(p, i);
	json_t *event = event_new("end");
	if (status >= 0)
		set_number(event, "exit", (uint64_t)status);
	set_all(event, p, &total);
	send(p, event);
}

static void send_locked(struct progress *p, json_t *event)
{
	pthread_mutex_lock(&p->lock);
	send(p, event);
	pthread_mutex_unlock(&p->lock);
}

void progress_json_folder(struct progress *p, const char *account, const char *source, const char *target, bool done)
{
	json_t *event = event_new("folder");
	set_text(event, "account", account);
	set_text(event, "folder", source);
	set_text(event, "target", target);
	json_object_set_new(event, "done", json_boolean(done));
	send_locked(p, event);
}

void progress_json_problem(struct progress *p, const char *account, const char *folder, const struct problem *problem)
{
	json_t *event = event_new("problem");
	set_text(event, "account", account);
	set_text(event, "severity", problem->severity);
	set_text(event, "code", problem->code);
	set_some(event, "side", problem->side == SIDE_SOURCE ? "source" : problem->side == SIDE_TARGET ? "target" : "");
	set_some(event, "folder", folder);
	if (problem->uid)
		set_number(event, "uid", problem->uid);
	set_some(event, "message_id", problem->message_id);
	set_text(event, "text", problem->text);
	set_text(event, "hint", problem->hint);
	set_some(event, "file", problem->file);
	send_locked(p, event);
}
