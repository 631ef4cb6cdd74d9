/* What a state of many rows costs: filled as a run fills it, without mail and servers, then read as the reports read it. Processor time; each case in a process
   of its own, for its memory. What is not linear shows in the last column: rows a second of the largest case, by those of the smallest.
   usage: bench_rows [FOLDERS [ROWS…]]        default: 1 folder, then 1000; each with 10000, 100000, 1000000 rows */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/alloc.h"
#include "core/report/report.h"

#define BATCH 100		/* as core/flow/batch.c */
#define CHUNK 500		/* as core/flow/reader.c */
#define SAMPLE 100		/* one of so many is read whole */
#define CASES_MAX 8

enum stage { PLANNED, LISTED, COPIED, COMPARED, FINISHED, COUNTED, PLANNED_AGAIN, LISTED_AGAIN, FOUND, MODEL, JSON, TEXT, CSV, HTML, STAGES };
static const char *const stage_name[STAGES] = {
	[PLANNED] = "planned: mailboxes and folders", [LISTED] = "listed, filtered", [COPIED] = "copied: intents and answers", [COMPARED] = "compared",
	[FINISHED] = "finished, sealed", [COUNTED] = "the ledger", [PLANNED_AGAIN] = "again, nothing new", [LISTED_AGAIN] = "again, all read and compared",
	[FOUND] = "found again without its state", [MODEL] = "report: what it is made of", [JSON] = "report --json", [TEXT] = "report --text", [CSV] = "report --csv",
	[HTML] = "report --html",
};

struct result {			/* comes through a pipe */
	double seconds[STAGES];
	uint64_t documents[STAGES];	/* their bytes */
	uint64_t file, memory, report_memory;	/* bytes; KB; KB */
};

struct bench {
	uint32_t rows, folders, each;	/* each: rows of a folder */
	struct store *store;
	int64_t run, account, *folder, *mailbox;
	char **wire;
	struct result result;
	double began;
	struct error err;
};

#define DO(b, call) ((call) >= 0 ? (void)0 : fails(b, #call))

static _Noreturn void fails(const struct bench *b, const char *call)
{
	fprintf(stderr, "%s: %s %s\n", call, b->err.where, b->err.text);
	exit(1);
}

static double cpu_seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void begin(struct bench *b)
{
	b->began = cpu_seconds();
}

static void end(struct bench *b, enum stage stage)
{
	b->result.seconds[stage] = cpu_seconds() - b->began;
}

/* ---- mail ---- */

static uint64_t mixed(uint64_t n)
{
	n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9u;
	n = (n ^ (n >> 27)) * 0x94d049bb133111ebu;
	return n ^ (n >> 31);
}

/* No two alike, over 15 years, one of 50 of the last month. */
static struct mail *make_mail(const struct bench *b, uint32_t folder, uint32_t uid)
{
	uint64_t n = mixed((uint64_t)folder * b->each + uid);
	struct mail *m = mail_new();
	m->uid = uid;
	m->size = 700 + (uint32_t)(n % 60000);
	m->date = time(NULL) - (n % 50 ? (int64_t)(n % 473040000) : 86400);
	m->flags.system = FLAG_SEEN;
	m->flags.keywords = n % 5 ? NULL : x_strdup("NonJunk");
	m->has_id = true;
	for (size_t i = 0; i < sizeof m->id.head; i += sizeof n) {
		uint64_t more = mixed(n + i + 1);
		memcpy(m->id.head + i, &more, sizeof more);
		memcpy(m->id.core + i, &more, sizeof more);
	}
	m->id.msgid = mixed(n) | 1;
	m->sender = n % 50 ? NULL : x_printf("sender%u@example.net", (unsigned)(n % 997));
	return m;
}

/* Mails first to first + count - 1 of a folder. */
static void make_mails(const struct bench *b, struct mail **mails, uint32_t folder, uint32_t first, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		mails[i] = make_mail(b, folder, first + i);
}

