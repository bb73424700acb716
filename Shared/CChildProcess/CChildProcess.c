// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE

#include "CChildProcess.h"
#include "View.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Between fork and exec only async-signal-safe calls are allowed: the parent has other threads, and one of them may
// have held the allocator's lock at the fork.

// The first message of a guardian, and the only one of a child that could not exec.
struct start_report {
    pid_t child;
    int step;
    int error;
};

static int write_all(int descriptor, const void *bytes, size_t count) {
    const char *next = bytes;
    while (count > 0) {
        ssize_t written = write(descriptor, next, count);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return -1;
        next += written;
        count -= (size_t)written;
    }
    return 0;
}

// Returns how many bytes came before the end of the stream.
static size_t read_all(int descriptor, void *bytes, size_t count) {
    size_t total = 0;
    while (total < count) {
        ssize_t got = read(descriptor, (char *)bytes + total, count - total);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        total += (size_t)got;
    }
    return total;
}

static void close_on_exec_from(int first) {
    if (close_range((unsigned)first, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
    // Kernels before 5.11.
    struct rlimit limit;
    int last = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536 ? (int)limit.rlim_cur : 65536;
    for (int descriptor = first; descriptor < last; descriptor++) fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

static void close_all_but(int kept) {
    struct rlimit limit;
    if (kept > 0) close_range(0, (unsigned)kept - 1, 0);
    if (close_range((unsigned)kept + 1, ~0U, 0) == 0) return;
    // Kernels before 5.9.
    int last = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536 ? (int)limit.rlim_cur : 65536;
    for (int descriptor = 0; descriptor < last; descriptor++) {
        if (descriptor != kept) close(descriptor);
    }
}

static _Noreturn void give_up(int report, int step, int error) {
    struct start_report message = {.child = 0, .step = step, .error = error};
    write_all(report, &message, sizeof message);
    _exit(127);
}

// The protocol of sd_listen_fds(3): one socket, as descriptor 3, for the process of this id alone.
static void hand_down(const struct relay_spawn_request *request, int report) {
    if (request->listening_socket < 0) return;
    int socket = fcntl(request->listening_socket, F_DUPFD_CLOEXEC, 4);
    if (socket < 0 || dup2(socket, 3) < 0) give_up(report, RELAY_SPAWN_DESCRIPTORS, errno);
    char digits[20];
    int count = 0;
    for (pid_t left = getpid(); left > 0; left /= 10) digits[count++] = (char)('0' + left % 10);
    char *next = request->listen_pid;
    while (count > 0) *next++ = digits[--count];
    *next = 0;
}

static _Noreturn void become_program(
    const struct relay_spawn_request *request, const struct relay_identity *identity, int report, pid_t guardian
) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != guardian) _exit(127);

    // Out of the way of 0 to 3, which any of these may be.
    int output = fcntl(request->standard_output, F_DUPFD_CLOEXEC, 4);
    int error = fcntl(request->standard_error, F_DUPFD_CLOEXEC, 4);
    int safe_report = fcntl(report, F_DUPFD_CLOEXEC, 4);
    if (output < 0 || error < 0 || safe_report < 0) give_up(report, RELAY_SPAWN_DESCRIPTORS, errno);
    hand_down(request, safe_report);
    int input = open("/dev/null", O_RDONLY);
    if (input < 0) give_up(safe_report, RELAY_SPAWN_DESCRIPTORS, errno);
    if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(error, 2) < 0) {
        give_up(safe_report, RELAY_SPAWN_DESCRIPTORS, errno);
    }
    close_on_exec_from(request->listening_socket >= 0 ? 4 : 3);

    if (request->view) {
        if (relay_take_view(request->view, identity) != 0) give_up(safe_report, RELAY_SPAWN_VIEW, errno);
        // A change of credentials forgets it.
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != guardian) _exit(127);
    }
    if (request->working_directory && chdir(request->working_directory) != 0) {
        give_up(safe_report, RELAY_SPAWN_DIRECTORY, errno);
    }

    struct sigaction normal = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++) sigaction(number, &normal, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);

    execve(request->executable, request->arguments, request->environment);
    give_up(safe_report, RELAY_SPAWN_EXECUTE, errno);
}

#define ORDER_SIGNAL (SIGRTMIN)

