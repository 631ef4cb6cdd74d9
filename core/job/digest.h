/* What a plan depends on, in one number. */
#ifndef JOB_DIGEST_H
#define JOB_DIGEST_H

#include "core/job/job.h"

/* Fills job->digest from its accounts: names, providers, hosts, users, folders, filters. Not: secrets, doors, layout of the file. */
void digest_of_job(struct job *job);

#endif
