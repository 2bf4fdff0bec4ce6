"""What systemd needs to run Leadline: the service, closed to everything it does not need, its user, folders, backups.

`init.py` writes these files; nothing here touches the machine.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

UNITS = Path("/etc/systemd/system")


class Program(NamedTuple):
    """Where Leadline is installed, keeps its files, and reads its settings."""

    prefix: str
    data_dir: Path
    settings: Path

    @property
    def command(self) -> str:
        """The `leadline` command."""
        return f"{self.prefix}/bin/leadline"


# Both units run in the same fence. The embedded PostgreSQL runs inside it, too.
FENCE = """User=leadline
Group=leadline
UMask=0077
WorkingDirectory={data_dir}
Environment=LEADLINE_CONFIG={settings}
NoNewPrivileges=true
ProtectSystem=strict
ProtectHome=true
ReadWritePaths={data_dir}
PrivateTmp=true
PrivateDevices=true
ProtectClock=true
ProtectHostname=true
ProtectKernelTunables=true
ProtectKernelModules=true
ProtectKernelLogs=true
ProtectControlGroups=true
ProtectProc=invisible
RestrictNamespaces=true
RestrictRealtime=true
RestrictSUIDSGID=true
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
LockPersonality=true
RemoveIPC=false
CapabilityBoundingSet=
AmbientCapabilities=
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM
"""

SERVICE = """# Written by `leadline init --system`. Changes of your own: systemctl edit leadline
[Unit]
Description=Leadline, the bridge between messaging channels and Intercom
Wants=network-online.target
After=network-online.target postgresql.service
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=all
ExecStart={command} serve
Restart=always
RestartSec=5
# The first start of a new version may have to change large tables.
TimeoutStartSec=30min
TimeoutStopSec=60
WatchdogSec=120
# Leadline stops its PostgreSQL itself, after its own work.
KillMode=mixed
LimitNOFILE=65536
MemoryMax=2G
TasksMax=1024
{fence}
[Install]
WantedBy=multi-user.target
"""

BACKUP = """# Written by `leadline init --system`. Changes of your own: systemctl edit leadline-backup
[Unit]
Description=Backup of Leadline's database
# The embedded PostgreSQL belongs to the service: without it there is none to back up.
Requisite=leadline.service
After=leadline.service

[Service]
Type=oneshot
ExecStart={command} backup --to {data_dir}/backups --keep 14
Nice=10
IOSchedulingClass=idle
MemoryMax=1G
{fence}"""

TIMER = """# Written by `leadline init --system`. Changes of your own: systemctl edit leadline-backup.timer
[Unit]
Description=Daily backup of Leadline's database

[Timer]
OnCalendar=*-*-* 02:30:00
RandomizedDelaySec=30min
Persistent=true

[Install]
WantedBy=timers.target
"""

SYSUSERS = 'u leadline - "Leadline" {data_dir}\n'

TMPFILES = """d {folder} 0755 root root -
z {settings} 0600 leadline leadline -
d {data_dir} 0700 leadline leadline -
d {data_dir}/backups 0700 leadline leadline -
"""


def files_of(program: Program) -> dict[Path, str]:
    """The files by their absolute paths."""
    values = {
        "command": program.command,
        "data_dir": program.data_dir,
        "settings": program.settings,
        "folder": program.settings.parent,
    }
    values["fence"] = FENCE.format(**values)
    return {
        UNITS / "leadline.service": SERVICE.format(**values),
        UNITS / "leadline-backup.service": BACKUP.format(**values),
        UNITS / "leadline-backup.timer": TIMER.format(**values),
        Path("/etc/sysusers.d/leadline.conf"): SYSUSERS.format(**values),
        Path("/etc/tmpfiles.d/leadline.conf"): TMPFILES.format(**values),
    }
