"""A web application, served on its socket until a signal or its caller ends it."""

from __future__ import annotations

import asyncio
import errno
import gc
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import uvicorn
from starlette.types import ASGIApp

from leadline.errors import SettingError
from leadline.serving.patience import Config, Limits, end_slow
from leadline.serving.supervised import supervised

KEEP_ALIVE = 75  # seconds; proxies (nginx, ALB) keep theirs for 60, and what is sent into a closing connection is lost
PATIENT = Limits()
CLOSING = 100  # looks, a hundredth of a second apart, until connections that close are closed


def bind(
    host: str, port: int, *, or_any: bool = False, shared: bool = False, setting: str = "LEADLINE_PORT"
) -> socket.socket:
    """A socket to listen on, on any free port when `or_any` and the wanted one is taken; raises SettingError.

    shared: other processes of this user may bind the same port; the system spreads connections over who listens.
    setting: what says which port it is.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's delay off only for sockets that name their protocol: 45 ms an answer otherwise.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if or_any:
            return bind(host, 0)
        raise SettingError(f"Leadline cannot listen on {host}:{port}: {_why(error, host, setting)}") from error
    return listener


def _why(error: OSError, host: str, setting: str) -> str:
    """What stands in the way, and what to do about it."""
    if error.errno == errno.EADDRINUSE:
        return f"another program uses this port. Stop that one, or set another {setting}."
    if error.errno == errno.EACCES:
        return f"the system lets only root use this port. Set {setting} to 1024 or more."
    return f"{host} is no address of this machine ({error.strerror}). Set LEADLINE_HOST to 127.0.0.1 or 0.0.0.0."


def address(listener: socket.socket) -> str:
    """The web address of a bound socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Background(uvicorn.Server):
    """A server among others in one loop: signals are the business of `until_stopped`."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        self.should_exit = True
        self._stopping.set()

    async def main_loop(self) -> None:
        """Once a second the Date header; uvicorn's own loop looks ten times a second, and stops that much later."""
        while not await self.on_tick(0):
            end_slow(self)
            with suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """uvicorn 0.54 raises at a websocket that is closing by itself, and then stops nothing: those go first."""
        for look in range(CLOSING):
            closing = [each for each in self.server_state.connections if each.transport.is_closing()]
            if not closing:
                break
            if look == CLOSING - 1:
                for each in closing:
                    each.transport.abort()
            await asyncio.sleep(0.01)
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(
    app: ASGIApp, listener: socket.socket, *, own_date: bool = False, limits: Limits = PATIENT
) -> AsyncIterator[str]:
    """Serve in the background of this event loop for as long as the block lasts; yields the address.

    own_date: the application sends Date headers of a clock of its own.
    """
    # No access log: the paths in it would carry channel keys.
    running = _Background(
        Config(
            app,
            limits=limits.of_this_process(),
            lifespan="on",
            log_level="warning",
            access_log=False,
            server_header=False,
            date_header=not own_date,
            timeout_graceful_shutdown=5,
            timeout_keep_alive=KEEP_ALIVE,
        )
    )
    task = asyncio.create_task(running.serve(sockets=[listener]))
    try:
        while not running.started:
            if task.done():
                await task
                raise SettingError("The server stopped while it started; see the log")
            await asyncio.sleep(0.01)
        yield address(listener)
    finally:
        running.stop()
        await task
        listener.close()


def run(main: Coroutine[None, None, None]) -> None:
    """Run a long-lived process on uvloop until it ends or Ctrl-C. Its garbage collector lets alone what stays anyway.

    Without that, a collection walks through every imported module: pauses of a tenth of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(main)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it exists, which is everywhere but on Windows."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def until_stopped() -> None:
    """Wait for Ctrl-C or a termination signal."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with supervised():
        await stopped.wait()
