"""The workers of other machines, reached through dask.distributed.

The only module that knows of it. What is sent is small: names of files that workers see under
the same path. A worker that dies loses nothing, because the scheduler gives what it had to
others, results that nobody had fetched included.
"""

import contextlib
import pickle
import socket
import threading
import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from functools import partial
from typing import Any, Final, NamedTuple

import distributed

from geoapp.errors import ClusterError
from geoapp.overlay.elsewhere import engine
from geoapp.overlay.workers import Item, Result

# Results wait on the workers until their turn comes; this many tasks a core are under way.
_UNDER_WAY: Final = 4


class Cluster:
    """A scheduler and its workers; connected when there is work.

    Attributes:
        address: Of the scheduler.
        done: How many tasks each worker has done.
    """

    def __init__(self, address: str, *, connect_s: float = 5.0, patience_s: float = 20.0) -> None:
        """Remember where the scheduler is.

        Args:
            address: ``tcp://host:port``, or ``tls://`` with the keys of dask's configuration.
            connect_s: How long to wait for the scheduler.
            patience_s: How long to wait for a first worker, or for one to come back.
        """
        self.address = address
        self.done: Counter[str] = Counter()
        self._connect_s = connect_s
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._client: distributed.Client | None = None

    def run(self, work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
        """Give the result of each item, in order; a single one is not worth sending.

        Raises:
            ClusterError: The scheduler or the workers cannot be used.
        """
        if len(items) < 2:
            yield from map(work, items)
            return
        client = self._connect()
        most = _UNDER_WAY * max(2, self._require_workers(client))
        how = pickle.dumps(work)
        waiting: deque[distributed.Future] = deque()
        try:
            for item in items:
                task = pickle.dumps(_Task(engine(), how, pickle.dumps(item)))
                waiting.append(self._submit(client, task))
                if len(waiting) > most:
                    yield self._take(client, waiting)
            while waiting:
                yield self._take(client, waiting)
        finally:
            with contextlib.suppress(Exception):  # the scheduler may be gone
                client.cancel(list(waiting), force=True)

    def close(self) -> None:
        """Let go of the scheduler."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def _connect(self) -> distributed.Client:
        with self._lock:
            if self._client is not None and self._client.status != "running":
                self._client.close()
                self._client = None
            if self._client is None:
                try:
                    self._client = open_client(self.address, self._connect_s)
                except (OSError, TypeError, ValueError, AssertionError) as error:  # its loop, too
                    raise ClusterError(
                        "cluster-unreachable",
                        address=self.address,
                        reason=str(error) or type(error).__name__,
                    ) from error
            return self._client

    def _require_workers(self, client: distributed.Client) -> int:
        """Give the number of cores, once there is a worker."""
        try:
            client.wait_for_workers(1, timeout=self._patience_s)
            return sum(client.nthreads().values())
        except TimeoutError as error:
            seconds = f"{self._patience_s:.0f}"
            raise ClusterError(
                "cluster-without-workers", address=self.address, seconds=seconds
            ) from error
        except (OSError, CancelledError) as error:
            raise ClusterError("cluster-lost", address=self.address) from error

    def _submit(self, client: distributed.Client, task: bytes) -> distributed.Future:
        try:
            return client.submit(pickle.loads, task, key=f"geoapp-{uuid.uuid4()}", pure=False)
        except distributed.client.ClosedClientError as error:
            raise ClusterError("cluster-lost", address=self.address) from error

    def _take(self, client: distributed.Client, waiting: deque[distributed.Future]) -> Any:
        """Wait for the first future as long as there are workers."""
        future = waiting[0]
        while True:
            try:
                with self._worded(future):
                    worker, result = future.result(timeout=self._patience_s)
            except TimeoutError:
                if future.status == "error" and isinstance(future.exception(), TimeoutError):
                    raise  # by the work itself
                self._require_workers(client)
            else:
                waiting.popleft()
                with self._lock:
                    self.done[worker] += 1
                return result

    @contextlib.contextmanager
    def _worded(self, future: distributed.Future) -> Iterator[None]:
        """Name what went wrong with machines; what the work itself raised is left alone."""
        try:
            yield
        except TimeoutError:
            raise
        except (OSError, CancelledError) as error:
            if future.status == "error":
                raise
            raise ClusterError("cluster-lost", address=self.address) from error
        except distributed.KilledWorker as error:
            worker = error.last_worker.address
            raise ClusterError("cluster-worker-killed", worker=worker) from error
        except (ImportError, AttributeError) as error:
            if isinstance(error, AttributeError) and carry_out.__name__ not in str(error):
                raise
            raise ClusterError("cluster-without-us", reason=str(error)) from error


def open_client(address: str, timeout_s: float) -> distributed.Client:
    """Reach a scheduler.

    Raises:
        OSError, TypeError, ValueError, AssertionError: There is none, or this is no address.
    """
    reach = partial(distributed.Client, address, timeout=timeout_s, set_as_default=False)
    try:
        return reach()
    except AssertionError:  # dask gives the thread of its loop 10 s to start, and names no reason
        return reach()


class _Task(NamedTuple):
    """What becomes a result when it is unpickled.

    So dask has only ``pickle.loads`` and bytes to handle: neither does the scheduler need
    this program, nor does a worker that lacks it die of what it cannot load.
    """

    wanted: str
    work: bytes
    item: bytes

    def __reduce__(self) -> tuple[object, ...]:
        return carry_out, tuple(self)


def carry_out(wanted: str, work: bytes, item: bytes) -> tuple[str, Any]:
    """Do one piece of work, on a worker.

    Args:
        wanted: The engine of whoever asks. It is compared before anything is unpickled.
        work: Pickled function.
        item: Pickled argument.

    Returns:
        Address of the worker, and the result.

    Raises:
        ClusterError: The engine here is another, or cannot read a file.
    """
    if engine() != wanted:
        raise ClusterError(
            "cluster-other-version", worker=socket.gethostname(), found=engine(), wanted=wanted
        )
    done = pickle.loads(work)(pickle.loads(item))  # noqa: S301  dask itself unpickles what arrives
    return distributed.get_worker().address, done
