/* A job of two accounts made by hand, in a folder of its own, and programs in that folder. */
#ifndef TESTS_PROVIDERS_SECRETS_JOB_H
#define TESTS_PROVIDERS_SECRETS_JOB_H

#include "tests/unit/job/tmp.h"

#include "providers/secrets.h"

struct rig {
	struct tmp *tmp;
	struct job job;
	struct job_account account[2];	/* mario, anna: SECRET_LATER on both sides until a test says else */
	char *state;
	struct secrets *secrets;
	char *argv[8];			/* for a test's command */
	unsigned asked;			/* questions */
	const char *says;		/* what the person types; NULL: gives up */
};

static inline void rig_end(struct job_end *end, const char *host, const char *login)
{
	end->host = x_strdup(host);
	end->login = x_strdup(login);
	end->user = end->login;
	end->secret = SECRET_LATER;
}

static inline int rig_setup(void **state)
{
	struct rig *r = x_calloc(1, sizeof *r);

	if (tmp_setup((void **)&r->tmp) < 0)
		return -1;
	r->state = x_printf("%s/migrate.state", r->tmp->dir);
	r->account[0].name = (char *)(uintptr_t)"mario";
	r->account[1].name = (char *)(uintptr_t)"anna";
	rig_end(&r->account[0].source, "old.example", "mario@old.example");
	rig_end(&r->account[0].target, "new.example", "mario@new.example");
	rig_end(&r->account[1].source, "old.example", "anna@old.example");
	rig_end(&r->account[1].target, "new.example", "anna@new.example");
	r->job = (struct job){ .path = r->tmp->job, .state = r->state, .account = r->account, .accounts = 2 };
	*state = r;
	return 0;
}

static inline int rig_teardown(void **state)
{
	struct rig *r = *state;

	secrets_free(&r->secrets);
	for (int i = 0; i < 2; i++) {
		free(r->account[i].source.host);
		free(r->account[i].source.login);
		free(r->account[i].target.host);
		free(r->account[i].target.login);
	}
	free(r->state);
	tmp_teardown((void **)&r->tmp);
	free(r);
	return 0;
}

static inline int rig_person(void *ctx, const struct job_account *account, const struct job_end *end, char **out, struct error *err)
{
	struct rig *r = ctx;

	r->asked++;
	assert_true(end == &account->source || end == &account->target);
	if (!r->says)
		return error_set(err, ERR_CANCELLED, "stopped");
	*out = x_strdup(r->says);
	return 0;
}

/* mario's source gets its secret from a line for the shell. */
static inline void rig_command(struct rig *r, enum job_secret kind, const char *line)
{
	r->argv[0] = (char *)(uintptr_t)"sh";
	r->argv[1] = (char *)(uintptr_t)"-c";
	r->argv[2] = (char *)(uintptr_t)line;
	r->argv[3] = NULL;
	r->account[0].source.secret = kind;
	r->account[0].source.command = r->argv;
}

/* The secret, or NULL and the error; the caller wipes it. */
static inline char *rig_get(struct rig *r, const struct job_end *end, bool refused, struct error *err)
{
	char *out = NULL;

	if (!r->secrets)
		r->secrets = secrets_new(&r->job, rig_person, r);
	*err = (struct error){ 0 };

	int got = secrets_get(r->secrets, end, refused, NULL, &out, err);

	assert_int_equal(got, out ? 0 : -1);
	assert_int_equal(err->class == ERR_NONE, out != NULL);
	return out;
}

#endif