static int64_t milliseconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void count(struct relay_exit *exit, const struct rusage *usage) {
    int64_t resident = (int64_t)usage->ru_maxrss * 1024;
    exit->user_microseconds += (int64_t)usage->ru_utime.tv_sec * 1000000 + usage->ru_utime.tv_usec;
    exit->system_microseconds += (int64_t)usage->ru_stime.tv_sec * 1000000 + usage->ru_stime.tv_usec;
    if (resident > exit->maximum_resident_bytes) exit->maximum_resident_bytes = resident;
}

// Collects what was left to us by descendants that ended before theirs. Returns whether the child itself has ended.
static int collect_orphans(pid_t child, struct relay_exit *exit) {
    for (;;) {
        siginfo_t ended = {0};
        if (waitid(P_PID, (id_t)child, &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_pid == child) return 1;
        ended = (siginfo_t){0};
        if (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_pid == 0) return 0;
        struct rusage usage = {0};
        if (ended.si_pid != child && wait4(ended.si_pid, NULL, WNOHANG, &usage) > 0) count(exit, &usage);
    }
}

// Whose child a process is, by the fourth word of its /proc/<pid>/stat; the second may hold anything but ends with
// the last bracket.
static pid_t parent_of(const char *digits) {
    char path[32] = "/proc/", text[512];
    size_t length = 6;
    while (*digits && length < sizeof path - 6) path[length++] = *digits++;
    for (const char *rest = "/stat"; *rest; rest++) path[length++] = *rest;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    size_t size = read_all(file, text, sizeof text);
    close(file);
    while (size > 0 && text[size - 1] != ')') size--;
    pid_t parent = 0;
    // ") S 123 ".
    for (size_t at = size + 3; size > 0 && at < sizeof text && text[at] >= '0' && text[at] <= '9'; at++) {
        parent = parent * 10 + (text[at] - '0');
    }
    return parent;
}

// Kills all children of ours. Without /proc nothing is found, and who left the child's group lives on.
static void kill_children(void) {
    struct entry {
        uint64_t inode;
        int64_t offset;
        unsigned short length;
        unsigned char type;
        char name[];
    };
    _Alignas(struct entry) char buffer[4096];
    int directory = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return;
    pid_t self = getpid();
    long size;
    while ((size = syscall(SYS_getdents64, directory, buffer, sizeof buffer)) > 0) {
        for (long at = 0; at < size;) {
            const struct entry *found = (const struct entry *)(buffer + at);
            at += found->length;
            if (found->name[0] < '1' || found->name[0] > '9' || parent_of(found->name) != self) continue;
            pid_t orphan = 0;
            for (const char *digit = found->name; *digit; digit++) orphan = orphan * 10 + (*digit - '0');
            kill(orphan, SIGKILL);
        }
    }
    close(directory);
}

// Ends what the child left behind, in whatever group or session: all of it has become ours, or does when what is
// between ends. Gives up after a second: a process that the kernel cannot end must not keep us.
static void end_orphans(struct relay_exit *exit) {
    sigset_t ended;
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    for (int64_t limit = milliseconds_now() + 1000;;) {
        struct rusage usage = {0};
        pid_t orphan = wait4(-1, NULL, WNOHANG, &usage);
        if (orphan > 0) {
            count(exit, &usage);
            continue;
        }
        if (orphan < 0 || milliseconds_now() >= limit) return;
        kill_children();
        struct timespec pause = {.tv_nsec = 10 * 1000000};
        sigtimedwait(&ended, NULL, &pause);
    }
}

// Forwards signals until the child is a zombie. It stays one, so its id stays its own.
static void watch(pid_t child, pid_t parent, struct relay_exit *exit) {
    sigset_t awaited;
    sigfillset(&awaited);
    int64_t kill_at = -1;
    for (;;) {
        if (collect_orphans(child, exit)) return;
        if (getppid() != parent) kill(-child, SIGKILL);

        struct timespec timeout, *limit = NULL;
        if (kill_at >= 0) {
            int64_t left = kill_at - milliseconds_now();
            if (left <= 0) {
                kill(-child, SIGKILL);
                kill_at = -1;
            } else {
                timeout = (struct timespec){.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
                limit = &timeout;
            }
        }
        siginfo_t received = {0};
        int number = sigtimedwait(&awaited, &received, limit);
        if (number == ORDER_SIGNAL) {
            int order = received.si_value.sival_int;
            int grace = (int)((unsigned)order >> 8 & 0x3FFFFF) - 1;
            kill(order & 0x80 ? -child : child, order & 0x7F);
            if (grace >= 0) kill_at = milliseconds_now() + grace;
        } else if (number == SIGTERM && getppid() == parent) {
            kill(-child, SIGTERM);
        }
    }
}

static _Noreturn void guard(
    const struct relay_spawn_request *request, const struct relay_identity *identity, int report, pid_t parent
) {
    setpgid(0, 0);
    prctl(PR_SET_NAME, "relay-guardian");
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (getppid() != parent) _exit(127);
    struct sigaction normal = {.sa_handler = SIG_DFL};
    sigaction(SIGCHLD, &normal, NULL);

    int exec_report[2];
    if (pipe2(exec_report, O_CLOEXEC) != 0) give_up(report, RELAY_SPAWN_PROCESS, errno);
    pid_t guardian = getpid();
    pid_t child = fork();
    if (child < 0) give_up(report, RELAY_SPAWN_PROCESS, errno);
    if (child == 0) become_program(request, identity, exec_report[1], guardian);
    setpgid(child, child);
    close(exec_report[1]);

    struct start_report message = {0};
    if (read_all(exec_report[0], &message, sizeof message) == sizeof message) {
        waitpid(child, NULL, 0);
        give_up(report, message.step, message.error);
    }
    close_all_but(report);
    message = (struct start_report){.child = child};
    write_all(report, &message, sizeof message);

    struct relay_exit exit = {0};
    watch(child, parent, &exit);
    kill(-child, SIGKILL);
    struct rusage usage = {0};
    int status = 0;
    if (wait4(child, &status, 0, &usage) == child) {
        exit.status = status;
        count(&exit, &usage);
        end_orphans(&exit);
        write_all(report, &exit, sizeof exit);
    }
    _exit(0);
}

int relay_spawn(const struct relay_spawn_request *request, struct relay_spawn_result *result) {
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0) {
        *result = (struct relay_spawn_result){.report = -1, .step = RELAY_SPAWN_DESCRIPTORS, .error = errno};
        return -1;
    }
    struct relay_identity identity;
    relay_own_identity(&identity);
    // No handler of this process may run in the guardian or before the child's exec.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid();
    pid_t guardian = fork();
    int fork_error = errno;
    if (guardian == 0) guard(request, &identity, report[1], parent);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(report[1]);

    struct start_report message = {.step = RELAY_SPAWN_PROCESS, .error = fork_error};
    if (guardian > 0 && read_all(report[0], &message, sizeof message) != sizeof message) {
        message = (struct start_report){.step = RELAY_SPAWN_PROCESS, .error = ECHILD};
    }
    if (message.step != 0) {
        close(report[0]);
        if (guardian > 0) relay_reap(guardian);
        *result = (struct relay_spawn_result){.report = -1, .step = message.step, .error = message.error};
        return -1;
    }
    *result = (struct relay_spawn_result){.guardian = guardian, .child = message.child, .report = report[0]};
    return 0;
}

int relay_signal(pid_t guardian, int signal, int whole_group, int grace_milliseconds) {
    if (grace_milliseconds > RELAY_MAXIMUM_GRACE_MILLISECONDS) grace_milliseconds = RELAY_MAXIMUM_GRACE_MILLISECONDS;
    int grace = grace_milliseconds < 0 ? 0 : grace_milliseconds + 1;
    union sigval order = {.sival_int = (signal & 0x7F) | (whole_group ? 0x80 : 0) | (int)((unsigned)grace << 8)};
    return sigqueue(guardian, ORDER_SIGNAL, order) == 0 ? 0 : errno;
}

int relay_read_exit(int report, struct relay_exit *exit) {
    return read_all(report, exit, sizeof *exit) == sizeof *exit;
}

void relay_reap(pid_t guardian) {
    while (waitpid(guardian, NULL, 0) < 0 && errno == EINTR) {}
}

int relay_exited(int32_t status, int32_t *value) {
    if (WIFEXITED(status)) {
        *value = WEXITSTATUS(status);
        return 1;
    }
    *value = WTERMSIG(status);
    return 0;
}

int relay_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC);
}

void relay_own_usage(struct rusage *usage) {
    getrusage(RUSAGE_SELF, usage);
}
