"""Whom PostgreSQL runs as: never root. `embedded.py` asks; as root it gets a uid that no account has."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from leadline.errors import SettingError
from leadline.model import Struct

SPARE = 65_530  # unused by distributions and by systemd; without an account nobody can sign in as it
PLAIN = "nobody"  # initdb wants an account with a name; where it runs, only group SPARE may enter


class Account(Struct, frozen=True):
    """The user and group of the server's processes and files."""

    uid: int
    gid: int

    def owns(self, *paths: Path) -> None:
        """As root, give files and folders to this account; links are not followed."""
        if os.geteuid() == 0:
            for path in paths:
                os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def owns_all(self, folder: Path) -> None:
        """Give a folder with everything in it to this account."""
        self.owns(folder)
        for place, folders, files in os.walk(folder):
            self.owns(*(Path(place) / name for name in (*folders, *files)))

    def may_enter(self, folder: Path) -> bool:
        """Whether its processes get into an existing folder, all the way from the root."""
        return all(self._passes(step.stat()) for step in (folder, *folder.parents))

    def _passes(self, found: os.stat_result) -> bool:
        if os.geteuid() != 0 or self.uid == 0:
            return True  # the kernel says so when the folder is used
        bit = 0o100 if found.st_uid == self.uid else 0o010 if found.st_gid == self.gid else 0o001
        return bool(found.st_mode & bit)


def account_of(folder: Path) -> Account:
    """The user who runs an existing data folder's server: this one; for root the folder's owner, or a uid of nobody's.

    Raises SettingError where that uid belongs to somebody.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    owner = folder.stat()
    if owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    try:
        taken = pwd.getpwuid(SPARE).pw_name
    except KeyError:
        return Account(SPARE, SPARE)
    raise SettingError(
        f"PostgreSQL never runs as root, and its uid {SPARE} belongs to {taken} here. "
        f"Run Leadline as a user of its own, or give it the folder: chown that-user {folder}"
    )


def named_account(account: Account) -> Account:
    """The account for programs that look up their own name: the same, or as root a plain one in the same group."""
    known = {entry.pw_uid for entry in pwd.getpwall()}
    plain = [entry.pw_uid for entry in pwd.getpwall() if entry.pw_name == PLAIN]
    if account.uid in known or os.geteuid() != 0 or not plain:
        return account
    return Account(plain[0], account.gid)
