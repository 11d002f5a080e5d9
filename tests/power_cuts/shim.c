/* Loaded before libc: notes every write, truncation, sync, rename and removal below RECORD_UNDER in
 * the file RECORD_TO, in their order, with their bytes. So a test can tell what a disk may still
 * hold after a power cut. While the file FAULT_FILE exists, whatever would write there fails with
 * the errno that is written in it. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum op { CREATE = 1, WRITE, TRUNCATE, SYNC, RENAME, UNLINK };
enum { FILES = 4096, PATHS = 4096 };

static char *path_of[FILES];
static const char *under, *fault;
static int trace = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void start(void) {
    under = getenv("RECORD_UNDER");
    fault = getenv("FAULT_FILE");
    const char *to = getenv("RECORD_TO");
    if (to) trace = REAL(open)(to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int ours(const char *path) { return path && under && !strncmp(path, under, strlen(under)); }

static const char *file(int fd) { return fd >= 0 && fd < FILES ? path_of[fd] : NULL; }

/* One record: op, length of the path, offset, length of the data; path; data. */
static void note(enum op op, const char *path, int64_t offset, const void *data, size_t length) {
    if (trace < 0) return;
    struct { uint32_t op, path; int64_t offset, length; } head = {op, strlen(path), offset, length};
    char *record = malloc(sizeof head + head.path + length);
    memcpy(record, &head, sizeof head);
    memcpy(record + sizeof head, path, head.path);
    if (length) memcpy(record + sizeof head + head.path, data, length);
    pthread_mutex_lock(&lock);
    if (REAL(write)(trace, record, sizeof head + head.path + length) < 0) abort();
    pthread_mutex_unlock(&lock);
    free(record);
}

static int failing(const char *path) {
    if (!fault || !path) return 0;
    int fd = REAL(open)(fault, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    char text[16] = {0};
    if (read(fd, text, sizeof text - 1) < 0) text[0] = 0;
    REAL(close)(fd);
    errno = atoi(text);
    return 1;
}

static int opened(int (*real)(const char *, int, ...), const char *path, int flags, mode_t mode) {
    char absolute[PATHS];
    if (path && path[0] != '/' && getcwd(absolute, sizeof absolute - strlen(path) - 2)) {
        strcat(strcat(absolute, "/"), path);
        path = absolute;
    }
    struct stat before;
    int fresh = ours(path) && (flags & O_CREAT) && stat(path, &before) != 0;
    if (ours(path) && (fresh || (flags & O_TRUNC)) && failing(path)) return -1;
    int fd = real(path, flags, mode);
    if (fd >= 0 && fd < FILES && ours(path)) {
        free(path_of[fd]);
        path_of[fd] = strdup(path);
        if (fresh) note(CREATE, path, 0, NULL, 0);
        else if (flags & O_TRUNC) note(TRUNCATE, path, 0, NULL, 0);
    }
    return fd;
}

#define OPEN(name)                                         \
    int name(const char *path, int flags, ...) {           \
        va_list rest;                                      \
        va_start(rest, flags);                             \
        mode_t mode = va_arg(rest, mode_t);                \
        va_end(rest);                                      \
        return opened(REAL(name), path, flags, mode);      \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name, real)                                                  \
    int name(int folder, const char *path, int flags, ...) {                \
        va_list rest;                                                       \
        va_start(rest, flags);                                              \
        mode_t mode = va_arg(rest, mode_t);                                 \
        va_end(rest);                                                       \
        if (folder != AT_FDCWD && path[0] != '/')                           \
            return REAL(name)(folder, path, flags, mode);                   \
        return opened(REAL(real), path, flags, mode);                       \
    }
OPENAT(openat, open)
OPENAT(openat64, open64)

int close(int fd) {
    if (file(fd)) {
        free(path_of[fd]);
        path_of[fd] = NULL;
    }
    return REAL(close)(fd);
}

static ssize_t placed(int fd, const void *data, size_t length, off_t at) {
    const char *path = file(fd);
    if (failing(path)) return -1;
    ssize_t done = REAL(pwrite)(fd, data, length, at);
    if (path && done > 0) note(WRITE, path, at, data, done);
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t at) { return placed(fd, data, length, at); }
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at) { return placed(fd, data, length, at); }

ssize_t write(int fd, const void *data, size_t length) {
    const char *path = file(fd);
    if (!path) return REAL(write)(fd, data, length);
    if (failing(path)) return -1;
    ssize_t done = REAL(write)(fd, data, length);
    if (done > 0) note(WRITE, path, lseek(fd, 0, SEEK_CUR) - done, data, done);
    return done;
}

static int cut(int fd, off_t length) {
    const char *path = file(fd);
    if (failing(path)) return -1;
    int code = REAL(ftruncate)(fd, length);
    if (path && !code) note(TRUNCATE, path, length, NULL, 0);
    return code;
}

int ftruncate(int fd, off_t length) { return cut(fd, length); }
int ftruncate64(int fd, off64_t length) { return cut(fd, length); }

#define SYNCING(name)                                      \
    int name(int fd) {                                     \
        const char *path = file(fd);                       \
        if (failing(path)) return -1;                      \
        int code = REAL(name)(fd);                         \
        if (path && !code) note(SYNC, path, 0, NULL, 0);   \
        return code;                                       \
    }
SYNCING(fsync)
SYNCING(fdatasync)

int rename(const char *from, const char *to) {
    if (ours(from) && failing(from)) return -1;
    int code = REAL(rename)(from, to);
    if (ours(from) && !code) note(RENAME, from, 0, to, strlen(to));
    return code;
}

int unlink(const char *path) {
    if (ours(path) && failing(path)) return -1;
    int code = REAL(unlink)(path);
    if (ours(path) && !code) note(UNLINK, path, 0, NULL, 0);
    return code;
}
