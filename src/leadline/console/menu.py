"""The table of the console's pages, in the order of the menu. A new page is one line here."""

from __future__ import annotations

from leadline.console.alerts import ALERTS
from leadline.console.api_keys import API_KEYS
from leadline.console.audit import AUDIT
from leadline.console.channels import CHANNEL, CHANNELS, NEW_CHANNEL
from leadline.console.doubts import DOUBTS
from leadline.console.duplicates import BATCH, BATCHES, DUPLICATES, GROUP
from leadline.console.messages import MESSAGE, MESSAGES
from leadline.console.people import MERGE, MOVE, PEOPLE, PERSON, TEMPLATE
from leadline.console.replies import REPLIES
from leadline.console.settings import SETTINGS
from leadline.console.setup import SETUP
from leadline.console.shell import Page
from leadline.console.system import SYSTEM
from leadline.console.team import ACCOUNT, SIGN_IN, TEAM
from leadline.console.today import TODAY
from leadline.console.waiting import WAITING
from leadline.console.webhooks import WEBHOOK, WEBHOOKS

PAGES: tuple[Page, ...] = (
    SETUP,
    TODAY,
    MESSAGES,
    MESSAGE,
    REPLIES,
    DOUBTS,
    PEOPLE,
    PERSON,
    MOVE,
    MERGE,
    TEMPLATE,
    WAITING,
    DUPLICATES,
    BATCHES,
    BATCH,
    GROUP,
    CHANNELS,
    NEW_CHANNEL,
    CHANNEL,
    ALERTS,
    SETTINGS,
    API_KEYS,
    WEBHOOKS,
    WEBHOOK,
    SYSTEM,
    AUDIT,
    TEAM,
    SIGN_IN,
    ACCOUNT,
)
