// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE

#include "View.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

void relay_own_identity(struct relay_identity *identity) {
    snprintf(identity->users, sizeof identity->users, "%u %u 1", (unsigned)geteuid(), (unsigned)geteuid());
    snprintf(identity->groups, sizeof identity->groups, "%u %u 1", (unsigned)getegid(), (unsigned)getegid());
}

static int tell(const char *path, const char *text) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t written = write(file, text, strlen(text));
    int error = errno;
    close(file);
    errno = error;
    return written == (ssize_t)strlen(text) ? 0 : -1;
}

static int take_namespace(const struct relay_identity *identity) {
    if (unshare(CLONE_NEWNS) == 0) return 0;
    if (errno != EPERM) return -1;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return -1;
    // The kernel lets nobody choose groups in it who could then be rid of one.
    if (tell("/proc/self/setgroups", "deny") != 0) return -1;
    if (tell("/proc/self/uid_map", identity->users) != 0) return -1;
    return tell("/proc/self/gid_map", identity->groups);
}

static int add(const struct relay_view_entry *entry) {
    switch (entry->kind) {
    case RELAY_VIEW_LINK: return symlink(entry->source, entry->target);
    case RELAY_VIEW_FILE: {
        int file = open(entry->target, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        if (file < 0) return -1;
        close(file);
        break;
    }
    default:
        if (mkdir(entry->target, 0755) != 0 && errno != EEXIST) return -1;
    }
    return entry->source ? mount(entry->source, entry->target, NULL, MS_BIND | MS_REC, NULL) : 0;
}

int relay_take_view(const struct relay_view *view, const struct relay_identity *identity) {
    if (take_namespace(identity) != 0) return -1;
    // Nothing that is mounted from here on is seen by anybody else.
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return -1;
    if (mount("relay", view->base, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m") != 0) return -1;
    for (int index = 0; index < view->count; index++) {
        if (add(&view->entries[index]) != 0) return -1;
    }
    // What is written directly below the root would be gone with this process, so it is refused.
    if (mount(NULL, view->base, NULL, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) != 0) return -1;
    // Both names are the same place: the old root comes to lie upon the new one, and is taken off.
    if (chdir(view->base) != 0 || syscall(SYS_pivot_root, ".", ".") != 0) return -1;
    if (umount2(".", MNT_DETACH) != 0) return -1;
    return chdir("/");
}
