"""A clock that a test can step in processes that run: all of them tell the same wrong time until it is set right.

A library of a few lines, loaded before all others, adds an offset to the time of day; how long something lasts stays
true, as on a machine whose clock is set. (libfaketime 0.9.10 cannot do that under Python 3.11, whose sleep it breaks.)
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

static const volatile long *offset;

__attribute__((constructor)) static void look(void) {
    int file = open(getenv("STEPPED_CLOCK"), O_RDONLY);
    void *place = file < 0 ? MAP_FAILED : mmap(0, sizeof(long), PROT_READ, MAP_SHARED, file, 0);
    if (place != MAP_FAILED) offset = place;
}

static long step(void) { return offset ? *offset : 0; }

int clock_gettime(clockid_t id, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int answer = real(id, now);
    if (!answer && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) now->tv_sec += step();
    return answer;
}

int gettimeofday(struct timeval *now, void *zone) {
    struct timespec precise;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *place) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (place) *place = now.tv_sec;
    return now.tv_sec;
}

int sem_timedwait(sem_t *semaphore, const struct timespec *until) {
    static int (*real)(sem_t *, const struct timespec *);
    if (!real) real = (int (*)(sem_t *, const struct timespec *))dlsym(RTLD_NEXT, "sem_timedwait");
    struct timespec true_time = *until;
    true_time.tv_sec -= step();
    return real(semaphore, &true_time);
}
"""


class SteppedClock:
    """The clock of whoever runs in its environment.

    Attributes:
        environment: what makes a process use it.
    """

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            pytest.skip("no C compiler is installed: NO CLOCK WAS STEPPED")
        folder.mkdir()
        library, source, self._offset = folder / "clock.so", folder / "clock.c", folder / "offset"
        source.write_text(SOURCE, "utf-8")
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
        self._offset.write_bytes(struct.pack("@l", 0))
        self.environment = {"LD_PRELOAD": str(library), "STEPPED_CLOCK": str(self._offset)}

    def step(self, seconds: int) -> None:
        """Be so many seconds ahead of the true time, or behind it."""
        with self._offset.open("r+b") as file:
            file.write(struct.pack("@l", seconds))