static void free_mails(struct mail **mails, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		mail_free(&mails[i]);
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* ---- the stages of a run ---- */

static void open_state(struct bench *b, const char *path)
{
	struct account_key account = { "bench", "source.example", "anna", "target.example", "anna", "", "", NULL };
	struct account_row row;
	DO(b, store_open(&b->store, path, STORE_WRITE, &b->err));
	DO(b, store_run_begin(b->store, "run", "digest", &b->run, &b->err));
	DO(b, store_account(b->store, &account, &row, &b->err));
	b->account = row.id;
}

static void close_state(struct bench *b)
{
	DO(b, store_account_end(b->store, b->run, b->account, 0, &b->err));
	DO(b, store_run_end(b->store, b->run, 0, &b->err));
	store_close(&b->store);
}

static void plan_folder(struct bench *b, uint32_t i)
{
	struct mailbox_row mailbox;
	struct folder_row folder;
	bool renumbered;
	CLEANUP(x_free) char *other = NULL;
	DO(b, store_mailbox(b->store, "target.example", "anna", b->wire[i], b->wire[i], &mailbox, &b->err));
	DO(b, store_mailbox_seen(b->store, mailbox.id, 9, 1, &renumbered, &b->err));
	struct folder_key key = { .account = b->account, .mailbox = mailbox.id, .source_wire = b->wire[i], .source_name = b->wire[i], .target_name = b->wire[i],
		.source_validity = 7, .role = "", .why = "same", .moved = true };
	DO(b, store_folder(b->store, &key, &folder, &b->err));
	DO(b, store_folder_other(b->store, folder.id, &other, &b->err));
	b->folder[i] = folder.id;
	b->mailbox[i] = mailbox.id;
}

static void plan(struct bench *b)
{
	struct held *held;
	struct folder_known *known;
	size_t count;
	DO(b, store_held(b->store, b->account, &held, &count, &b->err));
	held_free(held, count);
	DO(b, store_folders_known(b->store, b->account, &known, &count, &b->err));
	folders_known_free(known, count);
	for (uint32_t i = 0; i < b->folders; i++)
		plan_folder(b, i);
	DO(b, store_folders_listed(b->store, b->account, b->folder, b->folders, &b->err));
}

static void ask(struct bench *b, uint32_t i, enum which which)
{
	struct uid_set set = { 0 };
	DO(b, store_uids(b->store, b->folder[i], which, &set, &b->err));
	uid_set_free(&set);
}

static void list(struct bench *b, uint32_t i)
{
	const struct filter filter = { .since = INT64_MIN, .before = INT64_MAX };
	struct uid_set all = { 0 }, free_ones = { 0 };
	struct listed listed;
	struct intents intents;
	uid_set_add(&all, 1, b->each);
	DO(b, store_listed(b->store, b->folder[i], &all, b->each + 1, &listed, &b->err));
	DO(b, store_filter(b->store, b->folder[i], &filter, &b->err));
	DO(b, store_elsewhere_back(b->store, b->folder[i], true, &b->err));
	DO(b, store_unclaimed(b->store, b->mailbox[i], b->folder[i], &all, &free_ones, &b->err));
	DO(b, store_intents(b->store, b->folder[i], &intents, &b->err));
	ask(b, i, WHICH_SKIPPED);
	ask(b, i, WHICH_UNPLACED);
	ask(b, i, WHICH_UNSURE);
	ask(b, i, WHICH_THERE);
	ask(b, i, WHICH_PENDING);
	uid_set_free(&all);
	uid_set_free(&free_ones);
}

/* The answers of one batch go with the intents of the next; the target's UIDs are the source's. */
static void copy(struct bench *b, uint32_t i)
{
	struct mail *mails[2][BATCH];
	uint32_t uids[BATCH], sent = 0;
	unsigned turn = 0;
	for (uint32_t first = 1; first <= b->each + BATCH; first += BATCH, turn ^= 1) {
		uint32_t count = first > b->each ? 0 : least(BATCH, b->each + 1 - first);
		struct batch now = { .count = count, .mails = mails[turn] }, before = { .count = sent, .mails = mails[turn ^ 1], .uids = uids, .done = true };
		struct batch *const finished[] = { &before };
		struct step s = { .finished = finished, .nfinished = sent > 0, .intended = count > 0 ? &now : NULL, .floor = 1 };
		make_mails(b, mails[turn], i, first, count);
		for (uint32_t k = 0; k < sent; k++)
			uids[k] = before.mails[k]->uid;
		DO(b, store_step(b->store, b->folder[i], &s, &b->err));
		free_mails(mails[turn ^ 1], sent);
		sent = count;
	}
}

static void compare(struct bench *b, uint32_t i)
{
	for (uint32_t first = 1; first <= b->each; first += CHUNK) {
		struct placed *rows;
		struct measured sizes[CHUNK / SAMPLE];
		size_t count, n = 0;
		uint32_t last = least(first + CHUNK - 1, b->each);
		DO(b, store_placed(b->store, b->folder[i], first, last, &rows, &count, &b->err));
		for (size_t k = 0; k < count; k += SAMPLE)
			sizes[n++] = (struct measured){ rows[k].uid, 2000, 2000 };
		DO(b, store_compared(b->store, b->folder[i], first, last, NULL, 0, &b->err));
		DO(b, store_measured(b->store, b->folder[i], sizes, n, &b->err));
		placed_free(rows, count);
	}
}

static void finish(struct bench *b, uint32_t i)
{
	const struct folder_checked checked = { .done = true, .sampled = b->each / SAMPLE };
	struct mailbox_row mailbox;
	struct uid_set large = { 0 };
	uint64_t claimed;
	ask(b, i, WHICH_UNPLACED);
	ask(b, i, WHICH_DOUBTFUL);
	ask(b, i, WHICH_DUPLICATES_OPEN);
	ask(b, i, WHICH_NOT_UNIQUE);
	DO(b, store_larger(b->store, b->folder[i], 50 << 20, &large, &b->err));
	DO(b, store_rematched(b->store, b->folder[i], &b->err));
	DO(b, store_mailbox(b->store, "target.example", "anna", b->wire[i], b->wire[i], &mailbox, &b->err));
	DO(b, store_mailbox_claimed(b->store, mailbox.id, &claimed, &b->err));
	DO(b, store_folder_checked(b->store, b->run, b->folder[i], &checked, &b->err));
	DO(b, store_seal(b->store, b->run, b->folder[i], "seal", &b->err));
	DO(b, store_candidates_forget(b->store, b->mailbox[i], &b->err));
	uid_set_free(&large);
}

static void count(struct bench *b, uint32_t i)
{
	struct counts counts;
	DO(b, store_counts(b->store, b->folder[i], (struct counting){ .run = b->run }, &counts, &b->err));
	if (counts.ledger.source != b->each || counts.verified.identical != b->each)
		fails(b, "the ledger");
}

static void sealed(struct bench *b, uint32_t i)
{
	struct standing standing;
	if (store_sealed(b->store, b->run, b->folder[i], "seal", &standing, &b->err) != 1 || standing.before != b->each)
		fails(b, "the seal");
}

/* The target holds all of it, and the state was deleted. */
static void find(struct bench *b, uint32_t i)
{
	struct matched matched;
	for (uint32_t first = 1; first <= b->each; first += CHUNK) {
		struct mail *mails[CHUNK];
		uint32_t n = least(CHUNK, b->each + 1 - first);
		make_mails(b, mails, i, first, n);
		DO(b, store_scanned(b->store, b->folder[i], mails, n, &b->err));
		DO(b, store_candidates(b->store, b->mailbox[i], mails, n, &b->err));
		free_mails(mails, n);
	}
	DO(b, store_match(b->store, b->folder[i], MATCH_PENDING, 1, true, &matched, &b->err));
	DO(b, store_candidates_forget(b->store, b->mailbox[i], &b->err));
	if (matched.header != b->each)
		fails(b, "the match");
}

static void each_folder(struct bench *b, enum stage stage, void (*const *does)(struct bench *, uint32_t), size_t count)
{
	begin(b);
	for (uint32_t i = 0; i < b->folders; i++)
		for (size_t k = 0; k < count; k++)
			does[k](b, i);
	end(b, stage);
}
#define EACH(b, stage, ...) each_folder(b, stage, (void (*const[])(struct bench *, uint32_t)){ __VA_ARGS__ }, sizeof((void (*const[])(struct bench *, uint32_t)){ __VA_ARGS__ }) / sizeof(void *))

static void runs(struct bench *b, const char *path)
{
	open_state(b, path);
	begin(b);
	plan(b);
	end(b, PLANNED);
	EACH(b, LISTED, list);
	EACH(b, COPIED, copy);
	EACH(b, COMPARED, compare);
	EACH(b, FINISHED, finish);
	EACH(b, COUNTED, count);
	close_state(b);
	open_state(b, path);
	begin(b);
	plan(b);
	for (uint32_t i = 0; i < b->folders; i++)
		sealed(b, i);
	end(b, PLANNED_AGAIN);
	EACH(b, LISTED_AGAIN, list, compare, finish);
	close_state(b);
}

static void without_state(struct bench *b, const char *path)
{
	open_state(b, path);
	plan(b);
	EACH(b, FOUND, list, find);
	close_state(b);
}

/* ---- reports ---- */

static void as_csv(const struct report *report, struct buf *out)
{
	report_csv(report, false, out);
}

static void as_json(const struct report *report, struct buf *out)
{
	report_json(report, true, out);
}

static void reports(struct bench *b, const char *path)
{
	static void (*const write_as[STAGES])(const struct report *, struct buf *) = { [JSON] = as_json, [TEXT] = report_text, [CSV] = as_csv, [HTML] = report_html };
	struct report *report;
	struct run run;
	DO(b, store_open(&b->store, path, STORE_READ, &b->err));
	DO(b, store_run_newest(b->store, false, &run, &b->err));
	begin(b);
	DO(b, report_make(&report, b->store, &run, &b->err));
	DO(b, report_months(report, b->store, &b->err));
	end(b, MODEL);
	for (enum stage stage = JSON; stage <= HTML; stage++) {
		CLEANUP(buf_free) struct buf out = { 0 };
		begin(b);
		write_as[stage](report, &out);
		end(b, stage);
		b->result.documents[stage] = out.len;
	}
	report_free(&report);
	store_close(&b->store);
}

/* ---- cases ---- */

static uint64_t peak(void)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return (uint64_t)usage.ru_maxrss;
}

