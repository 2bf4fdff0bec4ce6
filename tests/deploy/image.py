"""Builds deploy/Containerfile where no engine runs: does each of its instructions in a copy of a bare root file system.

And runs what it built as an engine would: as its user, on a root that nobody can write, with a volume and a /tmp.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from tests.deploy.installed import Installed

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # what engines begin with
OPTIONS = re.compile(r"--(\w[\w-]*)=(\S+)\s+")


class Stage:
    """One stage as far as it is built: its root, and what its instructions say of what runs there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environ = {"PATH": PATH}
        self.folder = Path("/")
        self.user = "0:0"
        self.volumes: list[str] = []
        self.entry: list[str] = []
        self.command: list[str] = []
        self.health: list[str] = []

    def inside(self, path: str) -> Path:
        """Where a path of the stage is on this machine."""
        return self.root / (self.folder / path).relative_to("/")


class Builder:
    """Reads a Containerfile and does what it says. base: the root that every FROM of another image stands for.

    environ: what a build is given beside ENV, such as where packages come from. Raises ValueError for an instruction
    that it does not know.
    """

    def __init__(self, base: Path, context: Path, into: Path, environ: Mapping[str, str]) -> None:
        self._base = base
        self._context = context
        self._into = into
        self._environ = dict(environ)
        self._arguments: dict[str, str] = {}
        self._named: dict[str, Stage] = {}
        self._stage = Stage(into)
        self._works: dict[str, Callable[[str], None]] = {
            "ARG": self._arg,
            "FROM": self._from,
            "ENV": self._env,
            "WORKDIR": self._workdir,
            "COPY": self._copy,
            "RUN": self._run,
            "USER": lambda rest: setattr(self._stage, "user", rest),
            "VOLUME": lambda rest: self._stage.volumes.append(rest),
            "ENTRYPOINT": lambda rest: setattr(self._stage, "entry", json.loads(rest)),
            "CMD": lambda rest: setattr(self._stage, "command", json.loads(rest)),
            "HEALTHCHECK": lambda rest: setattr(self._stage, "health", json.loads(rest.partition(" CMD ")[2])),
            "EXPOSE": lambda rest: None,
            "STOPSIGNAL": lambda rest: None,
        }

    def build(self, file: Path) -> Stage:
        """The last stage of a Containerfile, built."""
        for line in instructions(file.read_text("utf-8")):
            name, _, rest = line.partition(" ")
            if name not in self._works:
                raise ValueError(f"{name} is an instruction that this builder does not know")
            self._works[name](rest.strip())
        return self._stage

    def _arg(self, rest: str) -> None:
        name, _, value = rest.partition("=")
        self._arguments[name] = value

    def _from(self, rest: str) -> None:
        image, _, name = rest.partition(" AS ")
        root = self._into / (name or "image")
        source = self._named[image].root if image in self._named else self._base
        subprocess.run(["cp", "--archive", "--reflink=auto", source, root], check=True)
        self._stage = Stage(root)
        self._named[name or "image"] = self._stage

    def _env(self, rest: str) -> None:
        for name, value in re.findall(r"(\w+)=(\S+)", rest):
            self._stage.environ[name] = value.replace("$PATH", self._stage.environ["PATH"])

    def _workdir(self, rest: str) -> None:
        self._stage.folder = Path(rest)
        self._stage.inside(".").mkdir(parents=True, exist_ok=True)

    def _copy(self, rest: str) -> None:
        options = dict(OPTIONS.findall(rest))
        *sources, target = OPTIONS.sub("", rest).split()
        base = self._named[options["from"]].root if "from" in options else self._context
        place = self._stage.inside(target)
        for source in sources:
            found = base / source.removeprefix("/")
            if found.is_dir():
                shutil.copytree(found, place, symlinks=True, dirs_exist_ok=True, ignore=_UNWANTED)
            else:
                shutil.copy(found, place)

    def _run(self, rest: str) -> None:
        stage = self._stage
        with mounted(stage.root):
            done = subprocess.run(
                ["chroot", stage.root, "sh", "-euc", f"cd {stage.folder}\n{rest}"],
                env=self._environ | stage.environ,
                capture_output=True,
                text=True,
                check=False,
            )
        assert done.returncode == 0, f"RUN {rest}\n{done.stdout}{done.stderr}"


_UNWANTED = shutil.ignore_patterns("__pycache__")


def instructions(text: str) -> Iterator[str]:
    """Each instruction of a Containerfile as one line, without comments."""
    joined = re.sub(r"\s*\\\n\s*", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    yield from filter(None, joined.splitlines())


@contextmanager
def mounted(root: Path) -> Iterator[None]:
    """What a running machine has: processes and shared memory."""
    with ExitStack() as stack:
        for kind, folder in (("proc", root / "proc"), ("tmpfs", root / "dev/shm")):
            folder.mkdir(exist_ok=True)
            _mount(stack, folder, "-t", kind, kind)
        yield


@contextmanager
def started(image: Stage, volume: Path) -> Iterator[Callable[..., Installed]]:
    """The image's root, mounted so that nobody can write it, with a volume and a /tmp.

    Yields how to make its command with more variables.
    """
    [inside] = image.volumes
    with ExitStack() as stack:
        _mount(stack, image.root, "--bind", str(image.root))
        subprocess.run(["mount", "-o", "remount,bind,ro", image.root], check=True)
        stack.enter_context(mounted(image.root))
        _mount(stack, image.root / "tmp", "-t", "tmpfs", "tmpfs")
        _mount(stack, image.root / inside.removeprefix("/"), "--bind", str(volume))
        [program] = image.entry
        prefix = ["chroot", f"--userspec={image.user}", "--groups=", str(image.root)]

        def container(**variables: str) -> Installed:
            return Installed(program, {**image.environ, **variables}, Path("/"), prefix)

        yield container


def _mount(stack: ExitStack, folder: Path, *how: str) -> None:
    subprocess.run(["mount", *how, folder], check=True)
    stack.callback(partial(subprocess.run, ["umount", "--lazy", str(folder)], check=True))
