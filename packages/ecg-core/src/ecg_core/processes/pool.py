"""Pools of fresh processes that take one call after another, and are watched while they work."""

from __future__ import annotations

import atexit
import multiprocessing
import pickle
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from multiprocessing.connection import wait
from typing import Any, Self
from weakref import WeakSet

import attrs

from ecg_core.processes.ahead import new_worker
from ecg_core.processes.child import MAIN_MODULE, WorkerDied, WorkerStopped, log_again
from ecg_core.processes.cores import threads_each
from ecg_core.processes.worker import SECONDS_TO_LEAVE, Reply, Start, Worker
from ecg_core.protocols import NO_LIMITS, Limits

SECONDS_BETWEEN_LOOKS = 0.02
"""How often workers under limits are looked at: memory is filled by some gigabytes a second, so by about 50 MB."""

SECONDS_BETWEEN_ROLL_CALLS = 1.0
"""How often all are asked whether they live. The end of a pipe tells it at once, but a process that a killed worker had
started itself may keep that open."""

LARGEST_SHARE_AT_REST = 0.5
"""A worker that still holds more of the memory it may take when a call is done is replaced, so that no call is blamed
for what those before it have left."""


@attrs.define(eq=False)
class Call:
    """Something that a worker is to do.

    Attributes:
        payload: the function and its argument, pickled.
        limits: what it may take.
        future: of its reply.
    """

    payload: bytes
    limits: Limits
    future: Future[Reply] = attrs.field(factory=Future)

    @property
    def needs_main(self) -> bool:
        """Whether something of it comes from the main module."""
        return MAIN_MODULE in self.payload


class WorkerPool:
    """A pool of processes, each a child as `ecg_core.processes.child` says; it lives as a context or until `shutdown`.

    Its processes are spawned, not forked: a fork of a process with threads (OpenCV, torch) can hang. They share the
    cores: unless ``OMP_NUM_THREADS`` is set, several are told to use `threads_each`, since twice as many threads as
    cores take longer than one after the other would. One that dies, or is killed for taking more than its call may,
    costs that call alone: another takes its place.

    Args:
        workers: number of processes; they are started as they are needed.
        prepare: called in each of them before its first work; it is pickled.
    """

    def __init__(self, workers: int, *, prepare: Callable[[], object] | None = None) -> None:
        self._size = workers
        self._num_threads = threads_each(workers) if workers > 1 else None
        self._prepare = None if prepare is None else pickle.dumps(prepare)
        self._waiting: deque[Call] = deque()
        self._at_work: dict[Worker, Call | None] = {}
        self._lock = threading.Lock()
        self._closed = self._killed = self._any_died = False
        self._doorbell, self._button = multiprocessing.Pipe(duplex=False)
        self._thread = threading.Thread(target=self._serve, name="worker pool", daemon=True)
        _pools.add(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_error: object) -> None:
        self.shutdown() if kind is None else self.kill()

    def ask(self, function: Callable[[Any], Any], argument: Any, *, limits: Limits = NO_LIMITS) -> Future[Reply]:
        """Have a worker call a function, to be followed by `answer`.

        Args:
            function: to be called.
            argument: of it; both are pickled.
            limits: what the call may take. Its time counts from where it says `ecg_core.processes.worker.begin_anew`.
        """
        call = Call(pickle.dumps((function, argument)), limits)
        with self._lock:
            if self._closed:
                raise RuntimeError("the pool is shut down")
            self._waiting.append(call)
            if not self._thread.is_alive():
                self._thread.start()
        self._ring()
        return call.future

    @property
    def is_broken(self) -> bool:
        """Whether one of its processes was killed."""
        return self._any_died

    def shutdown(self, *, cancel_futures: bool = False) -> None:
        """End the processes when what was asked of them is done, at once where this is interrupted meanwhile.

        Args:
            cancel_futures: do no more than what is under way.
        """
        with self._lock:
            self._closed = True
            dropped = list(self._waiting) if cancel_futures else []
            if cancel_futures:
                self._waiting.clear()
        _cancel(dropped)
        try:
            self._wait_for_the_end()
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """End the processes at once, whatever they are doing."""
        self._closed = self._killed = True
        self._wait_for_the_end()

    def _wait_for_the_end(self) -> None:
        if self._thread.is_alive():
            self._ring()
            self._thread.join()

    def _ring(self) -> None:
        self._button.send_bytes(b"")

    # What follows runs in the pool's thread: nobody else touches a worker.

    def _serve(self) -> None:
        try:
            while self._goes_on():
                self._look_after(wait([self._doorbell, *(each.connection for each in self._at_work)], self._pause_s()))
        finally:
            self._end_all()

    def _goes_on(self) -> bool:
        """Hand out calls; gives whether there is anything left to wait for."""
        with self._lock:
            if self._killed:
                return False
            while self._waiting and self._hand_out(self._waiting[0]):
                self._waiting.popleft()
            return not (self._closed and not self._waiting and not any(self._at_work.values()))

    def _hand_out(self, call: Call) -> bool:
        """Give a call to a worker; False where it has to wait for one."""
        try:
            worker = self._free(call)
        except Exception as error:  # noqa: BLE001 - the system starts no more processes
            call.future.set_exception(error)
            return True
        if worker is None:
            return False
        if call.future.set_running_or_notify_cancel():
            self._send(call, worker)
        return True

    def _free(self, call: Call) -> Worker | None:
        """A worker for a call: one that waits, else a new one; None while all are busy."""
        for worker in [worker for worker, under_way in self._at_work.items() if under_way is None]:
            if worker.with_main or not call.needs_main:
                return worker
            self._end(worker)
        if len(self._at_work) >= self._size:
            return None
        with_main = call.needs_main or (self._prepare is not None and MAIN_MODULE in self._prepare)
        worker = new_worker(Start(self._num_threads, self._prepare, with_main=with_main))
        self._at_work[worker] = None
        return worker

    def _send(self, call: Call, worker: Worker) -> None:
        self._at_work[worker] = call
        try:
            worker.send(call.payload)
        except OSError:
            self._lost(worker, WorkerDied(DIED))

    def _pause_s(self) -> float | None:
        under_way = [call for call in self._at_work.values() if call is not None]
        if any(call.limits != NO_LIMITS for call in under_way):
            return SECONDS_BETWEEN_LOOKS
        return SECONDS_BETWEEN_ROLL_CALLS if under_way else None

    def _look_after(self, ready: Iterable[Any]) -> None:
        """Take in what was sent, and end those that take more than they may, or are dead."""
        for connection in ready:
            if connection is self._doorbell:
                self._doorbell.recv_bytes()
            else:
                self._listen(next(each for each in self._at_work if each.connection is connection))
        for worker, call in list(self._at_work.items()):
            if call is not None and (excess := _excess(worker, call.limits)):
                self._lost(worker, WorkerStopped(excess))
        if not ready:
            for worker in [each for each in self._at_work if not each.is_alive()]:
                self._lost(worker, WorkerDied(DIED))

    def _listen(self, worker: Worker) -> None:
        try:
            message = worker.receive()
        except (EOFError, OSError):
            self._lost(worker, WorkerDied(DIED))
            return
        if message is None:
            return
        call, self._at_work[worker] = self._at_work[worker], None
        if call is None:
            return
        if worker.resident_bytes() > LARGEST_SHARE_AT_REST * (call.limits.memory_bytes or float("inf")):
            self._end(worker)
        try:
            reply = pickle.loads(message)
        except Exception as error:  # noqa: BLE001 - a stranger's value may raise anything when it is copied
            call.future.set_exception(error)
        else:
            call.future.set_result(reply)

    def _lost(self, worker: Worker, error: Exception) -> None:
        """Kill a worker, or see a dead one off, and say what became of its call."""
        self._any_died = True
        call = self._at_work[worker]
        self._end(worker)
        if call is not None:
            call.future.set_exception(error)

    def _end(self, worker: Worker) -> None:
        del self._at_work[worker]
        worker.kill()

    def _end_all(self) -> None:
        """Let those that are idle leave by themselves, and kill the others."""
        idle = [] if self._killed else [worker for worker, call in self._at_work.items() if call is None]
        for worker in idle:
            worker.dismiss()
        deadline = time.monotonic() + SECONDS_TO_LEAVE
        for worker in idle:
            worker.wait_for_end(max(0.0, deadline - time.monotonic()))
        for worker in list(self._at_work):
            self._lost(worker, WorkerDied(DIED))
        _cancel(self._waiting)


