"""What is kept of people, for how long, and what a person may ask for. The worker, `leadline retention` and
`leadline person` work with it."""

from leadline.privacy.deletions import Deletions
from leadline.privacy.person import Persons
from leadline.privacy.retention import Retention

__all__ = ["Deletions", "Persons", "Retention"]