/* In a process of its own. What it measured is added to *out; its memory is returned. */
static uint64_t apart(struct bench *b, const char *path, void (*work)(struct bench *, const char *))
{
	int ends[2], status;
	struct { struct result result; uint64_t memory; } told;
	if (pipe(ends) < 0)
		fails(b, "pipe");
	pid_t child = fork();
	if (child == 0) {
		work(b, path);
		told.result = b->result;
		told.memory = peak();
		_exit(write(ends[1], &told, sizeof told) == sizeof told ? 0 : 1);
	}
	close(ends[1]);
	bool got = read(ends[0], &told, sizeof told) == sizeof told;
	close(ends[0]);
	if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0 || !got)
		exit(1);
	b->result = told.result;
	return told.memory;
}

static struct result measure(uint32_t folders, uint32_t rows)
{
	static const char *const names[] = { "state", "lost" }, *const ends[] = { "", "-wal", "-shm", ".lock" };
	struct bench b = { .rows = rows, .folders = folders, .each = rows / folders };
	struct stat file;
	const char *tmp = getenv("TMPDIR");
	CLEANUP(x_free) char *dir = x_printf("%s/bench-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		fails(&b, "mkdtemp");
	CLEANUP(x_free) char *path = x_printf("%s/state", dir), *lost = x_printf("%s/lost", dir);
	b.folder = x_calloc(folders, sizeof *b.folder);
	b.mailbox = x_calloc(folders, sizeof *b.mailbox);
	b.wire = x_calloc(folders, sizeof *b.wire);
	for (uint32_t i = 0; i < folders; i++)
		b.wire[i] = x_printf("Archive/%u", i);
	uint64_t memory = apart(&b, path, runs), more = apart(&b, lost, without_state);
	b.result.report_memory = apart(&b, path, reports);
	b.result.memory = memory > more ? memory : more;
	b.result.file = stat(path, &file) == 0 ? (uint64_t)file.st_size : 0;
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < 4; k++) {
			CLEANUP(x_free) char *one = x_printf("%s/%s%s", dir, names[i], ends[k]);
			unlink(one);
		}
	rmdir(dir);
	for (uint32_t i = 0; i < folders; i++)
		free(b.wire[i]);
	free(b.wire);
	free(b.folder);
	free(b.mailbox);
	return b.result;
}

