/* Which secret a side gets, how often it is got, and who waits for whom. */
#include "tests/unit/providers/secrets_job.h"

#include <pthread.h>
#include <stdatomic.h>

#define THREADS 8

static void from_the_job(void **state)
{
	struct rig *r = *state;
	struct error err;

	r->account[1].target.secret = SECRET_PASSWORD;
	r->account[1].target.password = (char *)(uintptr_t)"geheim";
	CLEANUP(secrets_wipe) char *first = rig_get(r, &r->account[1].target, false, &err);
	CLEANUP(secrets_wipe) char *again = rig_get(r, &r->account[1].target, true, &err);
	assert_string_equal(first, "geheim");
	assert_string_equal(again, "geheim");
	assert_int_equal(r->asked, 0);
	assert_ptr_not_equal(first, again);
}

/* Each side has its own, and is asked about once, also when the server refuses what was typed. */
static void a_person_is_asked_once(void **state)
{
	struct rig *r = *state;
	struct error err;
	static const char *const typed[] = { "one", "two", "three", "four" };
	const struct job_end *const ends[] = { &r->account[0].source, &r->account[0].target, &r->account[1].source, &r->account[1].target };

	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < 4; i++) {
			r->says = round == 0 ? typed[i] : "other";
			CLEANUP(secrets_wipe) char *got = rig_get(r, ends[i], round == 2, &err);
			assert_string_equal(got, typed[i]);
		}
		assert_int_equal(r->asked, 4);
	}
}

/* A master login is one question for all its mailboxes; the host's case means nothing. */
static void one_login_is_one_question(void **state)
{
	struct rig *r = *state;
	struct error err;

	free(r->account[1].source.login);
	r->account[1].source.login = x_strdup("mario@old.example");
	free(r->account[1].source.host);
	r->account[1].source.host = x_strdup("OLD.example");
	r->says = "geheim";
	CLEANUP(secrets_wipe) char *first = rig_get(r, &r->account[0].source, false, &err);
	r->says = "other";
	CLEANUP(secrets_wipe) char *second = rig_get(r, &r->account[1].source, false, &err);
	assert_string_equal(second, "geheim");
	assert_int_equal(r->asked, 1);
	CLEANUP(secrets_wipe) char *third = rig_get(r, &r->account[1].target, false, &err);
	assert_string_equal(third, "other");
}

static void who_gives_up_is_left_alone(void **state)
{
	struct rig *r = *state;
	struct error err;

	assert_null(rig_get(r, &r->account[0].source, false, &err));
	assert_int_equal(err.class, ERR_CANCELLED);
	r->says = "geheim";
	assert_null(rig_get(r, &r->account[0].source, false, &err));
	assert_null(rig_get(r, &r->account[0].source, true, &err));
	assert_int_equal(r->asked, 1);
}

static void nobody_to_ask(void **state)
{
	struct rig *r = *state;
	struct error err;

	r->secrets = secrets_new(&r->job, NULL, NULL);
	assert_null(rig_get(r, &r->account[0].source, false, &err));
	assert_int_equal(err.class, ERR_LOGIN);
	assert_true(err.certain);
	assert_string_equal(err.text, "no password for mario@old.example at old.example: `trasloco login` asks for it and keeps it");
}

/* What login has in hand comes before what is kept, and is not asked about. */
static void in_hand(void **state)
{
	struct rig *r = *state;
	struct error err;

	r->secrets = secrets_new(&r->job, rig_person, r);
	assert_int_equal(secrets_keep(r->secrets, &r->account[0].source, "old", &err), 0);
	CLEANUP(secrets_wipe) char *kept = rig_get(r, &r->account[0].source, false, &err);
	assert_string_equal(kept, "old");
	secrets_use(r->secrets, &r->account[0].source, "new");
	CLEANUP(secrets_wipe) char *got = rig_get(r, &r->account[0].source, false, &err);
	CLEANUP(secrets_wipe) char *same = rig_get(r, &r->account[0].source, true, &err);
	assert_string_equal(got, "new");
	assert_string_equal(same, "new");
	assert_int_equal(r->asked, 0);
}

