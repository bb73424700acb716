// SPDX-License-Identifier: Apache-2.0

#ifndef RELAY_CHILD_PROCESS_H
#define RELAY_CHILD_PROCESS_H

#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

// A child runs under a guardian: a small process between us and it, which outlives the child and not us.
//
//   this process --(death signal TERM)--> guardian --(death signal KILL)--> child, leader of its own group
//
// A death signal alone reaches the child and not what the child started. The guardian kills the whole group when
// we die, however we die, and when the child ends. What left the group, also for a session of its own, becomes the
// guardian's child once what is between them has ended, and is killed then; so nothing is left behind.
// It also keeps the child's id from being reused while signals are on their way: only the guardian signals it.

// What went wrong before the program ran.
enum relay_spawn_step {
    RELAY_SPAWN_PROCESS = 1,
    RELAY_SPAWN_DESCRIPTORS = 2,
    RELAY_SPAWN_DIRECTORY = 3,
    RELAY_SPAWN_EXECUTE = 4,
    RELAY_SPAWN_VIEW = 5,
};

enum relay_view_kind {
    // A directory, with the source and what is mounted below it bound to it, if there is a source.
    RELAY_VIEW_DIRECTORY = 1,
    // A file, with the source bound to it.
    RELAY_VIEW_FILE = 2,
    // A symbolic link that holds the source.
    RELAY_VIEW_LINK = 3,
};

struct relay_view_entry {
    int kind;
    const char *source;
    // Below the view's base.
    const char *target;
};

// What the child finds as its root, in a mount namespace of its own: the entries, and nothing else. Without the right
// to make one, the child gets a user namespace too, in which it is who it was.
struct relay_view {
    // An empty directory on which the root is put together, where nobody else sees it.
    const char *base;
    const struct relay_view_entry *entries;
    int count;
};

struct relay_spawn_request {
    const char *executable;
    char *const *arguments;
    char *const *environment;
    const char *working_directory;
    // NULL for what this process sees.
    const struct relay_view *view;
    int standard_output;
    int standard_error;
    // A socket that becomes descriptor 3 of the child, or -1.
    int listening_socket;
    // Where in `environment` the child's process id is to be written, with room for 20 characters, or NULL.
    char *listen_pid;
};

struct relay_spawn_result {
    pid_t guardian;
    pid_t child;
    // The end of a pipe on which one struct relay_exit arrives. The caller closes it.
    int report;
    int step;
    int error;
};

struct relay_exit {
    int32_t status;
    int64_t user_microseconds;
    int64_t system_microseconds;
    int64_t maximum_resident_bytes;
};

// Starts the program. The calling thread must live until the child has ended: its death is taken for ours.
// Returns 0, or -1 with step and error (an errno) set and nothing left running.
int relay_spawn(const struct relay_spawn_request *request, struct relay_spawn_result *result);

// Sends a signal to the child, or to its group, and kills the group grace_milliseconds later unless that is negative.
// Returns 0 or an errno.
int relay_signal(pid_t guardian, int signal, int whole_group, int grace_milliseconds);

// The longest grace that relay_signal can pass on.
#define RELAY_MAXIMUM_GRACE_MILLISECONDS 0x3FFFFE

// Reads the report. Returns 1 with exit filled, or 0 when the guardian ended without writing one.
int relay_read_exit(int report, struct relay_exit *exit);

// Collects the ended guardian.
void relay_reap(pid_t guardian);

// The value of `status`: 1 for an exit with *value as the code, 0 for an end by signal *value.
int relay_exited(int32_t status, int32_t *value);

// pipe2 with O_CLOEXEC, which Swift's Glibc module hides behind _GNU_SOURCE. Returns 0, or -1 with errno.
int relay_pipe(int ends[2]);

// getrusage of this process, whose `who` Swift imports as a type of its own.
void relay_own_usage(struct rusage *usage);

#endif
