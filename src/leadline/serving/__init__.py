"""Runs the web applications: one way for `serve`, the demo, the sandbox and the tests.

`servers.py` runs them; `patience.py` puts an end to what is slow, too large or too much; `on_demand.py` makes one when
it is wanted.
"""

from leadline.serving.on_demand import OnDemand
from leadline.serving.patience import Limits
from leadline.serving.servers import address, bind, run, serving, until_stopped

__all__ = ["Limits", "OnDemand", "address", "bind", "run", "serving", "until_stopped"]