/* A command's answer is remembered until a server refuses it; a failure is not remembered. */
static void commands_run_again_when_refused(void **state)
{
	struct rig *r = *state;
	struct error err;

	for (enum job_secret kind = SECRET_COMMAND; kind <= SECRET_TOKEN; kind++) {
		rig_command(r, kind, "echo x >>runs; wc -l <runs");
		CLEANUP(secrets_wipe) char *a = rig_get(r, &r->account[0].source, kind == SECRET_TOKEN, &err);
		CLEANUP(secrets_wipe) char *b = rig_get(r, &r->account[0].source, false, &err);
		CLEANUP(secrets_wipe) char *c = rig_get(r, &r->account[0].source, true, &err);
		CLEANUP(secrets_wipe) char *d = rig_get(r, &r->account[0].source, false, &err);
		assert_string_equal(a, kind == SECRET_COMMAND ? "1" : "3");
		assert_string_equal(b, a);
		assert_string_equal(c, kind == SECRET_COMMAND ? "2" : "4");
		assert_string_equal(d, c);
	}
	rig_command(r, SECRET_TOKEN, "exit 75");
	assert_null(rig_get(r, &r->account[0].source, true, &err));
	assert_int_equal(err.class, ERR_RETRY);
	rig_command(r, SECRET_TOKEN, "echo fresh");
	CLEANUP(secrets_wipe) char *e = rig_get(r, &r->account[0].source, false, &err);
	assert_string_equal(e, "fresh");
}

struct together {
	struct rig *rig;
	bool refused;
	const struct cancel *stop;
	pthread_barrier_t start;
	atomic_uint good, failed;
};

static void *get_one(void *arg)
{
	struct together *t = arg;
	CLEANUP(secrets_wipe) char *out = NULL;
	struct error err = { 0 };

	pthread_barrier_wait(&t->start);
	if (secrets_get(t->rig->secrets, &t->rig->account[0].source, t->refused, t->stop, &out, &err) == 0)
		atomic_fetch_add(&t->good, strcmp(out, "1") == 0 || strcmp(out, "2") == 0);
	else
		atomic_fetch_add(&t->failed, err.class == ERR_LOGIN && strstr(err.text, "status 9") != NULL);
	return NULL;
}

static void all_together(struct together *t)
{
	pthread_t thread[THREADS];

	pthread_barrier_init(&t->start, NULL, THREADS);
	t->good = t->failed = 0;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, get_one, t), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	pthread_barrier_destroy(&t->start);
}

/* Lanes open at the same moment: one runs the command, the others get its answer, good or bad. */
static void one_runs_the_others_wait(void **state)
{
	struct rig *r = *state;
	struct together t = { .rig = r };
	struct error err;

	r->secrets = secrets_new(&r->job, NULL, NULL);
	rig_command(r, SECRET_COMMAND, "echo x >>runs; n=$(wc -l <runs); sleep 0.5; echo $n");
	all_together(&t);
	assert_int_equal(t.good, THREADS);
	t.refused = true;
	all_together(&t);
	assert_int_equal(t.good, THREADS);
	rig_command(r, SECRET_COMMAND, "echo x >>runs; sleep 0.5; exit 9");
	all_together(&t);
	assert_int_equal(t.failed, THREADS);
	rig_command(r, SECRET_COMMAND, "wc -l <runs");
	CLEANUP(secrets_wipe) char *runs = rig_get(r, &r->account[0].source, true, &err);
	assert_string_equal(runs, "3");
}

static void *get_slowly(void *arg)
{
	struct together *t = arg;
	char *out = NULL;
	struct error err = { 0 };

	secrets_get(t->rig->secrets, &t->rig->account[0].source, false, NULL, &out, &err);
	secrets_wipe(&out);
	return NULL;
}

/* Who waits for another's command can be stopped without it. */
static void a_waiting_one_can_be_stopped(void **state)
{
	struct rig *r = *state;
	struct together t = { .rig = r };
	struct cancel stop;
	struct error err = { 0 };
	pthread_t slow;
	char *out = NULL;

	assert_int_equal(cancel_init(&stop), 0);
	cancel_fire(&stop);
	r->secrets = secrets_new(&r->job, NULL, NULL);
	rig_command(r, SECRET_COMMAND, "sleep 1; echo 1");
	assert_int_equal(pthread_create(&slow, NULL, get_slowly, &t), 0);
	usleep(300000);
	assert_int_equal(secrets_get(r->secrets, &r->account[0].source, false, &stop, &out, &err), -1);
	assert_int_equal(err.class, ERR_CANCELLED);
	pthread_join(slow, NULL);
	cancel_free(&stop);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		TEST(from_the_job), TEST(a_person_is_asked_once), TEST(one_login_is_one_question), TEST(who_gives_up_is_left_alone),
		TEST(nobody_to_ask), TEST(in_hand), TEST(commands_run_again_when_refused), TEST(one_runs_the_others_wait),
		TEST(a_waiting_one_can_be_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
