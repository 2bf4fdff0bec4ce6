"""What needs a person is found and told: by mail, to Slack, to a webhook, once, and again when it is over.

One worker of an installation looks; the console's page adds who is told.
"""

from leadline.alerts.rounds import Alerts
from leadline.alerts.targets import KINDS, WAYS, NewTarget, Target, Targets
from leadline.alerts.telling import Telling
from leadline.alerts.troubles import Troubles

__all__ = ["KINDS", "WAYS", "Alerts", "NewTarget", "Target", "Targets", "Telling", "Troubles"]