static void print_line(const char *name, const char *unit, const struct result *r, size_t cases, size_t offset)
{
	printf("| %s |", name);
	for (size_t i = 0; i < cases; i++)
		printf(" %.1f %s |", (double)*(const uint64_t *)((const char *)&r[i] + offset) / (*unit == 'M' ? 1024 : 1e6), *unit == 'M' ? unit : "MB");
	printf(" |\n");
}

static void table(uint32_t folders, const uint32_t *rows, size_t cases)
{
	struct result r[CASES_MAX];
	for (size_t i = 0; i < cases; i++)
		r[i] = measure(folders, rows[i]);
	printf("\n%u folder%s; rows a second\n\n| |", folders, folders == 1 ? "" : "s");
	for (size_t i = 0; i < cases; i++)
		printf(" %u rows |", rows[i]);
	printf(" last by first |\n|---|");
	for (size_t i = 0; i <= cases; i++)
		printf("---|");
	printf("\n");
	for (enum stage s = 0; s < STAGES; s++) {
		printf("| %s |", stage_name[s]);
		for (size_t i = 0; i < cases; i++)
			if (s == PLANNED)
				printf(" %.1f ms |", r[i].seconds[s] * 1e3);
			else if (s < JSON)
				printf(" %.0f |", rows[i] / r[i].seconds[s]);
			else
				printf(" %.1f ms, %.1f KB |", r[i].seconds[s] * 1e3, (double)r[i].documents[s] / 1e3);
		if (s > PLANNED && s < JSON)
			printf(" %.2f", rows[cases - 1] / r[cases - 1].seconds[s] / (rows[0] / r[0].seconds[s]));
		printf(" |\n");
	}
	print_line("the state's file", "", r, cases, offsetof(struct result, file));
	print_line("most memory, of a run", "MiB", r, cases, offsetof(struct result, memory));
	print_line("most memory, of a report", "MiB", r, cases, offsetof(struct result, report_memory));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	uint32_t rows[CASES_MAX] = { 10000, 100000, 1000000 }, folders = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1;
	size_t cases = argc > 2 ? (size_t)argc - 2 : 3;
	bool fits = folders > 0 && cases <= CASES_MAX;
	for (size_t i = 0; fits && i < cases; i++) {
		rows[i] = argc > 2 ? (uint32_t)strtoul(argv[i + 2], NULL, 10) : rows[i];
		fits = rows[i] >= folders && rows[i] % folders == 0 && rows[i] <= 100000000;
	}
	if (!fits) {
		fprintf(stderr, "usage: bench_rows [FOLDERS [ROWS...]]      rows: a multiple of the folders\n");
		return 2;
	}
	table(folders, rows, cases);
	if (argc == 1)
		table(1000, rows, cases);
	return 0;
}