DIED = "a process was killed, or ended without a word; the system does so when memory runs out"


def _excess(worker: Worker, limits: Limits) -> str:
    """What a worker takes more of than it may, as a sentence; empty where all is well."""
    if limits.seconds and worker.begun_s is not None and time.monotonic() - worker.begun_s > limits.seconds:
        return f"stopped after {limits.seconds:g} s; --timeout (timeout_s) allows more"
    if limits.memory_bytes and worker.resident_bytes() > limits.memory_bytes:
        return f"stopped at {limits.memory_bytes / 1e9:g} GB of memory; --memory (memory_gb) allows more"
    return ""


_pools: WeakSet[WorkerPool] = WeakSet()
"""All that may have processes."""


@atexit.register
def _end_pools() -> None:
    """A pool that nobody shut down ends with the program, not the program's end with the pool."""
    for pool in list(_pools):
        pool.kill()


def _cancel(calls: Iterable[Call]) -> None:
    for call in calls:
        if call.future.cancel():
            call.future.set_running_or_notify_cancel()  # whoever waits for it is told


def answer(future: Future[Reply], *, if_died: str) -> Any:
    """Wait for a worker's reply, log here what it logged, and give what it returned.

    Args:
        future: from `WorkerPool.ask`.
        if_died: what to say where the worker was killed.

    Raises:
        WorkerDied: the worker was killed.
        WorkerStopped: it took more than it may.
        Exception: what the function raised, or that its value cannot be sent.
    """
    try:
        reply = future.result()
    except WorkerDied as error:
        raise WorkerDied(if_died) from error
    log_again(reply.log)
    if reply.error is not None:
        raise reply.error
    return reply.value
